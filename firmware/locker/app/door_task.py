"""The door step: read the contacts, step the bank, fire what it says, watch the pulse end. Every
10 ms, before all else.
"""

from locker.core import bank, faults, records
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from locker.app.desk import Desk
    from locker.app.station import Station
    from locker.app.supply_task import SupplyTask
    from locker.core.feedback import Feedback

_PERIOD_MS = const(10)
_DARK_STEPS = const(100)


class DoorTask:
    """pulse_ms: commanded on-time of a coil. The watchdog is fed here and nowhere else."""

    def __init__(self, station: "Station", desk: "Desk", pulse_ms: int) -> None:
        self._station = station
        self._desk = desk
        self._pulse_ms = pulse_ms
        self._fired = 0  # mask of the doors in the pulse that runs
        self._last_fired = 1  # mask of those in the last one
        self._feedback: Feedback | None = None
        self._supply: SupplyTask | None = None
        self._twins: Callable[[], int] | None = None
        self._dark_steps = 0  # with doors whose contacts could not be read

    def watch_current(self, flows: "Callable[[], bool]", feedback: "Feedback") -> None:
        """flows: tells whether any coil carries current at this moment."""
        self._flows = flows
        self._feedback = feedback

    def watch_twins(self, reeds: "Callable[[], int]") -> None:
        """reeds: what the second reeds say, bit d-1 for door d."""
        self._twins = reeds

    def watch_supply(self, supply: "SupplyTask") -> None:
        """supply: says before each pulse whether there may be one, and looks at each."""
        self._supply = supply

    def step(self, now: int) -> int:
        """One sample of all contacts and what follows from it."""
        station = self._station
        if self._twins is not None:
            station.bank.sensors.take_twins(self._twins(), now)
        actions = self._sample(now)
        if actions:
            self._carry_out(actions, now)
        if station.bank.sensors.dark or self._dark_steps:
            self._watch_dark(now)
        station.solenoid.step(now)
        if self._fired:
            self._watch_pulse(now)
        if self._feedback is not None:
            self._watch_current(now)
        station.hal.system.feed()
        return _PERIOD_MS

    def recover(self, now: int) -> None:
        """Doors in the middle of a step are what no table knows (a state without its timer): they
        begin again from contacts and flash, as after a power cut.
        """
        self._station.hal.system.restart()

    def _sample(self, now: int) -> "Sequence[tuple[int, int, int]]":
        """Apart from step(): together they would need a frame in the heap."""
        contacts = self._station.hal.contacts
        reeds = contacts.reeds()
        return self._station.bank.step(reeds, contacts.latches(), now, contacts.unread())

    def _watch_dark(self, now: int) -> None:
        """What is over within a second, as at every start, is not worth a record."""
        if self._station.bank.sensors.dark:
            self._dark_steps += 1
            if self._dark_steps == _DARK_STEPS:
                self._station.note_health(faults.CONTACTS_UNREAD, True, now)
        else:
            self._dark_steps = 0
            self._station.note_health(faults.CONTACTS_UNREAD, False, now)

    def _carry_out(self, actions: "Sequence[tuple[int, int, int]]", now: int) -> None:
        mask = 0
        for action, door, value in actions:
            if action == bank.FIRE:
                mask |= 1 << (door - 1)
            elif action == bank.CHANGED:
                self._tell(door, value)
            else:
                self._desk.expired(door, value)
        if mask:
            self._fire(mask, now)

    def _fire(self, mask: int, now: int) -> None:
        station = self._station
        is_weak = self._supply is not None and not self._supply.is_strong()
        fired = not is_weak and station.solenoid.fire(mask, self._pulse_ms, now)
        if fired:
            self._fired = self._last_fired = mask
        elif not is_weak:
            print("pulse on doors", bin(mask), "refused:", station.solenoid.refusal)
        for door in _numbers(mask):
            if fired:
                station.book.note(records.PULSED, now, door, value=self._pulse_ms)
            else:
                fault = faults.SUPPLY_LOW if is_weak else faults.PULSE_REFUSED
                station.book.note(records.FAULT, now, door, fault=fault)
                station.bank.not_fired(door, now)

    def _watch_pulse(self, now: int) -> None:
        solenoid = self._station.solenoid
        if self._supply is not None:
            self._supply.watch()
        if solenoid.end_late(now):
            solenoid.abort()
            for door in _numbers(self._fired):
                self._station.bank.stop(door, faults.PULSE_OVERRUN, now)
            self._fired = 0
        elif not solenoid.busy():
            if self._supply is not None:
                self._supply.end(_numbers(self._fired)[0], now)
            self._fired = 0

    def _watch_current(self, now: int) -> None:
        station = self._station
        fault = self._feedback.check(self._flows(), bool(self._fired), now)  # type: ignore[union-attr]
        if fault == faults.DRIVER_WELDED:
            station.solenoid.abort()
            if not station.bank.cut_off:
                station.bank.stop(_numbers(self._last_fired)[0], fault, now)
        elif fault:
            for door in _numbers(self._last_fired):
                station.book.note(records.FAULT, now, door, fault=fault)

    def _tell(self, door: int, verdict: int) -> None:
        state = self._station.bank.door(door).state
        self._station.doors_dirty |= 1 << (door - 1)
        self._station.news = True
        self._desk.door_changed(door, state, verdict)


def _numbers(mask: int) -> "list[int]":
    """Door numbers of a mask."""
    return [i + 1 for i in range(24) if mask >> i & 1]
