"""What a boot makes of a door's record."""

from locker.app.opening import Opening
from locker.core.compartments import Compartment


class BrokenCells:
    """One record, and a flash that cannot be written."""

    bad_copies = 0
    fell_back = False

    def __init__(self, payload):
        self.payload = payload

    def load(self, cell):
        return self.payload

    def older(self):
        return None

    def save(self, cell, payload, purge=False):
        raise OSError(5)


def test_what_a_courier_did_in_the_dark_outlives_a_write_that_fails():
    stored = Compartment(1, "S", bytes(32))
    stored.reserve()
    stored.use_release()
    opening = Opening(BrokenCells(stored.pack()), ["S"])
    compartment = opening.vault.compartment(1)
    opening.open_door(compartment)
    assert compartment.opened
    try:
        opening.vault.save_door(compartment)
    except OSError:
        assert compartment.opened
    else:
        raise AssertionError("the flash is broken")
