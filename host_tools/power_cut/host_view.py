"""What the host notices of a station whose journal has fallen back: the collector's own event log,
which hears what was told before the bit flipped, and then what the station tells after it.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from locker.core import records, wire
from lockerctl.event_log import EventLog
from lockerctl.events import Event, parse
from lockerctl.journal_head import Head

Told = tuple[tuple[int, int, str], str]  # boot, seq and tag of the head; records, hexadecimal

_STATION = "cuts"


def host_sees(before: Told, after: Told) -> str:
    """What the host says of it, '' when nothing."""
    with tempfile.TemporaryDirectory() as folder, EventLog(Path(folder) / "events.db") as log:
        log.add(_STATION, _events(before[1]))
        log.take_head(_STATION, Head(*before[0]), [])
        heard = _events(after[1])
        added = log.add(_STATION, heard)
        finding = log.take_head(_STATION, Head(*after[0]), [])
        if added.reused:
            return f"records {added.reused} came again"
        return finding.text if finding else ""


def _events(text: str) -> list[Event]:
    """As the station publishes them."""
    data = bytes.fromhex(text)
    size = records.RECORD_BYTES
    found = [records.unpack_record(data[at : at + size]) for at in range(0, len(data), size)]
    told = (parse(wire.event(record)) for record in found if record is not None)
    return [event for event in told if event is not None]
