"""Payloads of older schemas, made into today's: each row leads to the next schema. Needed at start
and dropped.
"""

from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from collections.abc import Callable

_COUNTERS = const(3)


def _counters_2(old: bytes) -> bytes:
    """Blocks erased so far came in; nobody counted before."""
    return old + b"\0\0\0\0"


# (kind of the cell, schema it has): payload of that schema -> payload of the next one.
_STEPS: "dict[tuple[int, int], Callable[[bytes], bytes]]" = {
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
