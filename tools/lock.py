"""Write requirements.lock: every package that pyproject.toml's pins resolve to on this Python."""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
LOCK = REPO / "requirements.lock"
HEADER = "# Written by `make lock` from pyproject.toml; a constraints file for pip install -c.\n"


def resolved(requirement: str) -> dict[str, str]:
    """{name: version} of what pip would install into an empty environment."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "-qq",
            "--dry-run",
            "--ignore-installed",
        ]
        subprocess.run([*command, "--report", str(report), requirement], check=True, cwd=REPO)
        installs = json.loads(report.read_text())["install"]
    return {normal(one["metadata"]["name"]): one["metadata"]["version"] for one in installs}


def normal(name: str) -> str:
    """A package's name in the one spelling that all others are equal to."""
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> None:
    """Resolve all extras together and write the file."""
    pins = resolved(".[dev,mutation,stubs]")
    pins.pop("latchwork")
    LOCK.write_text(HEADER + "".join(f"{name}=={pins[name]}\n" for name in sorted(pins)))
    print(f"{LOCK.name}: {len(pins)} packages")


if __name__ == "__main__":
    main()
