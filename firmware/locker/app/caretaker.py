"""Keeps what is stored of each compartment in line with its door, and obeys the operator.

Plain errands of the desk: each is durable first, then in effect, and raises OSError when the flash
cannot be written.
"""

from locker.app.boot_guard import drop
from locker.core import clock, compartments, doors, faults, records, session, wire
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.app.station import Station
    from locker.core.compartments import Compartment
    from locker.core.wire import Command

_OF_CREDENTIALS = ("grant", "revoke")
_COMES_BACK_S = const(600)  # of powered time
_OPEN_STATES = (doors.OPEN, doors.OPEN_LATE, doors.OPEN_ALARM)


class Caretaker:
    """station: the parts it works on."""

    def __init__(self, station: "Station") -> None:
        self.station = station
        self._left_s: dict[int, int] = {}  # door of a return nobody attends: uptime when seen so

    def save(self, compartment: "Compartment", purge: bool = False) -> None:
        """Make a door's record durable, and have the host told."""
        self.station.doors_dirty |= 1 << (compartment.door - 1)
        self.station.vault.save_door(compartment, purge)

    def store(self, compartment: "Compartment", now: int) -> None:
        """Journal first, as for a collection; a return code has ended before that."""
        returned = compartment.returned
        self.station.book.note(
            records.DEPOSITED,
            now,
            compartment.door,
            actor=records.SENDER if returned else records.COURIER,
            tenancy=compartment.tenancy,
            value=self._end_return(compartment.door) if returned else 0,
        )
        self.station.book.commit()
        self.station.vault.lockout.new_tenancy(compartment.door)
        self.station.vault.save_lockout()
        compartment.occupy()
        self.station.overdue &= ~(1 << (compartment.door - 1))  # that was the parcel before
        self.save(compartment)

    def _end_return(self, door: int) -> int:
        from locker.app import returns

        number = returns.end(self.station.vault.cells, door)
        del returns
        drop("app.returns", "core.tickets", "core.keys")
        return number

    def door_changed(self, door: int, state: int, verdict: int, now: int) -> None:
        """A door took a step: tell the person and the journal, and keep that it was open.
        reconcile() is for when all its steps have been told.
        """
        station = self.station
        self._left_s.pop(door, None)
        compartment = station.vault.compartment(door)
        station.session.door_changed(door, state, verdict, compartment.opened, now)
        if verdict or state in (doors.OPEN, doors.SECURED):
            station.book.note(records.DOOR, now, door, fault=verdict, value=state)
        if state in _OPEN_STATES:  # it may have been shut again since
            self._see_open(compartment)

    def expired(self, door: int, by_service: bool, now: int) -> None:
        """The release that was asked for never fired."""
        self.station.book.note(records.FAULT, now, door, fault=faults.PULSE_REFUSED)
        if by_service:
            return
        if self.station.session.door == door:
            self.station.session.show_refusal(faults.PULSE_REFUSED, now, door)
        compartment = self.station.vault.compartment(door)
        compartment.give_back_release()
        self.save(compartment)

    def reconcile(self, compartment: "Compartment", now: int) -> None:
        """Bring what is stored of a compartment in line with its door. Safe to repeat."""
        door = self.station.bank.door(compartment.door)
        if not self.station.vault.is_stored(compartment.door):
            self.save(compartment)
        if door.state == doors.FAIL_CLOSED:
            self._latch(compartment, door.verdict, now)
        elif door.state in _OPEN_STATES or self._is_free_for_courier(compartment):
            self._see_open(compartment)
        elif door.state == doors.SECURED:
            self._settle(compartment, now)

    def _see_open(self, compartment: "Compartment") -> None:
        if not compartment.granted or compartment.opened:
            return
        compartment.mark_opened()
        try:
            self.save(compartment)
        except OSError:
            compartment.mark_opened()
            self.station.vault.keep(compartment)
            raise

    def _is_free_for_courier(self, compartment: "Compartment") -> bool:
        """A bolt is free: behind a reed that is stuck a parcel may go in."""
        state = self.station.bank.door(compartment.door).state
        return state == doors.RELEASED and compartment.occupancy == compartments.RESERVED

    def _latch(self, compartment: "Compartment", verdict: int, now: int) -> None:
        if compartment.fault != verdict:
            compartment.fault = verdict
            if compartment.occupancy == compartments.RESERVED:
                compartment.mark_opened()  # contacts that lie have hidden what went in
            self.save(compartment)
            self.station.book.note(records.FAULT, now, compartment.door, fault=verdict)

    def _settle(self, compartment: "Compartment", now: int) -> None:
        """The door is secured: a claim that saw it open is fulfilled, a deposit nobody attends is
        ended, a return after ten minutes. A compartment that may hold a parcel is never given to
        somebody else.
        """
        if compartment.claim and compartment.opened:
            self._collected(compartment, now, records.RECIPIENT)
        elif self._is_attended(compartment) or self._may_come_back(compartment):
            return
        elif compartment.occupancy == compartments.RESERVED and compartment.opened:
            self.store(compartment, now)
        elif compartment.occupancy == compartments.RESERVED or compartment.is_reopened:
            compartment.unreserve()
            self.save(compartment)
        self._end_grant(compartment)

    def _end_grant(self, compartment: "Compartment") -> None:
        """Whoever opens it from here on does so by force, even a door that has just jammed."""
        if not compartment.granted:
            self.station.bank.door(compartment.door).withdraw()

    def _collected(self, compartment: "Compartment", now: int, actor: int) -> None:
        """Journal first: a cut between the two repeats the record, and never loses it."""
        door = compartment.door
        self.station.book.note(
            records.COLLECTED, now, door, actor=actor, tenancy=compartment.claim
        )
        self.station.book.commit()
        compartment.collect()
        self.save(compartment, purge=True)

    def _is_attended(self, compartment: "Compartment") -> bool:
        talk = self.station.session
        here = talk.state in (session.DOOR, session.CONFIRM, session.CHECKING)
        return here and talk.door == compartment.door

    def _may_come_back(self, compartment: "Compartment") -> bool:
        """Whoever gives a parcel back has one code, and may not have put it in yet: for a while it
        opens this door again, and only then the parcel counts as in.
        """
        door, uptime_s = compartment.door, self.station.uptime_s
        if compartment.occupancy != compartments.RESERVED or not compartment.returned:
            return False
        if not compartment.opened:
            return False
        if uptime_s - self._left_s.setdefault(door, uptime_s) < _COMES_BACK_S:
            return True
        del self._left_s[door]
        return False

    # --- the operator ---

    def obey(self, command: "Command", now: int) -> "tuple[int, str, int]":
        """Carry out one authentic command; the answer to it: (number, status, fault)."""
        fault = self._check(command, now)
        if not fault:
            self.station.vault.counters.command = command.number
        status, fault = self._finish(command, fault, now)
        if fault:
            self.station.count_refusal(fault)
        return command.number, status, fault

    def serve(self, command: "Command", now: int) -> "tuple[str, int]":
        """The same for staff at the keypad (number 0); (status, fault)."""
        return self._finish(command, self._check_door(command), now)

    def _finish(self, command: "Command", fault: int, now: int) -> "tuple[str, int]":
        """A service release needs no flash: when it cannot be written, the record waits in memory
        and the answer says so (design.md, invariant 15).
        """
        status = "done"
        if not fault:
            serves = command.op == "release"
            try:
                fault = self._obey_durably(command, now)
            except OSError:
                if not serves:
                    raise
                status = "unjournalled"
                fault = self._hold(command, now)
            if serves and not fault:
                self.station.bank.serve(command.door, now)
        return ("rejected" if fault else status), fault

    def _check(self, command: "Command", now: int) -> int:
        clk = self.station.clock
        if command.number <= self.station.vault.counters.command:
            return faults.COMMAND_OUT_OF_ORDER
        if clk.trust(now) == clock.UNSYNCED:
            return faults.CLOCK_NOT_SURE
        if command.expires - clock.EPOCH < clk.now_s(now):
            return faults.COMMAND_EXPIRED
        return self._check_door(command)

    def _check_door(self, command: "Command") -> int:
        if command.op in _OF_CREDENTIALS:
            return faults.NONE
        if not 1 <= command.door <= len(self.station.vault.compartments):
            return faults.NO_SUCH_DOOR
        locked_down = self.station.vault.compartment(command.door).locked_down
        may_serve = not locked_down and self.station.bank.may_serve(command.door)
        if command.op == "release" and not may_serve:
            return faults.COMMAND_NOT_NOW
        return faults.NONE

    def _hold(self, command: "Command", now: int) -> int:
        """The authorisation without flash: in memory, and to the host."""
        held = self.station.book.hold(
            records.AUTHORISED, now, command.door, command.by, **self._grant(command)
        )
        return faults.NONE if held else faults.STORAGE_UNWRITABLE

    def _grant(self, command: "Command") -> "dict[str, int]":
        return {
            "actor": _actor(command),
            "reason": wire.REASONS.index(command.why),
            "tenancy": self.station.vault.compartment(command.door).tenancy,
            "value": int(command.present),
        }

    def _obey_durably(self, command: "Command", now: int) -> int:
        if command.number:
            self.station.vault.save_counters()
        fault = self._carry_out(command, now)
        is_door = command.door <= len(self.station.vault.compartments)
        self.station.book.note(
            records.COMMAND,
            now,
            command.door if is_door and command.op != "grant" else 0,
            command.by,
            actor=_actor(command),
            reason=fault,
            tenancy=command.number,
            value=wire.COMMANDS.index(command.op),
        )
        if command.op == "release":
            self.station.book.note(
                records.AUTHORISED, now, command.door, command.by, **self._grant(command)
            )
        self.station.book.commit()
        return fault

    def _carry_out(self, command: "Command", now: int) -> int:
        op = command.op
        if op in _OF_CREDENTIALS:
            return self._obey_rarely(command, now)
        compartment = self.station.vault.compartment(command.door)
        if op == "clear":
            return self._clear(compartment, now)
        if op == "release":
            compartment.fault = compartment.fault or faults.SERVICE_RELEASED
        elif op == "empty":
            return self._empty(compartment, _actor(command), now)
        elif op in ("lockdown", "lift"):
            compartment.locked_down = op == "lockdown"
        else:
            compartment.blocked = op == "block"
        self.save(compartment)
        return faults.NONE

    def _clear(self, compartment: "Compartment", now: int) -> int:
        """Durable first: a clear that cannot be written leaves the door as it was."""
        station, door = self.station, compartment.door
        if station.vault.is_lost(door) or not station.bank.may_clear(door):
            return faults.COMMAND_NOT_NOW
        compartment.fault = faults.NONE
        self.save(compartment)
        station.bank.clear(door, now)
        return faults.NONE

    def _obey_rarely(self, command: "Command", now: int) -> int:
        from locker.app import credentials

        try:
            return credentials.obey(self, command, _actor(command), now)
        finally:
            del credentials
            drop("app.credentials", "core.people", "core.keys")

    def _empty(self, compartment: "Compartment", actor: int, now: int) -> int:
        """Somebody has taken the parcel out for service: its codes end."""
        lost = self.station.vault.is_lost(compartment.door)
        if lost or compartment.occupancy in (compartments.FREE, compartments.RESERVED):
            return faults.COMMAND_NOT_NOW
        compartment.start_claim(max(compartment.claim, compartment.tenancy))
        self._collected(compartment, now, actor)
        self._end_grant(compartment)
        return faults.NONE


def _actor(command: "Command") -> int:
    return records.OPERATOR if command.number else records.STAFF
