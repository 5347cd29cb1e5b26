"""Payloads of older schemas, made into today's: each row leads to the next schema. Needed at start
and dropped.
"""

from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from collections.abc import Callable

_KEYS = const(1)
_LOCKOUT = const(2)
_COUNTERS = const(3)


def _counters_2(old: bytes) -> bytes:
    """Blocks erased so far came in; nobody counted before."""
    return old + b"\0\0\0\0"


def _keys_2(old: bytes) -> bytes:
    """The root of the persons' keys came in: none, until the station is provisioned anew."""
    return old + bytes(32)


def _lockout_2(old: bytes) -> bytes:
    """The persons' guess mass came in; nobody could guess before."""
    return old[:1] + bytes((old[1] + 1,)) + old[2:] + b"\0" if len(old) > 1 else old


# (kind of the cell, schema it has): payload of that schema -> payload of the next one.
_STEPS: "dict[tuple[int, int], Callable[[bytes], bytes]]" = {
    (_KEYS, 1): _keys_2,
    (_LOCKOUT, 1): _lockout_2,
    (_COUNTERS, 1): _counters_2,
}


def migrated(kind: int, schema: int, wanted: int, payload: bytes) -> "bytes | None":
    """The payload in the wanted schema (>= its own); None when no row leads there."""
    while schema < wanted:
        step = _STEPS.get((kind, schema))
        if step is None:
            return None
        payload, schema = step(payload), schema + 1
    return payload
