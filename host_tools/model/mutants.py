"""Wrong door code on purpose: each change must be caught by a search.

``virtual.mutants`` applies them to a copy of the sources and refuses a change that no longer fits.
"""

from __future__ import annotations

from virtual.mutants import Mutant

_TABLE = "locker/core/doors.py"
_DOOR = "locker/core/door.py"
_BANK = "locker/core/bank.py"
_WINDOW = "locker/core/pulse_window.py"
_DESK = "locker/app/desk.py"
_CARETAKER = "locker/app/caretaker.py"
_ROOM = "locker/core/compartments.py"
_COMPOSE = "locker/app/compose.py"
_TASK = "locker/app/door_task.py"

# Name -> (scope that must notice, change).
MUTANTS: dict[str, tuple[str, Mutant]] = {
    "retry_forever": ("rotary", Mutant(
        _DOOR, "self.tries_left -= 1", "self.tries_left = 1", "retries are not counted")),
    "retry_after_edge": ("rotary", Mutant(
        _DOOR, "            if self.edge_seen:", "            if False:",
        "a pulse that moved the bolt counts as missed")),
    "fail_closed_heals": ("rotary", Mutant(
        _TABLE, "    FAIL_CLOSED, CLEAR, SECURED, faults.NONE,",
        "    FAIL_CLOSED, SHUT, SECURED, faults.NONE,", "good contacts end fail_closed")),
    "clear_blindly": ("rotary", Mutant(
        _DOOR, "return listed and self.reading == SHUT and not self.doubted",
        "return listed", "a service clear does not look at the contacts")),
    "clear_in_doubt": ("rotary", Mutant(
        _DOOR, "return listed and self.reading == SHUT and not self.doubted",
        "return listed and self.reading == SHUT",
        "a service clear overlooks a doubt")),
    "conflict_inhibits": ("rotary", Mutant(
        _TABLE, "    CONFLICT, FAIL_CLOSED, faults.CONFLICT,\n    UNTOLD",
        "    CONFLICT, INHIBITED, faults.CONFLICT,\n    UNTOLD", "a conflict clears by itself")),
    "untold_is_secured": ("rotary", Mutant(
        _TABLE, "    UNTOLD, INHIBITED, faults.SENSOR_LOST,",
        "    UNTOLD, SECURED, faults.SENSOR_LOST,", "secured with contacts that nobody can read")),
    "forced_open_is_open": ("rotary", Mutant(
        _TABLE, "    SECURED, OPENED, FAIL_CLOSED, faults.FORCED_OPEN,",
        "    SECURED, OPENED, OPEN, faults.NONE,", "a break-in counts as a visit")),
    "steady_open": ("rotary", Mutant(
        _DOOR, "and not self.granted and self.verdict != faults.FOUND_OPEN:\n"
        "                return STEADY_OPEN\n",
        "and not self.granted:\n                return STEADY\n",
        "inhibited ends with an open door")),
    "service_heals": ("rotary", Mutant(
        _TABLE, "    SERVING, TIMEOUT, FAIL_CLOSED, KEEP,", "    SERVING, TIMEOUT, SECURED, KEEP,",
        "a service release puts the door back into service")),
    "inhibits_uncounted": ("rotary", Mutant(
        _DOOR, "return self._inhibits > self.INHIBITS_A_DAY", "return False",
        "a flapping contact never latches")),
    "grant_kept": ("rotary", Mutant(
        _DOOR, "            self.granted = False\n        self._arm(state, now)",
        "            pass\n        self._arm(state, now)", "a grant outlives its visit")),
    "late_grant_kept": ("rotary", Mutant(
        _DOOR, "            self.granted = False\n            return False",
        "            return False", "the grant after a jam never ends")),
    "doubt_at_once": ("rotary", Mutant(
        _BANK, "if door.tick(is_still, now)", "if door.tick(True, now)",
        "a moving door is a conflict")),
    "halt_ignored_in_retry": ("two", Mutant(
        _BANK, "        if self.halted or ", "        if ",
        "a cooled door fires in a halted bank")),
    "halt_forgotten": ("two", Mutant(
        _BANK, "(not door.timed or self.halted)", "not door.timed",
        "a door that cools fires when the bank is halted and cleared meanwhile")),
    "halt_ignored_in_queue": ("two", Mutant(
        _BANK, "dead = door.state != SECURED or self.halted", "dead = door.state != SECURED",
        "a waiting request fires in a halted bank")),
    "halt_ignored_in_request": ("two", Mutant(
        _BANK, "return good and self._has_room(number) and not self.halted",
        "return good and self._has_room(number)", "a halted bank takes requests")),
    "second_request": ("rotary", Mutant(
        _BANK, " and not any(q[0] == number for q in self._queue)", "",
        "a second code in a pulse is a second pulse")),
    "retry_too_late": ("rotary", Mutant(
        _BANK, "ticks.diff(now, door.deadline) >= _REQUEST_MS", "False",
        "a retry waits for ever, and opens when nobody is there")),
    "window_ignored": ("two", Mutant(
        _BANK, "        if self._window.busy:\n            return\n        left", "        left",
        "two coils at once")),
    "pause_skipped": ("two", Mutant(
        _WINDOW, "elif self.resting and ticks.due(now, self.ends_at):", "elif self.resting:",
        "no gap between pulses")),
    "expiry_removed": ("rotary", Mutant(
        _BANK, "return dead or ticks.due(now, until)", "return dead",
        "an old request opens a door later")),
    "quiet_removed": ("rotary", Mutant(
        _BANK, "self._is_quiet(door) and door.release(now)\n        if ready",
        "door.release(now)\n        if ready", "fires while the door moves")),
    "wrong_door_forgiven": ("two", Mutant(
        _BANK, "if was_secured and told and self._is_stranger(door)", "if False",
        "another door may move in a pulse")),
    "wrong_door_upwards": ("two", Mutant(
        _BANK, "return bool(firing) and not own and (",
        "return bool(firing) and not own and firing < 1 << (door.number - 1) and (",
        "only doors of a higher number are watched")),
    "request_sleeps": ("rotary", Mutant(
        _BANK, "_REQUEST_MS), by_service))\n        self._wake(now)", "_REQUEST_MS), by_service))",
        "a request waits until something else happens")),
    "refusal_ignored": ("parcel", Mutant(
        _TASK, "                station.bank.not_fired(door, now)\n", "",
        "a refused pulse counts as missed and is repeated")),
    "pulse_before_record": ("parcel", Mutant(
        _DESK,
        "        self._authorise(compartment, actor, now)\n        if not station.bank.request(",
        "        if not station.bank.request(", "the pulse does not wait for its authorisation")),
    "release_not_stored": ("parcel", Mutant(
        _DESK, "            return\n        self._caretaker.save(compartment)\n",
        "            return\n", "a power cut gives releases back")),
    "four_releases": ("parcel", Mutant(
        _ROOM, "if self.releases >= RELEASES_PER_CLAIM", "if self.releases > RELEASES_PER_CLAIM",
        "a claim is good for one release more")),
    "key_kept": ("parcel", Mutant(
        _ROOM,
        "        for _ in range(self.claim + 1 - self.tenancy):\n"
        "            self.key = codes.next_key(self.key)\n",
        "", "an old code opens the next parcel's door")),
    "latch_not_stored": ("parcel", Mutant(
        _CARETAKER, "hidden what went in\n            self.save(compartment)\n",
        "hidden what went in\n", "a power cut clears fail_closed")),
    "latch_forgotten_at_boot": ("parcel", Mutant(
        _COMPOSE, "[compartment.fault for compartment in vault.compartments]",
        "[0 for _ in vault.compartments]", "a boot clears fail_closed")),
    "opening_not_stored": ("parcel", Mutant(
        _CARETAKER,
        "        try:\n            self.save(compartment)\n        except OSError:\n"
        "            compartment.mark_opened()",
        "        try:\n            pass\n        except OSError:\n"
        "            compartment.mark_opened()", "a power cut forgets that a door was open")),
    "settled_too_soon": ("parcel", Mutant(
        _DESK, "if not any(errand[0] == door for errand in self._doors):", "if True:",
        "a door is settled before it is heard that it was open")),
    "grant_outlives_courier": ("parcel", Mutant(
        _CARETAKER, "        self._end_grant(compartment)\n\n", "\n",
        "who forces a door that jammed is taken for the courier who has gone")),
    "unstored_for_good": ("parcel", Mutant(
        _CARETAKER, "if not self.station.vault.is_stored(compartment.door):", "if False:",
        "what could not be written is never written")),
    "writes_in_pulse": ("parcel", Mutant(
        _DESK, "        if self._station.solenoid.busy():\n            return _PERIOD_MS\n", "",
        "the desk writes to flash while a coil is on")),
}  # fmt: skip
