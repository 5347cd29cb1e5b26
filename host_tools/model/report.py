"""What a search found, for people."""

from __future__ import annotations

from typing import Any

from locker.core import doors


def event_names() -> list[str]:
    """Names of the door table's events, by number."""
    names = (
        "SHUT UNLATCHED OPENED CONFLICT UNTOLD FLAPPING OPENED_GRANTED UNLATCHED_GRANTED TIMEOUT "
        "STEADY RELEASE MISSED MISSED_LAST UNUSED CLEAR SERVE MORE_TIME STEADY_OPEN"
    )
    found = {getattr(doors, name): name.lower() for name in names.split()}
    return [found[number] for number in range(len(found))]


def rows_reached(rows: list[dict[str, Any]]) -> tuple[int, int]:
    """(rows of the door table that were used, rows there are)."""
    applied = {tuple(pair) for row in rows for pair in row["applied"]}
    table = {(state, event) for state, event, _, _ in doors.rows()}
    return len(table & applied), len(table)


def show_scope(row: dict[str, Any]) -> None:
    """One search: how large it was, and each violation with its shortest steps."""
    end = "frontier exhausted" if row["exhausted"] else "GAVE UP"
    print(
        f"{row['name']}: {row['states']} states, {row['transitions']} transitions, "
        f"depth {row['depth']}, {row['seconds']:.1f} s, {end}; "
        f"at most {row['furthest']} honest steps to a door that serves"
    )
    for what, steps in row["violations"].items():
        print(f"  VIOLATION {what}")
        for number, step in enumerate(steps):
            print(f"    {number}. {step}")


def show_table(rows: list[dict[str, Any]]) -> int:
    """The door table by what was met: R a row, o an event that the state ignores; cut: the power
    went in this state. Returns the number of rows never met.
    """
    applied = {tuple(pair) for row in rows for pair in row["applied"]}
    cuts = {state for row in rows for state in row["cuts"]}
    listed = {(state, event): after for state, event, after, _ in doors.rows()}
    events = event_names()
    print("door table (R row used, o event without a row, . did not occur, MISSING row not met)")
    print("".join([" " * 13, *(f"{name[:9]:>10}" for name in events), "       cut"]))
    missing = 0
    for state, name in enumerate(doors.STATE_NAMES):
        marks = []
        for event in range(len(events)):
            met, row = (state, event) in applied, (state, event) in listed
            missing += row and not met
            marks.append("R" if met and row else "MISSING" if row else "o" if met else ".")
        marks.append("cut" if state in cuts else "NO CUT")
        print(f"{name:13}" + "".join(f"{mark:>10}" for mark in marks))
    return missing
