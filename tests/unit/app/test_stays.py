"""Which parcels have been there for too long."""

from locker.app import stays
from locker.core.compartments import Compartment

LIMIT_S = 4 * 86_400
START_S = 200_000_000


def cabinet():
    """Three doors, a parcel behind the second."""
    made = [Compartment(door, "S", b"") for door in (1, 2, 3)]
    made[1].occupy()
    return made


def test_a_stay_counts_from_the_first_look_and_not_a_second_less():
    doors = cabinet()
    known, late = stays.looked_over(b"", doors, START_S, LIMIT_S)
    assert late == 0
    for since, mask in ((3_600, 0), (LIMIT_S - 1, 0), (LIMIT_S, 2), (LIMIT_S * 9, 2)):
        again, late = stays.looked_over(known, doors, START_S + since, LIMIT_S)
        assert (again, late) == (known, mask)


def test_another_parcel_begins_a_stay_of_its_own():
    doors = cabinet()
    known, _ = stays.looked_over(b"", doors, START_S, LIMIT_S)
    doors[1].tenancy += 1
    known, late = stays.looked_over(known, doors, START_S + LIMIT_S, LIMIT_S)
    assert late == 0
    assert stays.looked_over(known, doors, START_S + 2 * LIMIT_S - 1, LIMIT_S)[1] == 0
    assert stays.looked_over(known, doors, START_S + 2 * LIMIT_S, LIMIT_S)[1] == 2


def test_an_emptied_door_has_no_stay():
    doors = cabinet()
    known, _ = stays.looked_over(b"", doors, START_S, LIMIT_S)
    doors[1].unreserve()
    known, late = stays.looked_over(known, doors, START_S + LIMIT_S, LIMIT_S)
    assert late == 0 and not any(known)


def test_a_clock_put_back_and_a_short_cell_begin_the_count_anew():
    doors = cabinet()
    known, _ = stays.looked_over(b"", doors, START_S, LIMIT_S)
    earlier, late = stays.looked_over(known, doors, START_S - 5, LIMIT_S)
    assert late == 0
    assert stays.looked_over(earlier, doors, START_S - 5 + LIMIT_S, LIMIT_S)[1] == 2
    assert stays.looked_over(known[:7], doors, START_S + LIMIT_S, LIMIT_S)[1] == 0


def test_twenty_four_doors_fit_one_cell():
    doors = [Compartment(door, "S", b"") for door in range(1, 25)]
    for compartment in doors:
        compartment.occupy()
    known, _ = stays.looked_over(b"", doors, START_S, LIMIT_S)
    assert len(known) <= 200 and stays.looked_over(known, doors, START_S + LIMIT_S, LIMIT_S)[
        1
    ] == ((1 << 24) - 1)
