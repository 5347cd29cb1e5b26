"""The one who decides: carries out what the person, the doors and the operator ask for, durable
first, then in effect.

All flash writes of normal work happen in here, and ``step`` does nothing while a coil is on. When
the flash cannot be written, no person gets a release (design.md, invariant 15).
"""

from locker.core import (
    access,
    clock,
    codes,
    compartments,
    doors,
    faults,
    messages,
    records,
    session,
    wire,
)
from locker.core.mac import Mac
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.app.station import Station
    from locker.core.compartments import Compartment
    from locker.core.wire import Command

_INBOX_LIMIT = const(8)
_PERIOD_MS = const(10)
_SERVICE_STATES = (doors.INHIBITED, doors.FAIL_CLOSED)


class Desk:
    """station: the parts it works on; classes: code classes in use."""

    def __init__(self, station: "Station", courier_key: bytes, classes: tuple[str, ...]) -> None:
        self._station = station
        self._courier = Mac(courier_key)
        self._classes = classes
        self._doors: list[tuple[int, int, int]] = []
        self._commands: list[Command] = []
        self._acknowledged = 0
        self.responses: list[tuple[int, str, int]] = []

    def door_changed(self, door: int, state: int, verdict: int) -> None:
        """The door step saw a change; it is worked off when no coil is on."""
        self._doors.append((door, state, verdict))

    def expired(self, door: int, now: int) -> None:
        """A release that was asked for could not fire in time, and now never will."""
        self._station.session.show_refusal(faults.PULSE_REFUSED, now, door)

    def command(self, command: "Command") -> bool:
        """An authentic command; False when too many wait."""
        if len(self._commands) >= _INBOX_LIMIT:
            return False
        self._commands.append(command)
        return True

    def acknowledged(self, seq: int) -> None:
        """The host holds every record up to seq."""
        self._acknowledged = max(self._acknowledged, seq)

    def step(self, now: int) -> int:
        """One errand, or one batch of journal records."""
        station = self._station
        if station.solenoid.busy():
            return _PERIOD_MS
        try:
            self._one_errand(now)
            station.note_health(faults.STORAGE_UNWRITABLE, False, now)
        except OSError:
            station.note_health(faults.STORAGE_UNWRITABLE, True, now)
        return _PERIOD_MS

    def recover(self, now: int) -> None:
        """What waited is worked off at the next step; a failed errand is not tried again."""

    def _one_errand(self, now: int) -> None:
        if self._doors:
            self._on_door(*self._doors.pop(0), now)
        elif self._station.session.has_request:
            self._serve(*self._station.session.take_request(), now)
        elif self._commands:
            self._obey(self._commands.pop(0), now)
        elif self._acknowledged > self._station.vault.counters.acknowledged:
            self._take_acknowledgement()
        elif self._station.book.journal.waiting:
            self._station.book.commit()

    def _save(self, compartment: "Compartment", purge: bool = False) -> None:
        """Make a door's record durable, and have the host told."""
        self._station.doors_dirty |= 1 << (compartment.door - 1)
        self._station.vault.save_door(compartment, purge)

    # --- the person ---

    def _serve(self, kind: int, value: "int | str", first_key: int, now: int) -> None:
        try:
            self._serve_one(kind, value, first_key, now)
        except OSError:
            self._station.session.show_refusal(faults.STORAGE_UNWRITABLE, now)
            raise

    def _serve_one(self, kind: int, value: "int | str", first_key: int, now: int) -> None:
        if kind == session.ENTRY:
            self._judge(str(value), first_key, now)
        elif kind == session.DEPOSIT:
            self._start_deposit(compartments.SIZES[int(value)], now)
        elif kind == session.AGAIN:
            self._again(self._station.vault.compartment(int(value)), now)
        else:
            self._end_deposit(self._station.vault.compartment(int(value)), kind, now)

    def _judge(self, digits: str, first_key: int, now: int) -> None:
        station = self._station
        fault, entry = access.parse(digits, len(station.vault.compartments))
        if entry is None:
            station.session.show_refusal(fault, now)
            return
        courier = entry.selector == codes.COURIER_SELECTOR
        compartment = None if courier else station.vault.compartment(entry.selector)
        moment = self._moment(first_key)
        lockout = station.vault.lockout
        fault = access.admission(entry, compartment, lockout, moment, now)
        if fault:
            station.session.show_refusal(fault, now, wait_ms=lockout.wait_ms(now))
            return
        mass = access.candidate_count(entry, self._classes, moment)
        lockout.charge(entry.selector, mass, entry.recovery, now)
        station.vault.save_lockout()  # on flash before the result can be seen
        if compartment is None:
            fault, tenancy = access.judge_courier(entry, self._courier, moment), 0
        else:
            fault, tenancy = access.judge_recipient(entry, compartment, self._classes, moment)
        if fault in (faults.NONE, faults.DOOR_UNUSABLE):
            lockout.acquit(entry.selector, mass, entry.recovery)
            station.vault.save_lockout()
        if fault:
            self._refuse(fault, entry.selector, courier, now)
        elif compartment is None:
            station.book.note(records.COURIER_ACCEPTED, now, actor=records.COURIER)
            station.session.ask_size(now)
        else:
            self._claim(compartment, tenancy, now)

    def _moment(self, first_key: int) -> access.Moment:
        """Codes are judged at the time of their first key: people type late, not early."""
        clk = self._station.clock
        known = clk.trust(first_key) != clock.UNSYNCED
        return access.Moment(clk.now_s(first_key), clk.uncertainty_s(first_key), known)

    def _refuse(self, fault: int, selector: int, courier: bool, now: int) -> None:
        """Journal and show a refusal. Only a right code learns what is wrong with its door."""
        station = self._station
        actor = records.COURIER if courier else records.RECIPIENT
        why = (
            station.vault.compartment(selector).fault
            if fault == faults.DOOR_UNUSABLE
            else faults.NONE
        )
        station.book.note(
            records.REFUSED, now, door=selector, actor=actor, reason=fault, fault=why
        )
        station.book.commit()
        if fault == faults.DOOR_UNUSABLE:
            station.session.show_refusal(why or fault, now, door=selector)
        else:
            station.session.show_refusal(fault, now)

    def _claim(self, compartment: "Compartment", tenancy: int, now: int) -> None:
        station = self._station
        if not station.bank.may_release(compartment.door):
            self._refuse_release(compartment, now)
            return
        if compartment.claim != tenancy:
            compartment.start_claim(tenancy)
            station.book.note(
                records.CLAIMED, now, compartment.door, actor=records.RECIPIENT, tenancy=tenancy
            )
        self._release(compartment, records.RECIPIENT, now)

    def _refuse_release(self, compartment: "Compartment", now: int) -> None:
        verdict = self._station.bank.door(compartment.door).verdict or faults.DOOR_UNUSABLE
        self._station.book.note(
            records.REFUSED, now, compartment.door, reason=faults.DOOR_UNUSABLE, fault=verdict
        )
        self._station.book.commit()
        self._station.session.show_refusal(verdict, now, door=compartment.door)

    def _release(self, compartment: "Compartment", actor: int, now: int) -> None:
        """Durable first: the grant with its count, then the authorisation, then the request."""
        station = self._station
        if not compartment.use_release():
            self._refuse(faults.CLAIM_USED_UP, compartment.door, False, now)
            return
        self._save(compartment)
        station.book.note(
            records.AUTHORISED,
            now,
            compartment.door,
            actor=actor,
            tenancy=compartment.tenancy,
            value=compartment.releases,
        )
        station.book.commit()
        if not station.bank.request(compartment.door, now):
            self._refuse_release(compartment, now)
            return
        station.session.attend(
            compartment.door, compartment.occupancy == compartments.RESERVED, now
        )

    def _again(self, compartment: "Compartment", now: int) -> None:
        actor = (
            records.COURIER
            if compartment.occupancy == compartments.RESERVED
            else records.RECIPIENT
        )
        if compartment.granted and self._station.bank.may_release(compartment.door):
            self._release(compartment, actor, now)
        else:
            self._refuse_release(compartment, now)

    # --- the courier ---

    def _start_deposit(self, size: str, now: int) -> None:
        station = self._station
        shut_out = 0
        for compartment in station.vault.compartments:
            if not station.bank.may_release(compartment.door):
                shut_out |= 1 << (compartment.door - 1)
        door = compartments.choose_free(station.vault.compartments, size, shut_out)
        if not door:
            station.session.show_refusal(faults.NO_FREE_DOOR, now)
            return
        compartment = station.vault.compartment(door)
        compartment.reserve()
        station.book.note(records.DEPOSIT_STARTED, now, door, actor=records.COURIER)
        self._release(compartment, records.COURIER, now)

    def _end_deposit(self, compartment: "Compartment", answer: int, now: int) -> None:
        """The courier's answer with the door shut. A compartment that may hold a parcel is never
        given to somebody else.
        """
        if compartment.occupancy != compartments.RESERVED:
            return
        talk = self._station.session
        if answer == session.STORED:
            self._store(compartment, now)
            talk.show_receipt(codes.receipt(Mac(compartment.key), compartment.door), now)
            return
        compartment.unreserve()
        self._save(compartment)
        self._station.book.note(
            records.DEPOSIT_CANCELLED, now, compartment.door, actor=records.COURIER, value=answer
        )
        self._station.book.commit()
        if answer == session.WRONG_SIZE:
            talk.ask_size(now)
        else:
            talk.end(messages.NO_CHANGE, now)

    def _store(self, compartment: "Compartment", now: int) -> None:
        compartment.occupy()
        self._station.vault.lockout.new_tenancy(compartment.door)
        self._station.vault.save_lockout()
        self._save(compartment)
        self._station.book.note(
            records.DEPOSITED,
            now,
            compartment.door,
            actor=records.COURIER,
            tenancy=compartment.tenancy,
        )
        self._station.book.commit()

    # --- the doors ---

    def _on_door(self, door: int, state: int, verdict: int, now: int) -> None:
        station = self._station
        compartment = station.vault.compartment(door)
        was_open = compartment.opened
        station.session.door_changed(door, state, verdict, was_open, now)
        if verdict or state in (doors.OPEN, doors.SECURED):
            station.book.note(records.DOOR, now, door, fault=verdict, value=state)
        if state == doors.OPEN and compartment.granted and not compartment.opened:
            compartment.mark_opened()
            self._save(compartment)
        elif state == doors.SECURED:
            self._secured(compartment, was_open, now)
        elif state in _SERVICE_STATES:
            self._out_of_service(compartment, state, verdict, now)

    def _secured(self, compartment: "Compartment", was_open: bool, now: int) -> None:
        if was_open and compartment.claim:
            self._collected(compartment, now)
        elif compartment.occupancy == compartments.RESERVED and not self._is_attended(
            compartment.door
        ):
            # The courier has gone without an answer.
            if was_open:
                self._store(compartment, now)
            else:
                compartment.unreserve()
                self._save(compartment)

    def _collected(self, compartment: "Compartment", now: int) -> None:
        tenancy = compartment.claim
        compartment.collect()
        self._save(compartment, purge=True)
        self._station.book.note(
            records.COLLECTED, now, compartment.door, actor=records.RECIPIENT, tenancy=tenancy
        )
        self._station.book.commit()

    def _out_of_service(
        self, compartment: "Compartment", state: int, verdict: int, now: int
    ) -> None:
        if state == doors.FAIL_CLOSED and compartment.fault != verdict:
            compartment.fault = verdict
            self._save(compartment)
            self._station.book.note(records.FAULT, now, compartment.door, fault=verdict)
            self._station.book.commit()

    def _is_attended(self, door: int) -> bool:
        talk = self._station.session
        return talk.door == door and talk.state in (session.DOOR, session.CONFIRM)

    # --- the operator ---

    def _obey(self, command: "Command", now: int) -> None:
        fault = self._check(command, now)
        if not fault:
            self._station.vault.counters.command = command.number
            self._station.vault.save_counters()
            fault = self._carry_out(command, now)
            self._station.book.note(
                records.COMMAND,
                now,
                command.door,
                command.by,
                actor=records.OPERATOR,
                reason=fault,
                tenancy=command.number,
                value=wire.COMMANDS.index(command.op),
            )
            self._station.book.commit()
        if fault:
            self._station.count_refusal(fault)
        self.responses.append((command.number, "rejected" if fault else "done", fault))

    def _check(self, command: "Command", now: int) -> int:
        clk = self._station.clock
        if command.number <= self._station.vault.counters.command:
            return faults.COMMAND_OUT_OF_ORDER
        if clk.trust(now) == clock.UNSYNCED:
            return faults.CLOCK_NOT_SURE
        if command.expires - clock.EPOCH < clk.now_s(now):
            return faults.COMMAND_EXPIRED
        if not 1 <= command.door <= len(self._station.vault.compartments):
            return faults.NO_SUCH_DOOR
        return faults.NONE

    def _carry_out(self, command: "Command", now: int) -> int:
        compartment = self._station.vault.compartment(command.door)
        if command.op == "clear":
            if not self._station.bank.clear(command.door, now):
                return faults.COMMAND_NOT_NOW
            compartment.fault = faults.NONE
        else:
            compartment.blocked = command.op == "block"
        self._save(compartment)
        return faults.NONE

    def _take_acknowledgement(self) -> None:
        counters = self._station.vault.counters
        if self._station.book.journal.acknowledge(self._acknowledged):
            counters.acknowledged = self._acknowledged
            self._station.vault.save_counters()
        else:
            self._acknowledged = counters.acknowledged
