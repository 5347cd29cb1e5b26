"""Lets go what only the start needs, above all constructors of what is made once: some 10 KB of
heap. Which these are the build finds out and writes in here (lockerctl.settle): in the source tree
nothing is let go, as tests make many stations in one process.
"""


def composed() -> None:
    """The station has been made; the network has not."""


def connected() -> None:
    """All has been made."""
