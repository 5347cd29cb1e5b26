"""Codes made on the host. Pure: the same locker.core.codes as on the station, with the host's
keys.
"""

from dataclasses import dataclass

from locker.core import clock, codes, damm, people
from locker.core.mac import Mac
from lockerctl.errors import Exit, ToolError
from lockerctl.station import Station

RECEIPT_SEARCH = 50  # tenancies looked at for a receipt: a busy door sees a handful a day

_TIME_LIMIT_S = 1 << 30  # seconds since 2020 stay small ints on the station


@dataclass(frozen=True)
class Issued:
    """One code for a person. name: class, 'recovery', 'courier' or 'return'; since_s and until_s:
    Unix seconds, 0 without a time limit; number: of a return code.
    """

    station: str
    door: int
    tenancy: int
    name: str
    digits: str
    since_s: int
    until_s: int
    number: int = 0

    @property
    def spoken(self) -> str:
        """In groups, as people read it out."""
        return codes.spoken(self.digits)


def recipient(station: Station, door: int, tenancy: int, name: str, at_s: int) -> Issued:
    """The code of a parcel, good at Unix time at_s. name: a class the station uses. Raises
    ToolError.
    """
    if name not in station.classes:
        used = ", ".join(station.classes)
        raise ToolError(
            Exit.REFUSED,
            f"Station {station.name!r} does not take codes of class {name!r}.",
            f"It takes: {used}.",
        )
    slot = station_time(at_s) // codes.slot_seconds(name)
    code = codes.recipient_code(_door_mac(station, door, tenancy), name, slot)
    return Issued(
        station.name, door, tenancy, name, codes.entry(door, code), *unix_window(name, slot)
    )


def recovery(station: Station, door: int, tenancy: int) -> Issued:
    """The twelve-digit code of a parcel, bound to its tenancy and to no time."""
    code = codes.recovery_code(_door_mac(station, door, tenancy))
    return Issued(
        station.name, door, tenancy, "recovery", codes.entry(door, code, recovery=True), 0, 0
    )


def courier(station: Station, at_s: int, long: bool = False, silent: bool = False) -> Issued:
    """The courier code of the day, good at Unix time at_s. It opens free compartments only. long:
    the one of twelve digits, taken when guessing has closed the short one; silent: the one that
    raises the alarm.
    """
    name = codes.COURIER_CLASS
    slot = station_time(at_s) // codes.slot_seconds(name)
    key = people.courier_key(station.keys.courier, station.courier_generation)
    code = codes.courier_code(Mac(key), slot, long, silent)
    digits = codes.entry(codes.COURIER_SELECTOR, code, long)
    return Issued(station.name, 0, 0, "courier", digits, *unix_window(name, slot))


def person_entry(place: int, code: int) -> str:
    """The digits that a person with a fixed code types."""
    return checked(f"{codes.PERSON}{place}", code)


def revocation_entry(target: int, token: int) -> str:
    """The digits of a revocation as somebody types them at the station."""
    return checked(f"{codes.REVOCATION}{target:02d}", token)


def checked(head: str, code: int, long: bool = True) -> str:
    """Selector and more, twelve digits or (not long) eight, and the check digit."""
    body = head + f"{code:0{codes.RECOVERY_DIGITS if long else codes.CODE_DIGITS}d}"
    return body + str(damm.check_digit(body))


def unix_window(name: str, slot: int) -> tuple[int, int]:
    """(start, end) of a slot in Unix seconds."""
    start, end = codes.window(name, slot)
    return start + clock.EPOCH, end + clock.EPOCH


def receipt_door(receipt: str) -> int:
    """The door a receipt such as 07-4821 names. Raises ToolError when it is none."""
    if len(receipt) != 7 or receipt[2] != "-" or not (receipt[:2] + receipt[3:]).isdecimal():
        raise ToolError(
            Exit.USAGE,
            f"{receipt!r} is no receipt.",
            "It is on the courier's display: door, dash, four digits (07-4821).",
        )
    return int(receipt[:2])


def tenancies_of_receipt(station: Station, receipt: str, first: int) -> list[int]:
    """The tenancies from ``first`` on whose receipt this is, nearest first. Four digits: a chance
    hit in 200 searches.
    """
    door = receipt_door(receipt)
    check_door(station, door)
    key = codes.key_of_tenancy(station.keys.door_root, door, first)
    found = []
    for tenancy in range(first, first + RECEIPT_SEARCH):
        if codes.receipt(Mac(key), door) == receipt:
            found.append(tenancy)
        key = codes.next_key(key)
    return found


def check_door(station: Station, door: int) -> None:
    """Raises ToolError when the station has no such door."""
    if door not in station.sizes:
        doors = f"{min(station.sizes)}..{max(station.sizes)}"
        raise ToolError(
            Exit.NOT_FOUND,
            f"Station {station.name!r} has no door {door}.",
            f"Its doors are {doors}.",
        )


def _door_mac(station: Station, door: int, tenancy: int) -> Mac:
    check_door(station, door)
    return Mac(codes.key_of_tenancy(station.keys.door_root, door, tenancy))


def station_time(at_s: int) -> int:
    """Seconds since 2020 of a Unix time. Raises ToolError outside of what a station can hold."""
    since_2020 = at_s - clock.EPOCH
    if not 0 <= since_2020 < _TIME_LIMIT_S:
        raise ToolError(Exit.USAGE, "The time must lie between 2020 and 2053.")
    return since_2020
