"""What a boot makes of a compartment that nobody watched."""

from locker.core import compartments
from locker.core.compartments import Compartment


def test_a_couriers_door_may_have_been_opened_in_the_dark():
    for releases in (0, 1):  # none: it was given back, and then the bolt was free all the same
        compartment = Compartment(1, "S", bytes(32))
        compartment.reserve()
        for _ in range(releases):
            compartment.use_release()
        compartment.after_dark()
        assert compartment.opened


def test_a_recipients_door_was_not_collected_from_because_the_power_went():
    compartment = Compartment(1, "S", bytes(32))
    compartment.occupy()
    compartment.start_claim(1)
    compartment.use_release()
    compartment.after_dark()
    assert not compartment.opened and compartment.occupancy == compartments.OCCUPIED
