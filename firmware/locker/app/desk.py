"""Takes the errands of person, doors and operator one at a time, and serves the person: durable
first, then in effect.

All flash writes of normal work happen in here, and ``step`` does nothing while a coil is on. When
the flash cannot be written, no person gets a release (design.md, invariant 15).
"""

from locker.app.boot_guard import drop
from locker.app.caretaker import Caretaker
from locker.app.deposits import Deposits
from locker.core import (
    access,
    clock,
    codes,
    compartments,
    doors,
    faults,
    records,
    session,
    ticks,
    window,
)
from locker.core.mac import Mac
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.app.near_search import Search
    from locker.app.station import Station
    from locker.core.compartments import Compartment
    from locker.core.wire import Command

    Refused = tuple[access.Entry, tuple[str, ...], access.Moment]

_INBOX_LIMIT = const(8)
_PERIOD_MS = const(10)
_RETRY_MS = const(1_000)
_SHOWN_MS = const(1_000)  # until a refusal is on the display
_LOOK_MS = const(3_600_000)
_FIRST_LOOK_MS = const(600_000)
_ANCHOR_MS = const(30_000)  # bits that rot take longer, and each costs two small writes
_EXPIRED = const(-1)  # in the place of a door's state
_TIME_SELECTOR = "91"  # no door's: time_entry
_FREE_STATES = (doors.RELEASED, doors.LOOSE, doors.LOOSE_ALARM)


class Desk:
    """station: the parts it works on; classes: code classes in use. deposits: for those who bring
    a parcel.
    """

    def __init__(self, station: "Station", courier_key: bytes, classes: tuple[str, ...]) -> None:
        self._station = station
        station.courier = Mac(courier_key)
        self._classes = classes
        self._caretaker = Caretaker(station)
        self.deposits = Deposits(self, station, self._caretaker)
        self._doors: list[tuple[int, int, int]] = []
        self._commands: list[Command] = []
        self._rounds_at = station.hal.system.ticks_ms()
        self._anchor_at = ticks.add(self._rounds_at, _ANCHOR_MS)
        self._look_at = ticks.add(self._rounds_at, _FIRST_LOOK_MS)
        self._flash_failed = False
        self._search: Search | None = None
        self._refused: Refused | None = None  # to be searched for from _search_at on
        self._search_at = 0
        self.responses: list[tuple[int, str, int]] = []

    def door_changed(self, door: int, state: int, verdict: int) -> None:
        """The door step saw a change; it is worked off when no coil is on."""
        self._doors.append((door, state, verdict))

    def expired(self, door: int, by_service: int) -> None:
        """A release that was asked for could not fire in time, and now never will."""
        self._doors.append((door, _EXPIRED, by_service))

    def command(self, command: "Command") -> bool:
        """An authentic command; False when too many wait."""
        if len(self._commands) >= _INBOX_LIMIT:
            return False
        self._commands.append(command)
        return True

    def step(self, now: int) -> int:
        """One errand, or one batch of journal records."""
        if self._station.solenoid.busy():
            return _PERIOD_MS
        try:
            if self._flash_failed or not self._station.vault.is_counted:
                self._station.vault.save_counters()  # may it be written again?
                self._station.book.commit()  # the journal too, which lies elsewhere
                self._flash_failed = False
                self._station.note_health(faults.STORAGE_UNWRITABLE, False, now)
            self._one_errand(now)
        except OSError:
            self._flash_failed = True
            self._station.note_health(faults.STORAGE_UNWRITABLE, True, now)
            self._turn_away(now)
            return _RETRY_MS
        return _PERIOD_MS

    def recover(self, now: int) -> None:
        """The errand that failed is not tried again, and whoever waits for it is told: of a door,
        how that is now.
        """
        talk = self._station.session
        if talk.state == session.CHECKING:
            talk.show_refusal(faults.TASK_FAILED, now)
        elif talk.state == session.DOOR:
            door = self._station.bank.door(talk.door)
            self.door_changed(door.number, door.state, door.verdict)

    def _turn_away(self, now: int) -> None:
        """No person gets a release that cannot be recorded."""
        talk = self._station.session
        if talk.has_request:
            talk.take_request()
        if talk.state == session.CHECKING:
            talk.show_refusal(faults.STORAGE_UNWRITABLE, now)
        for command in self._commands:
            if command.op == "release":  # the one thing that must work without flash
                self._commands.remove(command)
                self.responses.append(self._caretaker.obey(command, now))
                return

    def _one_errand(self, now: int) -> None:
        station, talk = self._station, self._station.session
        if self._doors:
            self._on_door(*self._doors.pop(0), now)
        elif talk.has_request:
            self._serve(*talk.take_request(), now)
        elif self._commands:
            self.responses.append(self._caretaker.obey(self._commands.pop(0), now))
        elif station.book.journal.waiting:
            station.book.commit()
        elif self._refused is not None and ticks.due(now, self._search_at) and talk.is_quiet:
            self._begin_search(self._refused)
        elif self._search is not None and talk.is_quiet:
            self._look_further(self._search, now)
        elif ticks.due(now, self._rounds_at):
            self._rounds_at = ticks.add(now, _RETRY_MS)
            self._make_rounds(now)

    def _make_rounds(self, now: int) -> None:
        """Whatever an errand left undone (a failed write, a person who went away) is put right."""
        for compartment in self._station.vault.compartments:
            self._caretaker.reconcile(compartment, now)
        self._station.vault.save_progress(self._station.book.journal.acknowledged)
        if ticks.due(now, self._anchor_at):
            self._anchor_at = ticks.add(now, _ANCHOR_MS)
            self._station.vault.save_anchors()
        if ticks.due(now, self._look_at):
            self._look_at = ticks.add(now, _LOOK_MS)
            from locker.app import stays

            stays.look(self._station, now)
            del stays
            drop("app.stays")

    def _on_door(self, door: int, state: int, verdict: int, now: int) -> None:
        if state == _EXPIRED:
            self._caretaker.expired(door, bool(verdict), now)
        else:
            self._caretaker.door_changed(door, state, verdict, now)
            # A later step may say that the door was open: nothing is settled before it is heard.
            if not any(errand[0] == door for errand in self._doors):
                self._caretaker.reconcile(self._station.vault.compartment(door), now)

    # --- the person ---

    def _serve(self, kind: int, value: "int | str", first_key: int, now: int) -> None:
        if kind == session.ENTRY:
            self._judge(str(value), first_key, now)
        elif kind == session.DEPOSIT:
            self.deposits.start(compartments.SIZES[int(value)], now)
        elif kind == session.AGAIN:
            self._again(self._station.vault.compartment(int(value)), now)
        elif kind == session.REOPEN:
            self._reopen(self._station.vault.compartment(int(value)), now)
        elif kind == session.SERVE:
            self._serve_staff(int(value), now)
        elif kind == session.MORE_TIME:
            self._more_time(int(value), now)
        else:
            self.deposits.end(self._station.vault.compartment(int(value)), kind, now)

    def _judge(self, digits: str, first_key: int, now: int) -> None:
        station = self._station
        if digits[:2] == _TIME_SELECTOR and digits.isdigit():
            self._take_time(digits, first_key, now)
            return
        fault, entry = access.parse(digits, len(station.vault.compartments))
        if entry is None:
            self._note_flaw(fault, digits, now)
            station.session.show_refusal(fault, now)
            return
        moment = self._moment(first_key)
        special = entry.selector >= codes.PERSON
        courier = entry.selector == codes.COURIER_SELECTOR
        compartment = None if special or courier else station.vault.compartment(entry.selector)
        classes = self._sure_classes(moment, entry.selector)
        if not special or entry.selector == codes.RETURN:
            moment.known = moment.known and bool(classes)
        if not self._admit(entry, compartment, moment, now):
            return
        if special:
            self._judge_special(entry, moment, now)
            return
        if compartment is None:
            self._judge_courier(entry, moment, now)
        else:
            self._judge_recipient(entry, compartment, classes, moment, now)

    def _note_flaw(self, fault: int, digits: str, now: int) -> None:
        """For the journal: what no slip of a finger explains. Costs no attempt, goes with the next
        batch, and storms of it are only counted.
        """
        flaw, value = access.flaw(digits), len(digits)
        if fault == faults.NO_SUCH_DOOR:
            value = int(digits[:2])
        elif not flaw:
            return
        self._station.book.note(records.REFUSED, now, 0, flaw, reason=fault, value=value)

    def _judge_courier(self, entry: access.Entry, moment: access.Moment, now: int) -> None:
        station = self._station
        fault, silent = access.judge_courier(entry, station.courier, moment)
        if fault:
            self.refuse(fault, 0, records.COURIER, now)
            self.search_near(entry, (), moment, now)
            return
        self.acquit(entry, moment)
        station.book.note(records.COURIER_ACCEPTED, now, actor=records.COURIER, alarm=int(silent))
        self.deposits.offer(now)

    def _judge_recipient(
        self,
        entry: access.Entry,
        compartment: "Compartment",
        classes: tuple[str, ...],
        moment: access.Moment,
        now: int,
    ) -> None:
        fault, tenancy = access.judge_recipient(entry, compartment, classes, moment)
        if fault in (faults.NONE, faults.DOOR_UNUSABLE):
            self.acquit(entry, moment)
        if not fault:
            self._claim(compartment, tenancy, now)
            return
        self.refuse(fault, entry.selector, records.RECIPIENT, now)
        if fault != faults.DOOR_UNUSABLE:
            self.search_near(entry, classes, moment, now)

    def _admit(
        self,
        entry: access.Entry,
        compartment: "Compartment | None",
        moment: access.Moment,
        now: int,
    ) -> bool:
        """May it be judged? Then it is counted as wrong, on flash, before the result can be
        seen.
        """
        station = self._station
        lockout = station.vault.lockout
        mass = self._mass(entry, moment)
        fault = access.admission(entry, mass, compartment, lockout, moment, now)
        if fault:
            if fault != faults.WAIT:
                station.book.note(records.REFUSED, now, entry.selector, reason=fault)
            station.session.show_refusal(fault, now, wait_ms=lockout.wait_ms(now))
            return False
        lockout.charge(entry.selector, mass, entry.recovery, now)
        station.vault.save_lockout()
        return True

    def acquit(self, entry: access.Entry, moment: access.Moment) -> None:
        """It was right: its own charge is taken back."""
        mass = self._mass(entry, moment)
        self._station.vault.lockout.acquit(entry.selector, mass, entry.recovery)
        self._station.vault.save_lockout()

    def _mass(self, entry: access.Entry, moment: access.Moment) -> int:
        classes = self._sure_classes(moment, entry.selector)
        return access.candidate_count(entry, classes, moment)

    def _judge_return(self, entry: access.Entry, moment: access.Moment, now: int) -> None:
        from locker.app import returns

        try:
            returns.judge(self, self._station, entry, moment, now)
        finally:
            del returns
            drop("app.returns", "core.tickets", "core.keys")

    def _judge_special(self, entry: access.Entry, moment: access.Moment, now: int) -> None:
        if entry.selector == codes.RETURN:
            self._judge_return(entry, moment, now)
            return
        from locker.app import credentials

        try:
            if entry.selector == codes.PERSON:
                credentials.judge(self, self._station, entry, moment, now)
            else:
                credentials.revoke_typed(self, self._caretaker, entry, now)
        finally:
            del credentials
            drop("app.credentials", "core.people", "core.keys", "core.service_menu")

    def _serve_staff(self, wish: int, now: int) -> None:
        from locker.app import service

        try:
            service.carry_out(self._caretaker, self._station, wish, now)
        finally:
            del service
            drop("app.service", "core.service_menu")

    def search_near(
        self, entry: access.Entry, classes: tuple[str, ...], moment: access.Moment, now: int
    ) -> None:
        """Find out later, in slices, what the refused entry was right for: not before the refusal
        is shown, which so takes the same time whatever was typed.
        """
        self._refused = entry, classes, moment
        self._search_at = ticks.add(now, _SHOWN_MS)

    def _begin_search(self, refused: "Refused") -> None:
        self._refused = None
        try:
            from locker.app import near_search

            self._search = near_search.begin(self._station, *refused)
        except MemoryError:
            self._search = None  # the operator will not be told; everything else goes on

    def _look_further(self, search: "Search", now: int) -> None:
        if search.slice(now):
            self._search = None
            drop("app.near_search", "core.near_miss", "core.people", "core.tickets", "core.keys")

    def _take_time(self, digits: str, first_key: int, now: int) -> None:
        from locker.app import time_entry

        try:
            time_entry.serve(self._station, digits, first_key, now)
        finally:
            del time_entry
            drop("app.time_entry", "core.time_token")

    def _moment(self, first_key: int) -> access.Moment:
        """Codes are judged at the time of their first key: people type late, not early."""
        clk = self._station.clock
        known = clk.trust(first_key) != clock.UNSYNCED
        return access.Moment(clk.now_s(first_key), clk.uncertainty_s(first_key), known)

    def _sure_classes(self, moment: access.Moment, selector: int) -> tuple[str, ...]:
        """The classes in use that the clock is good enough for."""
        classes = self._classes
        if selector == codes.COURIER_SELECTOR:
            classes = (codes.COURIER_CLASS,)
        elif selector == codes.RETURN:
            classes = (codes.RETURN_CLASS,)
        return tuple(
            [n for n in classes if window.is_sure(codes.CLASSES[n], moment.uncertainty_s)]
        )

    def refuse(self, fault: int, door: int, actor: int, now: int, value: int = 0) -> None:
        """Journal and show a refusal. Only a right code learns what is wrong with its door. value:
        whose code, for the journal.
        """
        station = self._station
        unusable = fault == faults.DOOR_UNUSABLE
        why = station.vault.compartment(door).fault if unusable else faults.NONE
        station.book.note(
            records.REFUSED, now, door, actor=actor, reason=fault, fault=why, value=value
        )
        station.book.commit()
        if unusable:
            station.session.show_refusal(why or fault, now, door=door)
        else:
            # The person must not learn which compartments are empty, nor how near a guess was.
            hidden = fault == faults.SPENT or faults.CODE_EXPIRED <= fault <= faults.OUTSIDE_HOURS
            station.session.show_refusal(faults.WRONG_CODE if hidden else fault, now)

    def _claim(self, compartment: "Compartment", tenancy: int, now: int) -> None:
        station = self._station
        door = station.bank.door(compartment.door)
        if door.granted and door.state in _FREE_STATES and compartment.claim == tenancy:
            station.session.attend_free(compartment.door, now)
            return
        if not station.bank.may_release(compartment.door):
            self._refuse_release(compartment, now)
            return
        if compartment.claim != tenancy:
            compartment.start_claim(tenancy)
            station.book.note(
                records.CLAIMED, now, compartment.door, actor=records.RECIPIENT, tenancy=tenancy
            )
        self.release(compartment, records.RECIPIENT, now)

    def _refuse_release(self, compartment: "Compartment", now: int) -> None:
        verdict = self._station.bank.door(compartment.door).verdict or faults.DOOR_UNUSABLE
        self._station.book.note(
            records.REFUSED, now, compartment.door, reason=faults.DOOR_UNUSABLE, fault=verdict
        )
        self._station.book.commit()
        self._station.session.show_refusal(verdict, now, door=compartment.door)

    def release(self, compartment: "Compartment", actor: int, now: int) -> None:
        """Durable first: the grant with its count, then the authorisation, then the request."""
        station = self._station
        if not compartment.use_release():
            self.refuse(faults.CLAIM_USED_UP, compartment.door, records.RECIPIENT, now)
            return
        self._caretaker.save(compartment)
        self._authorise(compartment, actor, now)
        if not station.bank.request(compartment.door, now):
            self._refuse_release(compartment, now)
            return
        station.session.attend(
            compartment.door, compartment.occupancy == compartments.RESERVED, now
        )

    def _authorise(self, compartment: "Compartment", actor: int, now: int) -> None:
        book = self._station.book
        book.note(
            records.AUTHORISED,
            now,
            compartment.door,
            actor=actor,
            tenancy=0 if compartment.is_reopened else compartment.tenancy,
            value=compartment.releases,
        )
        try:
            book.commit()
        except OSError:
            compartment.give_back_release()  # nothing fires for it
            raise

    def _again(self, compartment: "Compartment", now: int) -> None:
        actor = records.RECIPIENT
        if compartment.occupancy == compartments.RESERVED:
            actor = records.SENDER if compartment.returned else records.COURIER
        may = compartment.usable and self._station.bank.may_release(compartment.door)
        if compartment.granted and may:
            self.release(compartment, actor, now)
        else:
            self._refuse_release(compartment, now)

    def _reopen(self, compartment: "Compartment", now: int) -> None:
        """The recipient has just shut the door, and the parcel counts as collected: this release
        belongs to no claim. Any other entry since has ended the offer.
        """
        may = compartment.usable and self._station.bank.may_release(compartment.door)
        if compartment.occupancy == compartments.FREE and may:
            self.release(compartment, records.STATION, now)
        else:
            self._refuse_release(compartment, now)

    def _more_time(self, door: int, now: int) -> None:
        station = self._station
        if station.bank.more_time(door, now):
            station.doors_dirty |= 1 << (door - 1)
            station.session.door_changed(door, doors.OPEN, faults.NONE, True, now)
