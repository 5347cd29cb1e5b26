"""Persons' codes, what they are granted, and revocations: typed or commanded. Loaded when somebody
types one or the operator sends one, and dropped.
"""

from binascii import unhexlify

from locker.app.boot_guard import drop
from locker.core import (
    codes,
    compartments,
    doors,
    faults,
    keys,
    messages,
    people,
    records,
)
from locker.core.mac import Mac
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from collections.abc import Iterable

    from locker.app.caretaker import Caretaker
    from locker.app.desk import Desk
    from locker.app.station import Station
    from locker.core.access import Entry, Moment
    from locker.core.people import Grant
    from locker.core.wire import Command

_AT_REST = (doors.SECURED, doors.INHIBITED, doors.FAIL_CLOSED)
_SLACK_S = const(120)  # of the host's clock
_DONE = const(-1)
_AHEAD = const(3)  # day codes may have been revoked more than once without our hearing of it
_RECODED = codes.NEXT_TENANCIES + 1


def judge(desk: "Desk", station: "Station", entry: "Entry", moment: "Moment", now: int) -> None:
    """A person's code, which was admitted and counted. The step is used up before anything is
    shown. An ordinary code and one with the alarm make the same writes, beeps and screens.
    """
    memory, place = station.vault.people, entry.place
    root = _keys(station).staff
    grant, mark = people.read(memory, place)
    fault, step, silent = people.judge(entry, root, grant, mark, moment)
    actor = records.COURIER if grant.role == people.COURIER else records.STAFF
    if fault:
        desk.refuse(fault, 0, actor, now, place)
        if fault == faults.WRONG_CODE:
            desk.search_near(entry, (), moment, now)
        return
    desk.acquit(entry, moment)
    if grant.uses != people.UNLIMITED:
        grant.uses -= 1
    people.write(memory, place, grant, step)
    _save(station)
    staff = actor == records.STAFF
    station.book.note(
        records.STAFF_ACCEPTED if staff else records.COURIER_ACCEPTED,
        now,
        actor=actor,
        tenancy=grant.generation,
        value=place,
        alarm=int(silent),
    )
    station.book.commit()
    if not staff:
        desk.deposits.offer(now)
        return
    from locker.core.service_menu import Menu

    station.session.serve(Menu(place, len(station.vault.compartments)), now)


def revoke_typed(desk: "Desk", caretaker: "Caretaker", entry: "Entry", now: int) -> None:
    """A revocation token: the operator's word without a network, and without a clock."""
    station, target = caretaker.station, entry.place
    mac = Mac(_keys(station).command)
    present, numbers = _numbers(station, target, now)
    fault, number = faults.WRONG_CODE, 0
    for candidate in numbers:
        if codes.revocation(mac, station.name, target, candidate) == entry.code:
            number = candidate
            fault = faults.NONE if number >= present else faults.CODE_REPLAYED
    fault = fault or revoke(caretaker, (target, number), records.OPERATOR, now)
    if fault:
        desk.refuse(fault, 0, records.OPERATOR, now, target)
        return
    station.vault.lockout.acquit(entry.selector, 0, True)
    station.vault.save_lockout()
    text = ""
    if 0 < target < codes.RETURNS:
        text = codes.receipt(Mac(station.vault.compartment(target).key), target)
    station.session.end(messages.REVOKED, now, text)


def obey(caretaker: "Caretaker", command: "Command", actor: int, now: int) -> int:
    """A "grant" or "revoke" of the operator, or a "revoke" of staff at the door (whatever its
    tenancy): NONE or a fault.
    """
    station = caretaker.station
    try:
        more = unhexlify(command.more)
        if command.op == "grant":
            return _grant(station, command.door, people.unpack_grant(more), command.by, now)
    except ValueError:
        return faults.GRANT_INVALID
    if command.number:
        number = 0
        for byte in more:
            number = number << 8 | byte
    else:
        number = station.vault.compartment(command.door).tenancy
    return revoke(caretaker, (command.door, number), actor, now)


def revoke(caretaker: "Caretaker", what: "tuple[int, int]", actor: int, now: int) -> int:
    """End a credential for ever: NONE, also when that was done before. what: target and number,
    as in codes.revocation(). Raises OSError when it cannot be written.
    """
    target, number = what
    station = caretaker.station
    whose = max(target - codes.PERSON, 0)
    if target > codes.PERSON:
        fault = _revoke_person(station, whose, number)
    elif not target:
        fault = _revoke_day_codes(station, number)
    elif number // 10 % 10 == target - codes.RETURNS:
        fault = _revoke_return(station, number, now)
        whose = codes.RETURNS
    elif target > len(station.vault.compartments):
        return faults.NO_SUCH_DOOR
    else:
        return _revoke_parcel(caretaker, what, actor, now)
    if fault == _DONE:
        _note_end(station, (0, whose), number, actor, now)
        return faults.NONE
    return fault


def _revoke_parcel(caretaker: "Caretaker", what: "tuple[int, int]", actor: int, now: int) -> int:
    """Journal first, as for a collection."""
    door, number = what
    station = caretaker.station
    compartment = station.vault.compartment(door)
    if station.vault.is_lost(door) or number >= compartment.tenancy + _RECODED:
        return faults.NOTHING_TO_REVOKE
    if number < compartment.tenancy:
        return faults.NONE
    lies = compartment.occupancy in (compartments.FREE, compartments.OCCUPIED)
    if not lies or station.bank.door(door).state not in _AT_REST:
        return faults.NOTHING_TO_REVOKE
    _note_end(station, (door, 0), compartment.tenancy, actor, now)
    station.vault.lockout.new_tenancy(door)
    station.vault.save_lockout()
    compartment.recode()
    caretaker.save(compartment, purge=True)
    return faults.NONE


def _revoke_return(station: "Station", number: int, now: int) -> int:
    from locker.app import returns

    fault = returns.revoke(station, number, now)
    del returns
    drop("app.returns", "core.tickets")
    return fault or _DONE


def _revoke_person(station: "Station", place: int, number: int) -> int:
    """_DONE, or NONE: it was done long before. What was just done is recorded once more: a power
    cut may have kept the first record from the journal. A generation that was never heard of is
    dead as well: its grant may still come.
    """
    grant, mark = people.read(station.vault.people, place)
    if grant.generation > number:
        return faults.NONE
    if grant.generation == number and grant.revoked:
        return _DONE
    grant.generation = number
    grant.revoked = True
    people.write(station.vault.people, place, grant, mark)
    _save(station)
    return _DONE


def _revoke_day_codes(station: "Station", number: int) -> int:
    """The same. Lost memory learns from it which codes are good."""
    memory = station.vault.people
    present = people.courier_generation(memory)
    is_lost = present == people.LOST
    if number >= people.LOST - 1:
        return faults.NOTHING_TO_REVOKE
    if number < present and not is_lost:
        return _DONE if number == present - 1 else faults.NONE
    memory[0], memory[1] = (number + 1) >> 8, (number + 1) & 255
    _save(station)
    station.courier = Mac(people.courier_key(_keys(station).courier, number + 1))
    return _DONE


def _grant(station: "Station", place: int, grant: "Grant", by: str, now: int) -> int:
    if not 0 < place <= people.PLACES or grant.revoked or not any(_keys(station).staff):
        return faults.GRANT_INVALID
    before, mark = people.read(station.vault.people, place)
    stale = grant.generation == before.generation and before.revoked
    if stale or grant.generation < max(before.generation, 1):
        return faults.GRANT_INVALID
    latest_s = station.clock.now_s(now) + people.LONGEST_S[grant.role] + _SLACK_S
    if grant.expires_s > latest_s:
        return faults.GRANT_INVALID
    kept = mark if grant.generation == before.generation else 0
    people.write(station.vault.people, place, grant, kept)
    _save(station)
    station.book.note(
        records.GRANTED,
        now,
        by=by,
        actor=records.OPERATOR,
        tenancy=grant.generation,
        value=place,
    )
    return faults.NONE


def _numbers(station: "Station", target: int, now: int) -> "tuple[int, Iterable[int]]":
    """(the number that a token may end, those that tokens are known of)."""
    if codes.RETURNS <= target < codes.RETURNS + 10:
        from locker.app import returns

        known = returns.numbers(station, target, now)
        del returns
        drop("app.returns", "core.tickets")
        return 0, known
    if target > codes.PERSON:
        grant, _ = people.read(station.vault.people, target - codes.PERSON)
        ended = grant.revoked or not grant.role
        return grant.generation + ended, range(max(grant.generation - 1, 0), grant.generation + 1)
    if not target:
        present = people.courier_generation(station.vault.people)
        return present, range(max(present - 1, 0), min(present + _AHEAD, people.LOST - 1))
    if target > len(station.vault.compartments):
        return 0, range(0)
    present = station.vault.compartment(target).tenancy
    return present, range(max(present - _RECODED, 0), present + _RECODED)


def _note_end(
    station: "Station", whose: "tuple[int, int]", number: int, actor: int, now: int
) -> None:
    """whose: door, and place."""
    station.book.note(records.REVOKED, now, whose[0], actor=actor, tenancy=number, value=whose[1])
    station.book.commit()


def _save(station: "Station") -> None:
    station.vault.cells.save(people.CELL, bytes(station.vault.people))


def _keys(station: "Station") -> keys.Keys:
    return keys.unpack_keys(station.vault.cells.load(keys.CELL) or b"")
