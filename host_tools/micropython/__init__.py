"""``micropython`` for CPython: the one name that the shared source of locker needs."""

from typing import TypeVar

_Constant = TypeVar("_Constant")


def const(value: _Constant) -> _Constant:
    """A compile-time constant on the device, the value itself here."""
    return value
