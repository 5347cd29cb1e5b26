"""Return codes on the host: each serial of a window is given out once, and of whom is not kept
here.
"""

from dataclasses import replace

from locker.core import codes, tickets
from locker.core.mac import Mac
from lockerctl import issue
from lockerctl.errors import Exit, ToolError
from lockerctl.issue import Issued
from lockerctl.station import Station
from lockerctl.store import Store

_KEPT_SLOTS = 8  # whose serials are remembered: longer than any code of them lives
_AHEAD = 4  # slots of codes that were issued for later


def give_out(store: Store, name: str, at_s: int) -> int:
    """The number of a code that nobody has yet, good from the slot of Unix time at_s. Kept before
    it is told. Raises ToolError when the slot has no more.
    """
    given: list[int] = []

    def change(station: Station) -> Station:
        slot = _slot(at_s)
        serial = station.returns.get(slot, 0)
        if serial >= tickets.SERIALS:
            raise ToolError(
                Exit.REFUSED,
                f"All {tickets.SERIALS} return codes of this time are given out.",
                "`--at` makes one for later: a new set begins every 42 hours.",
            )
        given[:] = [slot * tickets.SERIALS + serial]
        kept = {s: n for s, n in station.returns.items() if s > slot - _KEPT_SLOTS}
        return replace(station, returns={**kept, slot: serial + 1})

    store.update(name, change)
    return given[0]


def code(station: Station, number: int, long: bool = False) -> Issued:
    """The digits of a code by its number. long: the twelve that are taken when guessing has closed
    the eight; both are the same code, good once.
    """
    slot, serial = divmod(number, tickets.SERIALS)
    found = codes.return_code(Mac(station.keys.courier), number, long)
    digits = issue.checked(f"{codes.RETURN}{serial:02d}", found, long)
    since_s, until_s = issue.unix_window(codes.RETURN_CLASS, slot)
    return Issued(station.name, 0, 0, "return", digits, since_s, until_s, number)


def number_of(station: Station, spoken: str, now_s: int) -> int:
    """The number of a code somebody reads out, of the last two weeks or the next. Raises
    ToolError.
    """
    digits = "".join(c for c in spoken if c.isdigit())
    if digits[:2] == str(codes.RETURN) and codes.is_entry(digits):
        last = _slot(now_s) + _AHEAD
        for slot in range(last, max(last - _KEPT_SLOTS - _AHEAD, -1), -1):
            number = slot * tickets.SERIALS + int(digits[2:4])
            if digits in (code(station, number).digits, code(station, number, True).digits):
                return number
    raise ToolError(
        Exit.NOT_FOUND,
        f"{spoken!r} is no return code of station {station.name!r}.",
        "Such a code begins with 93 and is of one station.",
    )


def target_of(number: int) -> int:
    """What a revocation of it is aimed at, as in codes.revocation()."""
    return codes.RETURNS + number % tickets.SERIALS // 10


def _slot(at_s: int) -> int:
    return issue.station_time(at_s) // codes.slot_seconds(codes.RETURN_CLASS)
