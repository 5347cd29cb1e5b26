"""What our figures are compared with: micropython-lib's hmac and its sha256 in Python, from PyPI.

Fetched into build/, pinned by hash, run on the emulated board and never shipped.
"""

import io
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from lockerctl.errors import Exit, ToolError
from lockerctl.trusted import REPO, sha256_hex, verified

FOLDER = REPO / "build" / "vendor" / "peers"
_TIMEOUT_S = 120


@dataclass(frozen=True)
class Peer:
    """package: its pin; archive: sha256 of the sdist; member: the file in it."""

    package: str
    archive: str
    member: str


HMAC = Peer(
    "micropython-hmac==3.4.2.post3",
    "e0fb5bad648c8b5a5838e958ea74ad3cc50872264f98fccc0a0b124550c2af0b",
    "micropython-hmac-3.4.2.post3/hmac.py",
)
SHA256 = Peer(
    "micropython-hashlib==2.4.0.post5",
    "9139da0065478dcf9d6d8793cbd2a5a616375962e93231cf3d52e07cb6801c22",
    "micropython-hashlib-2.4.0.post5/hashlib/_sha256.py",
)


def ensure(peer: Peer) -> Path:
    """Its source file. ToolError: refused for a wrong digest, unfit when it cannot be fetched."""
    kept = FOLDER / f"{peer.package}.tar.gz"
    if not kept.is_file() or sha256_hex(kept.read_bytes()) != peer.archive:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(verified(_downloaded(peer.package), peer.archive, peer.package))
    source = FOLDER / Path(peer.member).name
    with tarfile.open(fileobj=io.BytesIO(kept.read_bytes())) as tar:
        member = tar.extractfile(peer.member)
        source.write_bytes(member.read() if member else b"")
    return source


def _downloaded(package: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "unearth", "--no-binary", "-d", folder, package]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S)
        archives = list(Path(folder).glob("*.tar.gz"))
        if done.returncode or len(archives) != 1:
            why = done.stderr.strip() or "no archive"
            raise ToolError(Exit.UNFIT, f"{package} cannot be fetched: {why}")
        return archives[0].read_bytes()
