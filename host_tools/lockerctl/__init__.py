"""lockerctl: the command line and the host library of Latchwork."""

__version__ = "0.1.0"
