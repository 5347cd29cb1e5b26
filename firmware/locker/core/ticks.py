"""Arithmetic on wrapping milliseconds: the period is MicroPython's on every port with 31-bit small
ints, 2**30 ms = 12.4 days.

Written out because the core reads no clock and the stubs of ``time.ticks_add`` refuse a plain int.
"""

from micropython import const

PERIOD = const(1 << 30)
_HALF = const(1 << 29)
_MASK = const((1 << 30) - 1)


def add(ticks: int, ms: int) -> int:
    """Ticks ms later (ms may be negative, |ms| < 2**29)."""
    return (ticks + ms) & _MASK


def diff(later: int, earlier: int) -> int:
    """later - earlier in ms, -2**29..2**29-1: right while they are less than 6.2 days apart."""
    return ((later - earlier + _HALF) & _MASK) - _HALF


def due(now: int, deadline: int) -> bool:
    """True at and after the deadline."""
    return ((now - deadline) & _MASK) < _HALF
