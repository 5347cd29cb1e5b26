"""Tells the host: presence, doors, journal records, heartbeat; takes commands and
acknowledgements. One message a step.
"""

from locker.core import clock, faults, records, ticks, wire
from locker.core.compartments import OCCUPANCY_NAMES, OCCUPIED, OVERDUE
from locker.core.doors import FAIL_CLOSED, INHIBITED, PHYSICAL, SERVING, STATE_NAMES
from locker.core.mac import Mac
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.app.desk import Desk
    from locker.app.reactor import Reactor
    from locker.app.station import Station
    from locker.core.compartments import Compartment
    from locker.core.records import Record
    from locker.net.links import LinkKeeper
    from locker.net.mqtt import Mqtt

_PERIOD_MS = const(20)
_IN_FLIGHT = const(4)  # journal records published and not yet taken by the broker


class ReportTask:
    """Listener of the MQTT session. attach() gives it the session, made after it."""

    def __init__(
        self, station: "Station", desk: "Desk", command_key: bytes, heartbeat_s: int
    ) -> None:
        self._station = station
        self._desk = desk
        self._name = station.name
        self._mac = Mac(command_key)
        self._heartbeat_ms = heartbeat_s * 1000
        self._heartbeat_at = 0
        self._was_up = False
        self._greeted = False
        self._next_record = 1
        self._held_pid = 0
        self._gap_from = 0
        self._in_flight: dict[int, int] = {}
        self._replies: list[bytes] = []

    def attach(self, link: "LinkKeeper", mqtt: "Mqtt", reactor: "Reactor") -> None:
        """Give it the network. reactor: for the step statistics in the heartbeat."""
        self._link = link
        self._mqtt = mqtt
        self._reactor = reactor

    def topic(self, leaf: str) -> bytes:
        """Full topic of this station."""
        return wire.topic(self._name, leaf).encode()

    def step(self, now: int) -> int:
        """Move the link and the session on, then at most one message."""
        change = self._link.poll(now)
        if change and not self._link.up:
            self._mqtt.hang_up()
        if self._link.up:
            self._mqtt.poll(now)
        self._station.note_health(faults.NETWORK_DOWN, not self._link.up, now)
        self._station.note_health(faults.BROKER_DOWN, self._link.up and not self._mqtt.up, now)
        if self._mqtt.up != self._was_up:
            self._was_up = self._mqtt.up
            self._begin(now)
        if self._mqtt.up:
            self._send_one(now)
        return _PERIOD_MS

    def recover(self, now: int) -> None:
        """Start over with a new connection."""
        self._mqtt.hang_up()
        self._was_up = False

    # --- from the broker ---

    def on_message(self, topic: bytes, payload: bytes, retained: bool) -> None:
        """A command, an acknowledgement, the time; else it is refused, counted and answered."""
        if topic == self.topic("time"):
            now = self._station.hal.system.ticks_ms()
            self._station.timekeeper.answer(self._mac, payload, retained, now)
            return
        if topic == self.topic("ack"):
            fault, seq = wire.parse_ack(self._mac, self._name, payload, retained)
            if fault:
                self._refuse(fault)
            else:
                self._station.book.journal.acknowledge(seq)
            return
        fault, command = wire.parse_command(self._mac, self._name, payload, retained)
        if fault or command is None:
            self._refuse(fault, command.number if command else 0)
        elif not self._desk.command(command):
            self._refuse(faults.COMMAND_NOT_NOW, command.number)

    def on_acked(self, pid: int) -> None:
        """The broker took a record."""
        self._in_flight.pop(pid, None)
        if pid == self._held_pid:
            self._held_pid = 0
            self._station.book.held.pop(0)

    def _refuse(self, fault: int, number: int = 0) -> None:
        self._station.count_refusal(fault)
        if len(self._replies) < _IN_FLIGHT:
            self._replies.append(wire.response(number, "rejected", fault))

    # --- to the broker ---

    def _begin(self, now: int) -> None:
        """A new connection: everything retained is told again, and every record the host has not
        acknowledged.
        """
        self._greeted = False
        self._in_flight.clear()
        self._held_pid = 0
        self._gap_from = 0
        self._next_record = self._station.book.journal.acknowledged + 1
        self._station.doors_dirty = (1 << len(self._station.bank.doors)) - 1
        self._heartbeat_at = now

    def _send_one(self, now: int) -> None:
        if not self._greeted:
            head = wire.head(*self._station.book.journal.head)
            state = wire.state(True, self._station.boot, wire.FIRMWARE, **head)
            self._greeted = self._publish("state", state, retain=True) > 0
        elif self._replies:
            if self._publish("rsp", self._replies[0]):
                self._replies.pop(0)
        elif self._desk.responses:
            if self._publish("rsp", wire.response(*self._desk.responses[0])):
                self._desk.responses.pop(0)
        elif self._station.book.held and not self._held_pid:
            self._held_pid = self._publish("unj", wire.event(self._station.book.held[0]))
        elif self._station.doors_dirty:
            self._send_door()
        elif not self._ask_time(now) and not self._send_record():
            self._send_heartbeat(now)

    def _ask_time(self, now: int) -> bool:
        question = self._station.timekeeper.question(now)
        if question:
            self._publish("time/ask", question, qos=0)
        return bool(question)

    def _send_door(self) -> None:
        dirty = self._station.doors_dirty
        index = 0
        while not dirty >> index & 1:
            index += 1
        if self._publish(f"door/{index + 1}", self._door(index + 1), retain=True):
            self._station.doors_dirty = dirty & ~(1 << index)

    def _send_record(self) -> bool:
        """The next record that is on flash: one in memory may be lost, and its number used again.
        False when there is none.
        """
        journal = self._station.book.journal
        if self._next_record > journal.head[0] or len(self._in_flight) >= _IN_FLIGHT:
            return False
        record = self._find_record()
        if record is None:
            return True
        pid = self._publish("evt", wire.event(record))
        if not pid:
            return False
        self._in_flight[pid] = record.seq
        self._next_record = record.seq + 1
        return True

    def _find_record(self) -> "Record | None":
        """The next record: of those that gave way only what was kept. None for a damaged one."""
        journal = self._station.book.journal
        record = None
        if self._next_record < journal.first:
            record = journal.next_kept(self._next_record)
            if record is None:
                self._next_record = journal.first
        if record is None:
            record = journal.read(self._next_record)
        if record is None and not self._gap_from:
            self._gap_from = self._next_record
        if self._gap_from and (record is not None or self._next_record == journal.head[0]):
            self._tell_lost(self._gap_from, self._next_record - (record is not None))
            self._gap_from = 0
        if record is None:
            self._next_record += 1
        return record

    def _tell_lost(self, first: int, last: int) -> None:
        """Unreadable records are named once; the host would wait for them for ever."""
        book = self._station.book
        if last > book.journal.gap_told:
            book.journal.gap_told = last
            now = self._station.hal.system.ticks_ms()
            book.note(records.LOST, now, fault=faults.JOURNAL_DAMAGED, tenancy=first, value=last)

    def _send_heartbeat(self, now: int) -> None:
        if ticks.due(now, self._heartbeat_at) and self._publish(
            "hb", wire.encode(self._heartbeat(now)), qos=0
        ):
            self._heartbeat_at = ticks.add(now, self._heartbeat_ms)

    def _publish(self, leaf: str, payload: bytes, qos: int = 1, retain: bool = False) -> int:
        return self._mqtt.publish(self.topic(leaf), payload, qos, retain)

    def _door(self, number: int) -> bytes:
        door = self._station.bank.door(number)
        compartment = self._station.vault.compartment(number)
        physical, lock = PHYSICAL[door.reading]
        is_lost = self._station.vault.is_lost(number)
        occupancy = OVERDUE if self._is_overdue(compartment) else compartment.occupancy
        mode = "blocked" if compartment.blocked else "normal"
        if compartment.locked_down:
            mode = "locked_down"
        elif door.state in (FAIL_CLOSED, INHIBITED, SERVING):
            mode = "out_of_service"
        return wire.encode(
            {
                "v": wire.VERSION,
                "door": physical,
                "lock": lock,
                "st": STATE_NAMES[door.state],
                "mode": mode,
                "e": door.verdict,
                "al": door.alarm,
                # What a lost record said is not known, and no tenancy may be learnt from it.
                "occ": "unknown" if is_lost else OCCUPANCY_NAMES[occupancy],
                "tn": 0 if is_lost else compartment.tenancy,
                "ret": compartment.returned,
                "size": compartment.size,
                "q": self._station.book.journal.last,
            }
        )

    def _is_overdue(self, compartment: "Compartment") -> bool:
        late = self._station.overdue >> (compartment.door - 1) & 1
        return bool(late) and compartment.occupancy == OCCUPIED

    def _heartbeat(self, now: int) -> "dict[str, object]":
        station = self._station
        clk = station.clock
        fields = wire.head(*station.book.journal.head)
        fields.update(
            {
                "v": wire.VERSION,
                "b": station.boot,
                "up": station.uptime_s,
                "t": clk.now_s(now) + clock.EPOCH,
                "u": clk.uncertainty_s(now),
                "c": clock.TRUST_NAMES[clk.trust(now)],
                "off": clk.chip_off_s,
                "ppm": round(clk.rate_ppm, 2),
                "degc": station.timekeeper.celsius(),
                "heap": station.hal.system.free_heap(),
                "rssi": self._link.rssi_dbm(),
                "e": station.health.faults,
                "cells": station.damaged,
                "overdue": [d.door for d in station.vault.compartments if self._is_overdue(d)],
                "wear": [station.wear.total, station.wear.years_left(station.uptime_s)],
                "refused": {str(k): v for k, v in station.refused.items()},
                "late": {s.name: [s.longest_ms, s.overruns] for s in self._reactor.slots},
                "mqtt": [self._mqtt.counters["connects"], self._mqtt.counters["drops"]],
            }
        )
        return fields
