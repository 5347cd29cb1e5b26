"""Where the vendored umqtt.simple lies, and how CPython can import it."""

import binascii
import os
import socket
import struct
import sys
from pathlib import Path

from lockerctl.trusted import REPO


def umqtt_folder() -> Path:
    """The folder that holds ``umqtt/simple.py``: $LATCHWORK_UMQTT, else build/vendor. Raises
    FileNotFoundError.
    """
    folder = Path(os.environ.get("LATCHWORK_UMQTT", REPO / "build" / "vendor"))
    if not (folder / "umqtt" / "simple.py").is_file():
        raise FileNotFoundError(
            f"no umqtt/simple.py in {folder}: run `make setup` or set LATCHWORK_UMQTT"
        )
    return folder


def use_umqtt() -> None:
    """Make ``import umqtt.simple`` work on CPython: 1.3.4 asks for MicroPython's old names of
    three modules.
    """
    for name, module in (("usocket", socket), ("ustruct", struct), ("ubinascii", binascii)):
        sys.modules.setdefault(name, module)
    folder = str(umqtt_folder())
    if folder not in sys.path:
        sys.path.append(folder)
