"""Return codes: their digits, and the small memory of which are used."""

from locker.core import access, codes, damm, faults, tickets
from locker.core.access import Moment
from locker.core.mac import Mac
from locker.core.tickets import LOST, SERIALS, SLOTS, Tickets

MAC = Mac(b"courier key for tests" + bytes(11))
NOW_S = 215_000_000
SLOT = NOW_S // codes.slot_seconds(codes.RETURN_CLASS)
NUMBER = SLOT * SERIALS + 7
MOMENT = Moment(NOW_S, 5, True)


def typed(number, long=False):
    width = 12 if long else 8
    code = ("0" * width + str(codes.return_code(MAC, number, long)))[-width:]
    body = "93%02d" % (number % SERIALS) + code
    return body + str(damm.check_digit(body))


def entry_of(number, long=False):
    fault, entry = access.parse(typed(number, long), 8)
    assert fault == faults.NONE and entry.selector == codes.RETURN and entry.recovery == long
    return entry


def again(used):
    """Over a power cut."""
    return Tickets(used.pack())


def test_a_code_is_known_by_its_number_for_seven_days():
    for long in (False, True):
        entry = entry_of(NUMBER, long)
        assert tickets.matching(entry, MAC, MOMENT) == NUMBER
        week = codes.CLASSES[codes.RETURN_CLASS]
        end = codes.window(codes.RETURN_CLASS, SLOT)[1]
        assert tickets.matching(entry, MAC, Moment(end - 1, 0, True)) == NUMBER
        assert not tickets.matching(entry, MAC, Moment(end, 0, True))
        assert not tickets.matching(entry, MAC, Moment(NOW_S - week, 0, True))
        assert access.candidate_count(entry, (codes.RETURN_CLASS,), MOMENT) in (4, 5)


def test_another_serial_station_or_purpose_has_other_codes():
    code = codes.return_code(MAC, NUMBER)
    others = [codes.return_code(MAC, number) for number in range(NUMBER + 1, NUMBER + 93)]
    others.append(codes.return_code(Mac(b"o" * 32), NUMBER))
    others.append(codes.courier_code(MAC, NUMBER))
    assert code not in others
    assert codes.return_code(MAC, NUMBER, True) % 10**8 != code


def test_entries_of_another_length_or_with_a_typo_are_none():
    good = typed(NUMBER)
    assert codes.is_entry(good) and codes.is_entry(typed(NUMBER, True))
    for bad in (good[:-1], good + "0", good[:-1] + str((int(good[-1]) + 1) % 10), "93", "93000"):
        assert access.parse(bad, 8) == (faults.TYPO, None)


def test_a_code_starts_three_compartments_and_then_no_more():
    used = Tickets(b"")
    for door in (1, 2, 3):
        assert not used.has_ended(NUMBER)
        used.start(NUMBER, door)
        used = again(used)
        assert used.door_of(NUMBER) == door and used.number_of(door) == NUMBER
    assert used.has_ended(NUMBER) and not used.has_ended(NUMBER + 1)
    assert used.number_of(1) == used.number_of(2) == 0, "one door at a time"


def test_a_door_belongs_to_the_code_that_was_started_for_it_last():
    used = Tickets(b"")
    used.start(NUMBER, 4)
    used.start(NUMBER + 1, 4)
    used = again(used)
    assert not used.door_of(NUMBER) and used.number_of(4) == NUMBER + 1


def test_what_is_ended_stays_ended_and_is_known_by_its_door():
    used = Tickets(b"")
    used.start(NUMBER, 4)
    used.end(NUMBER)
    used = again(used)
    assert used.has_ended(NUMBER) and not used.door_of(NUMBER) and used.number_of(4) == NUMBER
    used.end(NUMBER)
    used.start(NUMBER + 1, 5)
    used = again(used)
    assert used.has_ended(NUMBER) and used.number_of(4) == NUMBER


def test_neighbours_in_the_memory_do_not_touch_each_other():
    used = Tickets(b"")
    numbers = [s * SERIALS + n for s in range(SLOT - 4, SLOT + 2) for n in range(SERIALS)]
    for number in numbers[::3]:
        used.end(number)
    used = again(used)
    assert [n for n in numbers if used.has_ended(n)] == numbers[::3]


def test_slots_that_have_expired_make_room_and_count_as_ended():
    used = Tickets(b"")
    used.start(NUMBER, 2)
    later = NUMBER + (SLOTS - 1) * SERIALS
    used.end(later)
    assert not used.has_ended(NUMBER) and used.door_of(NUMBER) == 2
    used.end(later + SERIALS)
    assert used.has_ended(NUMBER) and not used.number_of(2)
    far = NUMBER + 50 * SERIALS
    used.start(far, 2)
    used = again(used)
    assert used.has_ended(later) and used.number_of(2) == far and not used.has_ended(far + 1)


def test_an_end_of_before_the_memory_changes_nothing():
    used = Tickets(b"")
    used.start(NUMBER, 2)
    before = used.pack()
    used.end(NUMBER - 20 * SERIALS)
    assert used.pack() == before


def test_the_memory_fits_its_cell_with_every_door_in_use():
    used = Tickets(b"")
    for door in range(1, 25):
        used.start(NUMBER + door, door)
    assert len(used.pack()) <= 256 - 20


def test_a_lost_memory_takes_no_code_of_before():
    used = Tickets(LOST)
    assert used.is_lost and used.has_ended(NUMBER)
    used.reset(SLOT + 1)
    used = again(used)
    assert not used.is_lost and used.has_ended(NUMBER) and not used.has_ended(NUMBER + SERIALS)


def test_another_shape_is_refused():
    for payload in (b"?", bytes(153), bytes(155)):
        try:
            Tickets(payload)
        except ValueError:
            continue
        raise AssertionError(payload)
