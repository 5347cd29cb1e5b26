"""Persons and revocations: what the host decides, keeps until the station has confirmed it, and
sends again.
"""

import base64
import time
from dataclasses import dataclass, replace
from urllib.parse import quote

from locker.core import codes
from locker.core import people as rules
from locker.core.mac import Mac
from lockerctl import command, issue, persons, returns
from lockerctl.command import Order
from lockerctl.errors import Exit, ToolError
from lockerctl.persons import Person, Revocation
from lockerctl.station import NO_KEY, Known, Station
from lockerctl.store import Store

WAIT_S = 5.0
COURIERS = "the courier's day codes"
_DOORS_MAX = 24


@dataclass(frozen=True)
class Sent:
    """What became of an order. at_s: when it left, 0 when it did not; why: it is not confirmed."""

    at_s: int
    confirmed: bool
    why: str = ""


@dataclass(frozen=True)
class Wish:
    """What a person is to be granted, as in persons.Person. place: 0 for the one the name has, or
    a free one; expires_s: 0 for the longest that the role may have.
    """

    name: str
    role: str
    place: int = 0
    expires_s: int = 0
    days: int = persons.EVERY_DAY
    hours: tuple[int, int] = persons.ALL_HOURS
    uses: int = 0
    fixed: bool = False


def grant(store: Store, name: str, wish: Wish, by: str) -> tuple[Person, Sent]:
    """Give a person a place, or change what the one of this name may do: kept first, then sent.
    Raises ToolError for what the station would refuse.
    """
    command.check_name(by)
    given: list[Person] = []

    def change(station: Station) -> Station:
        given[:] = [_person(station, wish, int(time.time()))]
        return replace(station, people={**station.people, given[0].place: given[0]})

    store.update(name, change)
    sent = send_grant(store, name, given[0], by)
    return replace(given[0], confirmed=sent.confirmed), sent


def send_grant(store: Store, name: str, person: Person, by: str) -> Sent:
    """Tell the station, and note what it says."""
    sent = _send(store, name, Order("grant", person.place, by, more=person.grant().hex()))

    def change(station: Station) -> Station:
        if station.people.get(person.place) != person:
            return station
        changed = replace(person, confirmed=sent.confirmed)
        return replace(station, people={**station.people, person.place: changed})

    store.update(name, change)
    return sent


def revoke(  # noqa: PLR0913 - what it may be
    store: Store, name: str, target: int, by: str, known: Known | None = None, number: int = 0
) -> tuple[Revocation, Sent]:
    """End a credential: from now on this host issues none of it, whatever the station says.

    target: as in codes.revocation(); known: of the parcel, when it is a door; number: of a return
    code. Raises ToolError.
    """
    command.check_name(by)
    made: list[Revocation] = []

    def change(station: Station) -> Station:
        made[:] = [_revocation(station, (target, number), known, int(time.time()))]
        return _without(replace(station, revocations=(*station.revocations, made[0])), target)

    store.update(name, change)
    return send_revocation(store, name, made[0], by)


def send_revocation(
    store: Store, name: str, revocation: Revocation, by: str
) -> tuple[Revocation, Sent]:
    """Tell the station (again: it takes the same one twice), and note what it says."""
    more = revocation.number.to_bytes(4, "big").hex()
    try:
        sent = _send(store, name, Order("revoke", revocation.target, by, more=more))
    except ToolError as error:
        if error.code != Exit.REJECTED:
            raise
        sent = Sent(int(time.time()), False, error.text)  # the door is in use: it is sent again
    after = replace(revocation, sent_s=revocation.sent_s or sent.at_s)
    if sent.confirmed:
        after = after.confirm(int(time.time()))

    def change(station: Station) -> Station:
        rows = tuple(after if row == revocation else row for row in station.revocations)
        return _learnt(replace(station, revocations=rows), after)

    store.update(name, change)
    return after, sent


def pending(station: Station) -> tuple[list[Person], list[Revocation]]:
    """What the station has not confirmed yet."""
    unsure = [p for _, p in sorted(station.people.items()) if not (p.confirmed or p.revoked)]
    return unsure, [row for row in station.revocations if not row.confirmed_s]


def token(station: Station, revocation: Revocation) -> str:
    """What somebody types at a station that has no network."""
    mac = Mac(station.keys.command)
    target = revocation.target
    code = codes.revocation(mac, station.name, target, revocation.number)
    return issue.revocation_entry(target, code)


def secret(station: Station, person: Person, silent: bool) -> bytes:
    """20 bytes for the person's app. silent: of the entry that raises the alarm."""
    return rules.key(station.keys.staff, person.place, person.generation, silent)


def otpauth(station: Station, person: Person, silent: bool) -> str:
    """The URI that authenticator apps scan. The account begins with what the person types before
    the code.
    """
    key = base64.b32encode(secret(station, person, silent)).decode().rstrip("=")
    issuer = quote(f"Latchwork {station.name}")
    account = quote(f"90{person.place} {person.name}" + (" 2" if silent else ""))
    options = "algorithm=SHA1&digits=8&period=30"
    return f"otpauth://totp/{issuer}:{account}?secret={key}&issuer={issuer}&{options}"


def fixed_entry(station: Station, person: Person, silent: bool) -> str:
    """The digits of a person without an app."""
    code = rules.fixed_code(secret(station, person, silent))
    return issue.person_entry(person.place, code)


def named(station: Station, name: str) -> Person:
    """The person of this name. Raises ToolError."""
    for person in station.people.values():
        if person.name == name and not person.revoked:
            return person
    raise ToolError(
        Exit.NOT_FOUND,
        f"Station {station.name!r} has nobody called {name!r}.",
        f"`lockerctl code people --station {station.name}` lists them.",
    )


def _send(store: Store, name: str, order: Order) -> Sent:
    """Silence is no error here: it is kept and sent again. What the station refuses is one."""
    try:
        answer = command.send(store, name, replace(order, wait_s=WAIT_S))
    except ToolError as error:
        if error.code != Exit.NO_ANSWER:
            raise
        left = isinstance(error, command.Unanswered)
        return Sent(int(time.time()) if left else 0, False, error.text)
    if answer.status == "rejected":
        raise command.refusal(answer)
    return Sent(int(time.time()), True)


def _person(station: Station, wish: Wish, now_s: int) -> Person:
    if station.keys.staff == NO_KEY:
        raise ToolError(
            Exit.REFUSED,
            f"Station {station.name!r} has no key for persons: it is of an older lockerctl.",
            "Provision it again.",
        )
    command.check_name(wish.name)
    place = wish.place or _place(station, wish.name)
    before = station.people.get(place)
    if before and not before.revoked and before.name != wish.name:
        raise ToolError(Exit.REFUSED, f"Place {place} is {before.name!r}: revoke that first.")
    same = before is not None and not before.revoked
    generation = before.generation + (not same) if before else 1
    longest_s = now_s + rules.LONGEST_S[persons.ROLES.index(wish.role)]
    expires_s = wish.expires_s or longest_s
    if not now_s < expires_s <= longest_s:
        days = rules.LONGEST_S[persons.ROLES.index(wish.role)] // 86_400
        raise ToolError(
            Exit.REFUSED,
            f"A grant for {wish.role} lasts {days} day(s) at most and ends in the future.",
            "Grant it again before it ends: what is forgotten ends by itself.",
        )
    offset_s = time.localtime(now_s).tm_gmtoff
    return Person(
        place,
        wish.name,
        wish.role,
        generation,
        expires_s,
        wish.days,
        *wish.hours,
        offset_s // 900,
        wish.uses,
        wish.fixed,
    )


def _place(station: Station, name: str) -> int:
    for person in station.people.values():
        if person.name == name and not person.revoked:
            return person.place
    for place in range(1, rules.PLACES + 1):
        if place not in station.people or station.people[place].revoked:
            return place
    raise ToolError(
        Exit.REFUSED,
        f"All {rules.PLACES} places of station {station.name!r} are taken.",
        "Revoke somebody with `lockerctl code revoke`.",
    )


def _revocation(
    station: Station, ends: tuple[int, int], known: Known | None, now_s: int
) -> Revocation:
    """ends: target, and the number of a return code."""
    target, number = ends
    if number:
        until_s = returns.code(station, number).until_s
        return Revocation(target, number, f"the return code number {number}", 0, 0, until_s)
    if target > codes.PERSON:
        person = station.people.get(target - codes.PERSON)
        if person is None or person.revoked:
            raise ToolError(Exit.NOT_FOUND, f"Nobody has place {target - codes.PERSON}.")
        what = f"{person.role} {person.name!r} (place {person.place})"
        return Revocation(target, person.generation, what, 0, 0, person.expires_s)
    if not target:
        day_s = codes.CLASSES[codes.COURIER_CLASS]
        return Revocation(0, station.courier_generation, COURIERS, 0, 0, now_s + day_s)
    issue.check_door(station, target)
    if known is None:
        raise ValueError("which tenancy of the door?")
    longest_s = max(codes.CLASSES[name] for name in station.classes)
    what = f"the codes of door {target} (tenancy {known.tenancy})"
    return Revocation(target, known.tenancy, what, 0, 0, now_s + longest_s)


def _without(station: Station, target: int) -> Station:
    """This host no longer issues what is revoked."""
    if target > codes.PERSON:
        place = target - codes.PERSON
        person = replace(station.people[place], revoked=True)
        return replace(station, people={**station.people, place: person})
    if not target:
        return replace(station, courier_generation=station.courier_generation + 1)
    return station


def _learnt(station: Station, revocation: Revocation) -> Station:
    """A door that was confirmed is in a later tenancy."""
    door = revocation.target
    if not (0 < door <= _DOORS_MAX and revocation.confirmed_s):
        return station
    old = station.known.get(door) or Known(1, False)
    number = max(old.tenancy, revocation.number + codes.NEXT_TENANCIES + 1)
    known = Known(number, old.occupied, max(old.seen_s, revocation.confirmed_s))
    return replace(station, known={**station.known, door: known})
