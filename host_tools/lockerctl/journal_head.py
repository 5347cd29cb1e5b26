"""Compares where a station says its journal ends with what was heard of it before. Pure.

A journal that is only chained can lose its end unseen. So the station tells number and tag of its
last record at boot and with each heartbeat, and whoever remembers the last one sees it go back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

TAIL_CUT = "journal_tail_cut"
REWRITTEN = "journal_rewritten"
ROLLED_BACK = "memory_rolled_back"

_TAG_DIGITS = 32


@dataclass(frozen=True)
class Head:
    """The end of a journal on flash. tag: of record ``seq``, 32 hexadecimal digits."""

    boot: int
    seq: int
    tag: str


@dataclass(frozen=True)
class Finding:
    """Something that cannot happen to a sound station. kind: one of the names above."""

    kind: str
    text: str


def told(fields: Mapping[str, Any]) -> Head | None:
    """The head in a heartbeat or state message; None when it has none (a locked station's)."""
    boot = fields.get("b", fields.get("boot"))
    seq, tag = fields.get("q"), fields.get("tag")
    if not _is_count(boot) or not _is_count(seq) or not isinstance(tag, str):
        return None
    if len(tag) != _TAG_DIGITS or not all(digit in "0123456789abcdef" for digit in tag):
        return None
    return Head(boot, seq, tag)


def compare(before: Head, now: Head, tag_held: str | None) -> Finding | None:
    """What is wrong with ``now``. before: the furthest one so far, told or held; tag_held: of the
    record with now's number as it was heard last, None when it was not.
    """
    if now.boot < before.boot:
        return Finding(
            ROLLED_BACK,
            f"boot {now.boot} after boot {before.boot}: an old state of the flash was put back",
        )
    if now.seq < before.seq and now.boot > before.boot:  # an end is lost while nothing runs
        return Finding(
            TAIL_CUT, f"records {now.seq + 1}..{before.seq} were told and are gone at the station"
        )
    if tag_held not in (None, now.tag):
        return Finding(REWRITTEN, f"record {now.seq} is not the one that was told before")
    return None


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 32
