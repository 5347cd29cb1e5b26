"""python -m tools.reference: write the pages about doors and faults from their tables.

--check: only say which are old.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from locker.core import catalogue, door, doors

CORE = Path(__file__).resolve().parents[1] / "firmware" / "locker" / "core"
_MADE = "<!-- written by python -m tools.reference -->\n"

STATES = {
    doors.STARTING: "no reading since power-up yet",
    doors.SECURED: "shut and locked, as far as every contact can tell",
    doors.RELEASING: "the coil fires, and rests; nobody else may fire",
    doors.COOLING: "nothing moved; one more pulse follows",
    doors.RELEASED: "shut and free: the person may pull",
    doors.OPEN: "open under a grant",
    doors.OPEN_LATE: "open for long: pre-alarm",
    doors.OPEN_ALARM: "open for too long: alarm",
    doors.RELOCKING: "shut again, bolt not locked yet",
    doors.LOOSE: "shut and not locked, though nobody is expected",
    doors.LOOSE_ALARM: "the same for too long: alarm",
    doors.INHIBITED: "its contacts are not believed: no releases until they are",
    doors.FAIL_CLOSED: "latched out of service: coil off, no releases but for service",
    doors.SERVING: "the one pulse of a service release",
}
EVENTS = {
    doors.SHUT: "reads shut and locked",
    doors.UNLATCHED: "reads shut and unlocked, no grant",
    doors.OPENED: "reads open, no grant",
    doors.CONFLICT: "two contacts contradict each other",
    doors.UNTOLD: "a contact cannot be told",
    doors.FLAPPING: "a contact flaps",
    doors.OPENED_GRANTED: "reads open, granted",
    doors.UNLATCHED_GRANTED: "reads shut and unlocked, granted",
    doors.TIMEOUT: "time is up",
    doors.STEADY: "steadily shut and locked",
    doors.RELEASE: "authorised release",
    doors.MISSED: "pulse over, nothing moved",
    doors.MISSED_LAST: "last pulse over, nothing moved",
    doors.UNUSED: "pulse not used or not fired",
    doors.CLEAR: "service clear",
    doors.SERVE: "service release",
    doors.MORE_TIME: "more time (#)",
    doors.STEADY_OPEN: "steadily open, no grant",
}
_SITE_STATES = (doors.RELEASED, doors.OPEN, doors.OPEN_LATE, doors.LOOSE)  # as in door.SITE


def doors_page() -> str:
    """States, timers, readings, diagram and rows of the door table, as Markdown."""
    rows = list(doors.rows())
    parts = [
        "# Doors\n\n" + _MADE,
        "The whole behaviour of a door is the table in [doors.py](doors.py). A reading or a timer "
        "that is not listed for a state changes nothing.\n",
        "## Diagram\n\nFrom every state up to `loose_alarm`, contacts that contradict each other "
        "lead to `fail_closed`, and contacts that cannot be told to `inhibited`.\n",
        "```mermaid\n" + "\n".join(_diagram(rows)) + "\n```\n",
        "## States and timers\n\nThe site may set the timers that have a key, under `timers` in "
        "`station.json`. A release lasts as long as the coil's pulse and its rest.\n",
        _table(("state", "meaning", "lasts at most", "key"), _state_rows()),
        "## Readings\n\nWhat reed and bolt contact say together, by lock profile.\n",
        _table(
            ("profile", "closed, locked", "closed, free", "open, locked", "open, free"), _read()
        ),
        "## Rows\n",
        _table(("state", "event", "next state", "verdict"), map(_row, rows)),
    ]
    return "\n".join(parts)


def faults_page() -> str:
    """Every fault of the catalogue, as Markdown."""
    ranks = [(str(rank), *action) for rank, action in enumerate(catalogue.ACTIONS)]
    parts = [
        "# Faults\n\n" + _MADE,
        "`lockerctl explain E29` says the same. What the station does, mildest first: of two "
        "faults of one door the first is kept, unless the second ranks as a halt or higher.\n",
        _table(("rank", "action", "meaning"), ranks),
        "## Catalogue\n",
    ]
    for fault in catalogue.BY_NUMBER.values():
        parts.append(f"### E{fault.number} {fault.name}\n\n{fault.cause}\n")
        lines = [
            f"- station: {catalogue.ACTIONS[fault.action][1]}",
            f"- ends: {fault.clears}",
            f"- operator: {fault.hint}",
        ]
        lines += [f"- person: {fault.person}"] if fault.person else []
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _diagram(rows: Iterable[tuple[int, int, int, int]]) -> Iterator[str]:
    """Mermaid lines: one arrow for each pair of states, with all its events."""
    arrows: dict[tuple[int, int], list[str]] = {}
    for state, event, after, _verdict in rows:
        distrusted = event in (doors.CONFLICT, doors.UNTOLD, doors.FLAPPING)
        if not distrusted or state == doors.INHIBITED:
            arrows.setdefault((state, after), []).append(EVENTS[event])
    yield "stateDiagram-v2"
    yield f"    [*] --> {doors.STATE_NAMES[doors.STARTING]}"
    for (state, after), events in arrows.items():
        names = doors.STATE_NAMES[state], doors.STATE_NAMES[after]
        yield f"    {names[0]} --> {names[1]}: {' / '.join(events)}"


def _state_rows() -> Iterator[tuple[str, ...]]:
    limits = door.Timers().state_ms
    keys = dict(zip(_SITE_STATES, (key for key, _ in door.SITE), strict=True))
    for state, meaning in STATES.items():
        limit = f"{limits[state] / 1000:g} s" if limits[state] else ""
        if state in (doors.RELEASING, doors.SERVING):
            limit = "pulse and rest"
        if state == doors.SECURED:
            limit = f"a grant {limit}"
        yield doors.STATE_NAMES[state], meaning, limit, keys.get(state, "")


def _read() -> Iterator[tuple[str, ...]]:
    words = {
        doors.SHUT: "shut",
        doors.UNLATCHED: "unlatched",
        doors.OPENED: "open",
        doors.CONFLICT: "conflict",
    }
    for profile, (readings, _needs) in doors.READINGS.items():
        yield profile, *(words[readings[level]] for level in (3, 2, 1, 0))


def _row(row: tuple[int, int, int, int]) -> tuple[str, ...]:
    state, event, after, verdict = row
    said = "the one before" if verdict == doors.KEEP else ""
    if 0 < verdict < doors.KEEP:
        said = f"E{verdict} {catalogue.name(verdict)}"
    return doors.STATE_NAMES[state], EVENTS[event], doors.STATE_NAMES[after], said


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def files() -> Iterator[tuple[Path, str]]:
    """Each generated file and what it should hold."""
    yield CORE / "doors.md", doors_page()
    yield CORE / "faults.md", faults_page()


def main() -> int:
    """0 when all is in step (or was written), else 1."""
    parser = argparse.ArgumentParser(prog="python -m tools.reference", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 when one is old")
    check = parser.parse_args().check
    old = [
        (path, text) for path, text in files() if not path.is_file() or path.read_text() != text
    ]
    for path, text in old:
        print(("old: " if check else "written: ") + path.name)
        if not check:
            path.write_text(text)
    return 1 if check and old else 0


if __name__ == "__main__":
    sys.exit(main())
