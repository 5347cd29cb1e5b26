"""Keys and codes against each other."""

from hashlib import sha256

from locker.core import codes, damm
from locker.core.mac import Mac


def test_damm_finds_every_wrong_digit_and_every_swap():
    body = "0748219356"
    whole = body + str(damm.check_digit(body))
    assert damm.is_valid(whole)
    for i in range(len(whole)):
        for digit in "0123456789":
            if digit != whole[i]:
                assert not damm.is_valid(whole[:i] + digit + whole[i + 1 :])
        if i and whole[i] != whole[i - 1]:
            assert not damm.is_valid(whole[: i - 1] + whole[i] + whole[i - 1] + whole[i + 1 :])


def test_a_key_gives_its_successors():
    root = b"r" * 32
    key = codes.first_door_key(root, 7)
    assert codes.key_of_tenancy(root, 7, 1) == key
    assert codes.key_of_tenancy(root, 7, 3) == codes.next_key(codes.next_key(key))
    assert codes.next_key(key) == sha256(b"latchwork ratchet" + key).digest()


def test_doors_purposes_and_tenancies_have_codes_of_their_own():
    root = b"r" * 32
    seen = set()
    for door in (1, 2, 24):
        for tenancy in (1, 2):
            mac = Mac(codes.key_of_tenancy(root, door, tenancy))
            for name in codes.CLASSES:
                seen.add(codes.recipient_code(mac, name, 1000))
            seen.add(codes.courier_code(mac, 1000))
            seen.add(codes.recovery_code(mac))
    assert len(seen) == 3 * 2 * 6


def test_a_code_is_good_in_its_window_and_not_outside():
    for name in codes.CLASSES:
        now = 215_000_123
        slot = now // codes.slot_seconds(name)
        start, end = codes.window(name, slot)
        assert start <= now < end and end - start == codes.CLASSES[name]
        for moment, good in ((start, True), (end - 1, True), (start - 1, False), (end, False)):
            assert (slot in codes.slots(name, moment)) == good, (name, moment)


def test_an_unsure_clock_widens_the_window_to_five_slots_at_most():
    for name in codes.CLASSES:
        for uncertainty in (0, 5, 1000, 10**6, 10**8):
            found = codes.slots(name, 215_000_123, uncertainty)
            assert 4 <= len(found) <= 5
            assert found[-1] == (215_000_123 + uncertainty) // codes.slot_seconds(name)


def test_what_a_person_types():
    digits = codes.entry(7, 48219356)
    assert digits[:-1] == "0748219356" and damm.is_valid(digits)
    assert codes.spoken(digits) == "07-4821-9356-" + digits[-1]
    recovery = codes.entry(7, 42, recovery=True)
    assert len(recovery) == codes.RECOVERY_ENTRY and recovery[:14] == "07000000000042"
    assert codes.is_entry(digits) and codes.is_entry(recovery)
    assert not codes.is_entry(digits + "0") and not codes.is_entry(digits[:-2])


def test_demo_keys_are_told_from_others():
    assert codes.is_demo_key(codes.DEMO_MARK + b"x" * 17)
    assert not codes.is_demo_key(b"x" * 32)


def test_an_entry_of_any_length_is_spoken_with_each_digit_once():
    for count in (11, 13, 15, 16, 17, 19):
        digits = "0123456789012345678"[:count]
        groups = codes.spoken(digits).split("-")
        assert "".join(groups) == digits and len(groups[0]) == 2 and len(groups[-1]) == 1
        assert max(map(len, groups)) == 4
