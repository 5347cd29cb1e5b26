"""The pages about doors and faults say what the tables say, and the two tables fit each other."""

from locker.core import catalogue, doors, faults
from tools import reference


def test_pages_are_in_step():
    old = [path.name for path, text in reference.files() if path.read_text() != text]
    assert not old, "run: python -m tools.reference"


def test_every_state_and_event_is_explained():
    assert list(reference.STATES) == list(range(len(doors.STATE_NAMES)))
    assert {row[1] for row in doors.rows()} <= set(reference.EVENTS)
    assert sorted(reference.EVENTS) == list(range(len(reference.EVENTS)))


def test_every_fault_number_is_in_the_catalogue_once():
    numbers = [
        number for name, number in vars(faults).items() if name.isupper() and name != "NONE"
    ]
    assert sorted(numbers) == sorted(catalogue.BY_NUMBER)
    names = [fault.name for fault in catalogue.BY_NUMBER.values()]
    assert len(set(names)) == len(names)


def test_the_catalogue_s_actions_are_those_of_the_door_table():
    reached = {doors.FAIL_CLOSED: catalogue.FAIL_CLOSED, doors.INHIBITED: catalogue.INHIBIT}
    for state, event, after, verdict in doors.rows():
        if after in reached and verdict != doors.KEEP:
            assert catalogue.BY_NUMBER[verdict].action >= reached[after], (state, event)
        elif verdict not in (faults.NONE, doors.KEEP):
            assert catalogue.BY_NUMBER[verdict].action < catalogue.INHIBIT, (state, event)
    for fault in doors.BANK_FAULTS:
        assert catalogue.BY_NUMBER[fault].action >= catalogue.HALT
