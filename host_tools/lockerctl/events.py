"""A station's event as the host reads it from the topic ``evt`` (see locker.core.wire.event)."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

_WHOLE = {
    "b": "boot",
    "q": "seq",
    "t": "time_s",
    "u": "uncertainty_s",
    "n": "door",
    "r": "reason",
    "e": "fault",
    "tn": "tenancy",
    "x": "value",
    "z": "sealed",
}
_TEXT = {"c": "trust", "k": "kind", "a": "actor", "note": "note", "tag": "tag"}
_TEXT_LIMIT = 64
_TOP = (1 << 33) - 1  # Unix seconds of the device pass 2**32 in 2106


@dataclass(frozen=True)
class Event:
    """One journal record. time_s: Unix seconds by the station's clock, wrong by up to
    uncertainty_s when trust allows it at all; sealed: see records.alarm_of().
    """

    boot: int
    seq: int
    time_s: int
    uncertainty_s: int
    trust: str
    kind: str
    door: int
    actor: str
    reason: int
    fault: int
    tenancy: int
    value: int
    note: str
    tag: str
    sealed: int

    @property
    def id(self) -> tuple[int, int]:
        """(boot, seq): unique for a station."""
        return self.boot, self.seq

    def fields(self) -> dict[str, Any]:
        """For --json, with the time as ISO 8601 beside the number."""
        return {**asdict(self), "time": utc_text(self.time_s)}


def parse(payload: bytes) -> Event | None:
    """The event in a payload; None when it is not one of ours (version 1, every field of its type
    and range).
    """
    try:
        fields = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict) or fields.get("v") != 1:
        return None
    if not all(_is_whole(fields.get(short)) for short in _WHOLE):
        return None
    if not all(_is_plain(fields.get(short)) for short in _TEXT):
        return None
    return Event(**{name: fields[short] for short, name in (_WHOLE | _TEXT).items()})


def utc_text(unix_s: int) -> str:
    """2026-11-22T16:25:46Z."""
    return datetime.fromtimestamp(unix_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_plain(value: object) -> bool:
    """Text that may go to a terminal: anybody on the network could send escape sequences."""
    if not isinstance(value, str) or len(value) > _TEXT_LIMIT:
        return False
    return value.isascii() and (value.isprintable() or not value)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _TOP
