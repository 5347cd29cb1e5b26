"""What a journal makes of cells that have fallen back."""

from locker.app.vault import Vault
from locker.app.witness import Witness
from locker.core import codes, compartments, records
from locker.core.mac import Mac
from locker.storage.cells import Cells
from locker.storage.journal import Journal
from scratch_folder import scratch_folder

DOOR = 2


class Told:
    """A journal with one record and the cells beside it."""

    def __init__(self, folder, kind, actor=0, boot=3, tenancy=4):
        self.journal = Journal(folder, Mac(bytes(32)))
        self.journal.open()
        fields = (boot, kind, DOOR, actor, 0, 0, 0, 0, 0, tenancy, 0, b"")
        self.journal.note(fields)
        self.journal.flush()
        self.vault = Vault(Cells(folder), ["S", "S"])
        self.vault.counters.boot = 3
        self.door = self.vault.compartment(DOOR)
        self.door.tenancy = 4

    def forgotten(self):
        return Witness(self.journal, self.vault).forgotten


def told(kind, **fields):
    with scratch_folder() as folder:
        yield Told(folder, kind, **fields)


def test_a_claim_must_be_in_the_cell_or_over():
    for kind in (records.AUTHORISED, records.COLLECTED):
        for one in told(kind, actor=records.RECIPIENT):
            assert one.forgotten() == "door02"
            one.door.claim = 4
            assert not one.forgotten()
            one.door.claim, one.door.tenancy = 0, 5
            assert not one.forgotten()


def test_a_courier_may_have_gone_away():
    for one in told(records.AUTHORISED, actor=records.COURIER):
        assert not one.forgotten()


def test_a_parcel_that_came_is_there_or_collected():
    for one in told(records.DEPOSITED, actor=records.COURIER):
        assert one.forgotten() == "door02"
        one.door.reserve()
        assert not one.forgotten()
        one.door.unreserve()
        one.door.tenancy = 5
        assert not one.forgotten()


def test_boots_and_commands_are_counted_first():
    for one in told(records.BOOT, boot=4):
        assert one.forgotten() == "counters"
        one.vault.counters.boot = 5
        assert not one.forgotten() and one.vault.counters.boot == 5
        one.vault.counters.boot = 4  # one write behind: no boot number is given twice
        witness = Witness(one.journal, one.vault)
        assert not witness.forgotten and witness.is_behind
        assert one.vault.counters.boot == 5
    for one in told(records.COMMAND, tenancy=9):
        assert one.forgotten() == "counters"
        one.vault.counters.command = 9
        assert not one.forgotten()


def test_a_boot_number_whose_lower_half_began_anew_is_newer():
    for one in told(records.BOOT, boot=0xFFFF):
        one.vault.counters.boot = 0x10000
        assert not one.forgotten()


def test_a_door_that_is_lost_and_a_journal_of_others_say_nothing():
    for one in told(records.DEPOSITED):
        one.vault.lose(one.door, 1)
        assert not one.forgotten()
    for one in told(records.DEPOSITED):
        one.journal.foreign = True
        assert not one.forgotten()


def test_a_parcel_on_record_as_collected_is_collected_whatever_the_cell_says():
    for one in told(records.COLLECTED, actor=records.RECIPIENT):
        key = one.door.key = bytes(range(32))
        one.door.occupy()
        one.door.start_claim(4)
        one.vault.save_door(one.door)
        assert not one.forgotten()
        assert (one.door.tenancy, one.door.claim, one.door.occupancy) == (5, 0, compartments.FREE)
        assert one.door.key == codes.next_key(key)
        payload = one.vault.cells.load(compartments.cell(DOOR))
        assert payload == one.door.pack() == one.vault.cells.older()


def test_a_later_claim_is_left_alone():
    for one in told(records.COLLECTED, actor=records.RECIPIENT, tenancy=3):
        one.door.start_claim(4)
        assert not one.forgotten() and one.door.claim == 4


def reason(one, digest):
    return Witness(one.journal, one.vault).reason(digest)


def test_other_files_and_a_boot_without_a_record_are_told():
    for one in told(records.BOOT, boot=2):
        assert reason(one, 0) == 0, "the record of the boot before says the same"
        assert reason(one, 77) == records.OTHER_FILES
        one.vault.counters.boot = 4
        assert reason(one, 0) == records.NO_RECORD
        assert reason(one, 77) == records.NO_RECORD | records.OTHER_FILES
    for one in told(records.COLLECTED):
        one.door.claim = 4
        assert reason(one, 77) == 0, "nothing is known of the boot before"
