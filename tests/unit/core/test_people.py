"""Persons' codes against RFC 6238, and what a grant allows by the clock."""

from hashlib import sha1

from locker.core import access, codes, damm, faults, people, window
from locker.core.lockout import MASS_LIMIT, Lockout
from locker.core.mac import Mac

# RFC 6238 appendix B, SHA-1 rows from 2020 on: (Unix time, eight digits).
RFC6238_SHA1 = ((2000000000, 69279037), (20000000000, 65353130))
EPOCH = 1_577_836_800
ROOT = b"r" * 32
NOW = 210_000_000  # Thursday 2026-08-27 13:20 UTC
DAY = 86_400


def granted(role=people.STAFF, fixed=0, generation=1, expires=NOW + DAY, **more):
    days, hours = more.get("days", 127), more.get("hours", (0, 96))
    row = (role | fixed << 2, generation, expires, days)
    return people.Grant(row + hours + (more.get("offset", 0), more.get("uses", people.UNLIMITED)))


def moment(now=NOW, uncertainty=1, known=True):
    return access.Moment(now, uncertainty, known)


def shown(place=3, at=NOW, generation=1, silent=False):
    mac = Mac(people.key(ROOT, place, generation, silent), sha1)
    return "%08d" % people.rotating_code(mac, at // window.STEP_S)


def parsed(digits):
    fault, entry = access.parse(digits, 24)
    assert fault == faults.NONE and entry is not None, digits
    return entry


def judged(digits, grant=None, mark=0, at=NOW, uncertainty=1):
    return people.judge(parsed(digits), ROOT, grant or granted(), mark, moment(at, uncertainty))


def test_rotating_codes_match_rfc_6238():
    mac = Mac(b"12345678901234567890", sha1)
    for when, code in RFC6238_SHA1:
        assert people.rotating_code(mac, (when - EPOCH) // 30) == code


def test_hmac_sha1_matches_rfc_2202():
    digest = "b617318655057264e28bc0b6fb378c8ef146be00"
    assert Mac(b"\x0b" * 20, sha1).digest(b"Hi There") == bytes.fromhex(digest)


def test_what_is_an_entry_is_told_from_its_selector():
    for digits in ("90312345678", "9031234567812345678", people_fixed(3)):
        assert parsed(digits).place == 3
    assert parsed("9031234567812345678").second == 12345678
    assert parsed(people_fixed(3)).is_fixed
    for digits in ("9031234567", "903123456789", "90012345678", "91312345678", "9x312345678", ""):
        assert access.parse(digits, 24)[0] == faults.TYPO, digits
    token = checked("9207000000000123")
    entry = parsed(token)
    assert (entry.selector, entry.place, entry.code) == (codes.REVOCATION, 7, 123)
    assert access.parse(token[:-1] + str((int(token[-1]) + 1) % 10), 24)[0] == faults.TYPO


def people_fixed(place, generation=1, silent=False):
    code = people.fixed_code(people.key(ROOT, place, generation, silent))
    return checked("90%d%012d" % (place, code))


def checked(body):
    return body + str(damm.check_digit(body))


def test_a_shown_code_is_good_once_and_late_typing_is_allowed():
    fault, step, silent = judged("903" + shown())
    assert (fault, step, silent) == (faults.NONE, NOW // 30, False)
    assert judged("903" + shown(), mark=step)[0] == faults.CODE_REPLAYED
    assert judged("903" + shown(at=NOW - 60))[0] == faults.NONE
    assert judged("903" + shown(at=NOW - 300))[0] == faults.WRONG_CODE
    assert judged("903" + shown(at=NOW + 90))[0] == faults.WRONG_CODE


def test_no_place_and_no_generation_gives_another():
    keys = {
        people.key(ROOT, place, generation, silent)
        for place in range(1, 10)
        for generation in (1, 2, 256)
        for silent in (False, True)
    }
    assert len(keys) == 54
    assert judged("904" + shown(3))[0] == faults.WRONG_CODE
    assert judged("903" + shown(generation=2))[0] == faults.WRONG_CODE


def test_the_second_key_raises_the_alarm_and_is_as_good():
    fault, step, silent = judged("903" + shown(silent=True))
    assert (fault, step, silent) == (faults.NONE, NOW // 30, True)
    assert judged(people_fixed(3, silent=True), granted(fixed=1)) == (faults.NONE, 1, True)
    assert judged("903" + shown(silent=True), mark=step)[0] == faults.CODE_REPLAYED


def test_two_codes_in_a_row_work_with_a_clock_minutes_off():
    at = NOW + 400
    pair = "903" + shown(at=at) + shown(at=at + 30)
    assert judged(pair, uncertainty=600)[:2] == (faults.NONE, at // 30 + 1)
    assert judged(pair, uncertainty=10)[0] == faults.WRONG_CODE
    assert judged(pair, uncertainty=600, mark=at // 30)[0] == faults.CODE_REPLAYED
    for second in (shown(at=at), shown(at=at + 60)):
        assert judged("903" + shown(at=at) + second, uncertainty=600)[0] == faults.WRONG_CODE
    mixed = "903" + shown(at=at) + shown(at=at + 30, silent=True)
    assert judged(mixed, uncertainty=600)[0] == faults.WRONG_CODE


def test_a_fixed_code_is_no_rotating_one_and_the_other_way_round():
    assert judged(people_fixed(3), granted(fixed=1))[0] == faults.NONE
    assert judged(people_fixed(3))[0] == faults.WRONG_CODE
    assert judged("903" + shown(), granted(fixed=1))[0] == faults.WRONG_CODE


def test_a_right_code_of_no_use_is_told_apart_for_the_journal():
    code = "903" + shown()
    revoked = granted()
    revoked.revoked = True
    for grant, fault in (
        (granted(role=0), faults.WRONG_CODE),
        (revoked, faults.CODE_REVOKED),
        (granted(expires=NOW), faults.CODE_EXPIRED),
        (granted(uses=0), faults.SPENT),
        (granted(days=127 & ~(1 << 3)), faults.OUTSIDE_HOURS),
        (granted(hours=(0, 53)), faults.OUTSIDE_HOURS),
        (granted(hours=(53, 54)), faults.NONE),
    ):
        assert judged(code, grant)[0] == fault


def test_what_the_clock_cannot_tell_is_outside():
    hours = granted(hours=(32, 72))  # 08:00-18:00
    for at, uncertainty, fault in (
        (8 * 3600 + 60, 60, faults.NONE),
        (8 * 3600 + 60, 61, faults.OUTSIDE_HOURS),
        (18 * 3600 - 60, 59, faults.NONE),
        (18 * 3600 - 60, 60, faults.OUTSIDE_HOURS),
    ):
        assert hours.refusal(moment(NOW - NOW % DAY + at, uncertainty)) == fault, at
    assert granted(expires=NOW + 60).refusal(moment(NOW, 60)) == faults.CODE_EXPIRED
    assert granted(expires=NOW + 60).refusal(moment(NOW, 59)) == faults.NONE


def test_days_and_hours_are_those_of_the_place():
    midnight = NOW - NOW % DAY  # Thursday begins, in UTC
    thursday = granted(days=1 << 3, offset=4)  # an hour ahead
    for at, fault in ((-3601, faults.OUTSIDE_HOURS), (-3599, faults.NONE), (82_799, faults.NONE)):
        assert thursday.refusal(moment(midnight + at, 0)) == fault, at
    assert thursday.refusal(moment(midnight + 82_800, 0)) == faults.OUTSIDE_HOURS
    assert thursday.refusal(moment(midnight, DAY)) == faults.OUTSIDE_HOURS


def test_grants_outlive_flash_and_nonsense_is_refused():
    memory = bytearray(people.BYTES)
    grant = granted(days=31, hours=(32, 72), offset=-20, uses=4)
    for place in (1, 9):
        people.write(memory, place, grant, 7_000_000)
    again, mark = people.read(memory, 9)
    assert (again.pack(), mark) == (grant.pack(), 7_000_000)
    assert people.read(memory, 8)[0].role == 0 and people.courier_generation(memory) == 0
    assert people.unpack_grant(grant.pack()).offset == -20
    for bad in (
        b"",
        grant.pack() + b"x",
        granted(role=0).pack(),
        granted(role=3).pack(),
        granted(days=0).pack(),
        granted(hours=(9, 9)).pack(),
        granted(hours=(0, 97)).pack(),
        granted(uses=0).pack(),
    ):
        try:
            people.unpack_grant(bad)
        except ValueError:
            continue
        raise AssertionError(bad)


def test_day_codes_of_a_later_generation_have_another_key():
    assert people.courier_key(ROOT, 0) == ROOT
    assert len({people.courier_key(ROOT, n) for n in (0, 1, 2, people.LOST)}) == 4


def test_one_code_is_no_proof_when_the_clock_is_vague_or_too_many_were_wrong():
    single, pair = parsed("903" + shown()), parsed("903" + shown() + shown())
    fixed = parsed(people_fixed(3))
    lockout = Lockout(4)
    for entry, uncertainty, known, fault in (
        (single, 120, True, faults.NONE),
        (single, 121, True, faults.TWO_CODES),
        (pair, 121, True, faults.NONE),
        (fixed, 121, True, faults.NONE),
        (single, 0, False, faults.CLOCK_LOST),
        (pair, 0, False, faults.CLOCK_LOST),
        (fixed, 0, False, faults.CLOCK_LOST),
    ):
        now = moment(NOW, uncertainty, known)
        mass = access.candidate_count(entry, (), now)
        assert access.admission(entry, mass, None, lockout, now, 0) == fault, uncertainty
    mass = access.candidate_count(single, (), moment())
    assert mass == 2 * len(people.steps(single, moment()))
    while not lockout.codes_closed(codes.PERSON, mass):
        lockout.charge(codes.PERSON, mass, False, 0)
    lockout.level = 0
    assert access.admission(single, mass, None, lockout, moment(), 0) == faults.TWO_CODES
    assert access.admission(pair, 0, None, lockout, moment(), 0) == faults.NONE
    assert not lockout.codes_closed(0, MASS_LIMIT) and not lockout.codes_closed(4, MASS_LIMIT)
