"""How long the tasks of a station will do nothing if no input changes.

The firmware polls its inputs every 10 or 20 ms. Most of these steps do nothing, and a simulation
that knows which ones need not run them. Everything said here is a claim about the firmware's
insides; tests/simulation/test_clockwork.py holds runs with and without it against each other.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

from locker.app import desk as desk_module
from locker.app import door_task, panel_task, report_task
from locker.app.desk import Desk
from locker.app.door_task import DoorTask
from locker.app.panel_task import PanelTask
from locker.app.report_task import ReportTask
from locker.core import ticks
from locker.core.bank import Bank
from locker.drivers import keypad as keypad_module
from locker.drivers import solenoid as solenoid_module
from locker.net import mqtt as mqtt_module

# A rule says for how many ms from now on the task's steps do nothing; 0 or less: not known to.
Rule = Callable[[Any, int], float]


def _doors(task: Any, now: int) -> float:
    bank: Bank = task._station.bank
    if task._fired or task._dark_steps:
        return 0
    if task._feedback is not None and (task._feedback._stray or task._flows()):
        return 0
    return min(bank.idle_ms(now), _solenoid(task._station.solenoid, now))


def _solenoid(driver: Any, now: int) -> float:
    if driver._on_ms:
        return 0
    left = solenoid_module._COOL_MS - ticks.diff(now, driver._cooled_at)
    if driver._rest_ms:
        left = min(left, driver._rest_ms - ticks.diff(now, driver._rest_at))
    return left


def _panel(task: Any, now: int) -> float:
    own: int = task.idle_ms(now)
    return min(own, _keypad(task._keypad, now))


def _keypad(driver: Any, now: int) -> float:
    if driver._last != driver._down or driver._first != driver._end:
        return 0
    if driver._held:
        return keypad_module._STUCK_MS - ticks.diff(now, driver._held_since)
    return 0 if driver._down & ~driver._stuck else inf


def _desk(task: Any, now: int) -> float:
    station = task._station
    busy = task._flash_failed or task._doors or task._commands or station.session.has_request
    if busy or task._search is not None or station.book.journal.waiting or station.solenoid.busy():
        return 0
    left = ticks.diff(task._rounds_at, now)
    return left if task._refused is None else min(left, ticks.diff(task._search_at, now))


def _report(task: Any, now: int) -> float:
    link, mqtt = task._link, task._mqtt
    if link.up != link._port.is_up() or mqtt.up != task._was_up:
        return 0
    left = _session(mqtt, now) if link.up else _link(link, now)
    return min(left, _to_tell(task, now)) if mqtt.up else left


def _to_tell(task: Any, now: int) -> float:
    journal = task._station.book.journal
    if not task._greeted or task._replies or task._desk.responses or task._station.doors_dirty:
        return 0
    has_room = len(task._in_flight) < report_task._IN_FLIGHT
    if has_room and task._next_record <= journal.last - journal.waiting:
        return 0
    if task._station.book.held and not task._held_pid:
        return 0
    question_ms = ticks.diff(task._station.timekeeper._ask_at, now)
    return min(question_ms, ticks.diff(task._heartbeat_at, now))


def _link(link: Any, now: int) -> float:
    if link._joining:
        return ticks.diff(link._join_by, now)
    return _backoff(link._backoff, now)


def _backoff(backoff: Any, now: int) -> float:
    return ticks.diff(backoff._until, now) if backoff._waiting else 0


def _session(mqtt: Any, now: int) -> float:
    stream = mqtt._stream
    if mqtt._state == mqtt_module._WAITING:
        return _backoff(mqtt._backoff, now)
    if stream.outbox.pending or stream._at != stream._end:
        return 0
    if mqtt._state != mqtt_module._UP:
        return ticks.diff(mqtt._deadline, now)
    if stream.doubtful and not mqtt._pinged:
        return 0
    left: float = inf
    if not mqtt._stable:
        left = ticks.diff(mqtt._stable_at, now)
    if mqtt._pinged:
        left = min(left, ticks.diff(mqtt._deadline, now))
    elif mqtt._profile.keepalive_s:
        left = min(left, ticks.diff(mqtt._ping_at, now))
    flight = mqtt._flight
    for pid, since in zip(flight._pids, flight._since, strict=True):
        if pid:
            left = min(left, mqtt_module._ANSWER_MS - ticks.diff(now, since))
    return left


# The tasks that poll: their period in ms and the rule. Any other task runs whenever it is due.
POLLED: dict[type, tuple[int, Rule]] = {
    DoorTask: (door_task._PERIOD_MS, _doors),
    PanelTask: (panel_task._PERIOD_MS, _panel),
    Desk: (desk_module._PERIOD_MS, _desk),
    ReportTask: (report_task._PERIOD_MS, _report),
}

# Rules that ask for what the firmware no longer has: such a task is run at every step.
misfits: set[str] = set()


def idle_ms(task: Any, now: int) -> float:
    """How long the steps of a polled task do nothing from now on; 0 or less: not known to."""
    try:
        return POLLED[type(task)][1](task, now)
    except AttributeError as error:
        misfits.add(f"{type(task).__name__}: {error}")
        return 0
