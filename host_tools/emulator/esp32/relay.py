"""Run by QEMU for each connection of the guest to the broker: standard input and output to and
from one port of this computer. Started by itself, so it imports nothing of ours.
"""

import os
import select
import socket
import sys

LOOPBACK = "127.0.0.1"
_PIECE = 65536
_IN, _OUT = 0, 1


def relay(port: int) -> None:
    """Until one side ends. OSError when the port does not answer."""
    with socket.create_connection((LOOPBACK, port)) as broker:
        while True:
            ready, _, _ = select.select([_IN, broker.fileno()], [], [])
            if _IN in ready:
                data = os.read(_IN, _PIECE)
                if not data:
                    return
                broker.sendall(data)
            if broker.fileno() in ready:
                data = broker.recv(_PIECE)
                if not data:
                    return
                while data:
                    data = data[os.write(_OUT, data) :]


if __name__ == "__main__":
    relay(int(sys.argv[1]))
