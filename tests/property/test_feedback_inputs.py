"""Samples of the coils' current of any kind, rate and order."""

from hypothesis import given
from hypothesis import strategies as st

from locker.core import faults, ticks
from locker.core.feedback import Feedback

LOOKS = st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 2_000)), max_size=200)


def silences(pulse: list[bool]) -> list[int]:
    """How many looks at a time were without current."""
    return [len(run) for run in "".join("x" if flows else "." for flows in pulse).split("x")]


def said_of(pulse: list[bool]) -> int:
    """What a pulse looked at like this comes to, read off the whole of it."""
    if not any(pulse):
        return faults.COIL_OPEN if len(pulse) >= 2 else faults.NONE
    since_first = pulse[pulse.index(True) :]
    return faults.COIL_SHORT if max(silences(since_first)) >= 2 else faults.NONE


@given(LOOKS, st.integers(0, ticks.PERIOD - 1))
def test_it_never_raises_and_tells_of_each_pulse_what_was_seen(
    looks: list[tuple[bool, bool, int]], now: int
) -> None:
    feedback = Feedback()
    pulse: list[bool] = []
    since: int | None = None  # of the current that nobody has commanded
    for flows, firing, later_ms in looks:
        now = ticks.add(now, later_ms)
        told = feedback.check(flows, firing, now)
        if firing:
            pulse.append(flows)
            since = None
            assert told == faults.NONE
            continue
        due, pulse = said_of(pulse), []
        if due:
            assert told == due
            continue
        welded = flows and since is not None and ticks.diff(now, since) >= 100
        assert told == (faults.DRIVER_WELDED if welded else faults.NONE)
        if not flows:
            since = None
        elif since is None or welded:
            since = now
