"""Return codes at the station: typed, used, ended. Loaded when somebody gives a parcel back or one
is revoked, and dropped. core.tickets says what is kept of them and why.
"""

from locker.core import clock, codes, compartments, doors, faults, keys, records, tickets
from locker.core.mac import Mac
from locker.core.tickets import Tickets
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.app.desk import Desk
    from locker.app.station import Station
    from locker.core.access import Entry, Moment
    from locker.core.compartments import Compartment
    from locker.storage.cells import Cells


def judge(desk: "Desk", station: "Station", entry: "Entry", moment: "Moment", now: int) -> None:
    """A return code, which was admitted and counted: ask for the size, or go on with the door that
    it is at work for. One that was used is refused like a wrong one.
    """
    cells = station.vault.cells
    mac = Mac(keys.unpack_keys(cells.load(keys.CELL) or b"").courier)
    number = tickets.matching(entry, mac, moment)
    if not number:
        desk.refuse(faults.WRONG_CODE, 0, records.SENDER, now)
        desk.search_near(entry, (), moment, now)
        return
    used = _load(cells, moment)
    compartment = _at_work(used, number, station)
    if compartment is None and used.has_ended(number):
        desk.refuse(faults.CODE_REPLAYED, 0, records.SENDER, now, number)
        return
    desk.acquit(entry, moment)
    station.book.note(records.RETURN_ACCEPTED, now, actor=records.SENDER, value=number)
    if compartment is None:
        desk.deposits.offer(now, number)
    else:
        desk.deposits.returning = number
        _go_on(desk, station, compartment, now)


def use(cells: "Cells", number: int, door: int) -> bool:
    """One start more, for this door, durably; False when the code has ended. Raises OSError."""
    used = _load(cells)
    if used.has_ended(number):
        return False
    used.start(number, door)
    _save(cells, used)
    return True


def is_good(cells: "Cells", door: int) -> bool:
    """May the code that was started for this door start another?"""
    used = _load(cells)
    number = used.number_of(door)
    return number > 0 and not used.has_ended(number)


def end(cells: "Cells", door: int) -> int:
    """The parcel is in: the number of its code (0: it is not known any more), which from here on
    is used up. Raises OSError.
    """
    used = _load(cells)
    number = used.number_of(door)
    if number and used.door_of(number):
        _end(cells, used, number)
    return number


def revoke(station: "Station", number: int, now: int) -> int:
    """End a code for ever: NONE, also when it had ended before. Raises OSError."""
    used = _load(station.vault.cells, _moment(station, now))
    if number // tickets.SERIALS not in _known_slots(used, station, now):
        return faults.NONE if used.has_ended(number) else faults.NOTHING_TO_REVOKE
    if not used.has_ended(number) or used.door_of(number):
        _end(station.vault.cells, used, number)
    return faults.NONE


def numbers(station: "Station", target: int, now: int) -> list[int]:
    """The codes that a typed token of this target may name."""
    used = _load(station.vault.cells, _moment(station, now))
    serials = range((target - codes.RETURNS) * 10, (target - codes.RETURNS) * 10 + 10)
    slots = _known_slots(used, station, now)
    return [slot * tickets.SERIALS + serial for slot in slots for serial in serials]


def _end(cells: "Cells", used: Tickets, number: int) -> None:
    used.end(number)
    _save(cells, used)


def _save(cells: "Cells", used: Tickets) -> None:
    cells.save(tickets.CELL, used.pack(), purge=True)  # nor may the older copy know it as good


def _load(cells: "Cells", moment: "Moment | None" = None) -> Tickets:
    """moment: to begin anew after a loss, with the codes of windows that begin from now on."""
    used = Tickets(cells.load(tickets.CELL) or b"")
    if used.is_lost and moment is not None and moment.known:
        used.reset(_latest(moment) + 1)
        _save(cells, used)
    return used


def _latest(moment: "Moment") -> int:
    return (moment.now_s + moment.uncertainty_s) // codes.slot_seconds(codes.RETURN_CLASS)


def _moment(station: "Station", now: int) -> "Moment":
    from locker.core.access import Moment

    clk = station.clock
    known = clk.trust(now) != clock.UNSYNCED
    return Moment(clk.now_s(now), clk.uncertainty_s(now), known)


def _known_slots(used: Tickets, station: "Station", now: int) -> range:
    """Of codes that are good, or will be soon: one of later would push out those of today."""
    moment = _moment(station, now)
    if not moment.known:
        return range(used.first, used.first + tickets.SLOTS)
    latest = _latest(moment) + 1
    return range(max(used.first, latest - tickets.SLOTS + 1), latest + 1)


def _at_work(used: Tickets, number: int, station: "Station") -> "Compartment | None":
    """The compartment that is still reserved for this very code."""
    door = used.door_of(number)
    if not door or door > len(station.vault.compartments):
        return None
    compartment = station.vault.compartment(door)
    works = compartment.returned and compartment.occupancy == compartments.RESERVED
    return compartment if works else None


def _go_on(desk: "Desk", station: "Station", compartment: "Compartment", now: int) -> None:
    """The power was off, or the person away: the same door, once more. Where that cannot be, the
    question what is in it.
    """
    door = station.bank.door(compartment.door)
    talk = station.session
    if door.granted and door.state != doors.SECURED:
        talk.attend(compartment.door, True, now)
        talk.door_changed(compartment.door, door.state, door.verdict, compartment.opened, now)
    elif compartment.may_release and station.bank.may_release(compartment.door):
        desk.release(compartment, records.SENDER, now)
    else:
        talk.ask_inside(compartment.door, now)
