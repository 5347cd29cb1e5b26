"""Carries out what staff want at the keypad. Loaded for each wish, and dropped."""

from locker.core import codes, service_menu, wire
from locker.core.mac import Mac
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.app.caretaker import Caretaker
    from locker.app.station import Station

_OCCUPANCY = ("free", "used", "full", "gone")


def carry_out(caretaker: "Caretaker", station: "Station", wish: int, now: int) -> None:
    """Do it, and show what came of it. wish: see service_menu. Raises OSError."""
    menu = station.session.menu
    if menu is None:  # the person has waited too long and is gone
        return
    door, action, why = wish >> 8, wish >> 4 & 15, wish & 15
    compartment = station.vault.compartment(door)
    if not action:
        fault = compartment.fault or station.bank.door(door).verdict
        text = "return" if compartment.returned else _OCCUPANCY[compartment.occupancy]
        menu.show_door(door, "E%d %s" % (fault, text) if fault else text)
    else:
        op = service_menu.ACTIONS[action - 1]
        by = "place %d" % menu.place
        command = wire.Command(0, op, door, 0, by, wire.REASONS[why], True)
        status, fault = caretaker.serve(command, now)
        ended = op == "revoke" and not fault
        text = codes.receipt(Mac(compartment.key), door) if ended else status
        menu.show_result(door, fault, text)
    station.session.serve(menu, now)
