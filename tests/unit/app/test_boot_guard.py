"""What a boot runs, and when the station stops trying."""

import json
import os
import sys

import locker.app
from locker.app import boot_guard
from scratch_folder import scratch_folder

BOARD = {
    "schema": 1,
    "board": "virtual",
    "chip": "virtual",
    "coils": {
        "active": "high",
        "pulse_ms": 60,
        "limit_ms": 200,
        "rating_ms": 1000,
        "duty_percent": 10,
        "at_once": 1,
        "gap_ms": 150,
    },
    "display": {"address": 39, "columns": 20, "rows": 4},
}


class Refused(Exception):
    number = 43
    problems = ("cells are missing",)
    name = "keys"


class System:
    def __init__(self, cause, jumper):
        self.cause = cause
        self.service_jumper = jumper
        self.now = self.feeds = self.restarts = 0

    def ticks_ms(self):
        return self.now

    def feed(self):
        self.feeds += 1

    def restart(self):
        self.restarts += 1

    def reset_cause(self):
        return self.cause


class Board:
    """hal, its ports and the console in one. start: what compose.build() does."""

    def __init__(self, cause="watchdog", jumper=False, start=None, broken=False):
        self.system = System(cause, jumper)
        self.coils = self.i2c = self.signals = self
        self.console_open = True
        self.radio_shares_heap = False
        self.lamp_changes = self.aborts = 0
        self.firing = False
        self.start = start
        self.broken = broken

    def busy(self):
        return self.firing

    def abort(self):
        self.aborts += 1

    def lamps(self, red, green):
        self.lamp_changes += 1

    def writeto(self, addr, buf):
        return len(buf)

    def make(self, board):
        if self.broken:
            raise RuntimeError("no such pin")
        return self

    def kbd_intr(self, key):
        self.console_open = key != -1

    # compose

    Refused = Refused

    def checked_settings(self, path):
        if self.start:
            raise self.start
        return {}

    def build(self, hal, board, config, folder):
        from locker.app.reactor import Reactor

        reactor = Reactor(self.system.ticks_ms, None)
        reactor.add("doors", self)
        return reactor

    def step(self, now):
        return 100


def boot(board, seconds=1, board_json=True, damaged=()):
    """Boot in the current folder and let it run for so long; True when it was still running."""
    if board_json:
        with open("board.json", "w") as file:
            json.dump(BOARD, file)
    until = board.system.now + seconds * 1000

    def sleep_ms(ms):
        if board.system.now >= until:
            raise KeyboardInterrupt
        board.system.now += max(ms, 1)

    try:
        boot_guard.run(board.make, sleep_ms, board.kbd_intr, list(damaged))
    except KeyboardInterrupt:
        return True
    return False


class place:  # noqa: N801 - reads as a function
    """``with place() as say:`` an empty current folder, errors printed into say."""

    modules = sys.modules

    def __enter__(self):
        self._home = os.getcwd()
        self._scratch = scratch_folder()
        os.chdir(self._scratch.__enter__())
        self._compose = getattr(locker.app, "compose", None)
        self._module = sys.modules.get("locker.app.compose")
        self._check = boot_guard._board
        self.said = []
        boot_guard.sys = self
        boot_guard._board = lambda: BOARD if "board.json" in os.listdir() else None
        return self

    def print_exception(self, error):
        self.said.append(error)

    def exit(self):
        raise SystemExit

    def use(self, board):
        sys.modules["locker.app.compose"] = locker.app.compose = board
        return board

    def __exit__(self, *_):
        os.chdir(self._home)
        self._scratch.__exit__(None, None, None)
        boot_guard._board = self._check
        boot_guard.sys = sys
        locker.app.compose = self._compose
        sys.modules.pop("locker.app.compose", None)
        if self._module:
            sys.modules["locker.app.compose"] = self._module


def count():
    if "boots" not in os.listdir():
        return 0
    with open("boots") as file:
        return int(file.read().split()[0])


def test_a_minute_forgives_a_boot_but_not_during_a_pulse():
    with place() as here:
        board = here.use(Board())
        board.firing = True
        assert boot(board, 70) and count() == 1
        board.firing = False
        assert boot(board, 59) and count() == 2
        assert boot(board, 62) and count() == 0
        assert not board.console_open


def test_three_failures_then_safe_mode_without_watchdog_and_with_console():
    with place() as here:
        for failed in (1, 2, 3):
            board = here.use(Board(start=RuntimeError("broken version")))
            assert not boot(board)
            assert count() == failed and board.system.restarts == 1
        board = here.use(Board("soft", start=RuntimeError("never reached")))
        assert boot(board, 100) and count() == 3 and len(here.said) == 3
        assert board.console_open and not board.system.feeds and board.lamp_changes > 100
        assert board.aborts == 1


def test_power_coming_back_gives_one_try():
    with place() as here:
        for _ in range(9):
            assert boot(here.use(Board("power")))
        assert count() == 3
        assert boot(here.use(Board("power")), 62) and count() == 0
        for cause in ("power", "watchdog", "power"):
            assert boot(here.use(Board(cause)))
        board = here.use(Board("watchdog"))
        assert boot(board) and board.console_open and board.lamp_changes


def test_refused_station_is_locked_with_watchdog_and_closed_console():
    with place() as here:
        board = here.use(Board(start=Refused()))
        assert boot(board, 5)
        assert board.system.feeds > 100 and not board.console_open and board.aborts == 1


def test_damaged_code_locks_the_station_with_the_console_open_and_counts_nothing():
    for jumper in (False, True):
        with place() as here:
            board = here.use(Board(jumper=jumper, start=RuntimeError("never reached")))
            assert boot(board, 70, damaged=["x.mpy", "y.mpy"]) and count() == 0 and not here.said
            assert board.console_open and not board.system.feeds and not board.system.restarts
            assert board.lamp_changes > 100 and board.aborts == 1


def test_what_fails_for_damage_opens_the_console_instead_of_starting_over():
    with place() as here:
        board = here.use(Board(broken=True))
        assert not boot(board, damaged=["hal.mpy"]) and len(here.said) == 1
        assert board.console_open and count() == 0 and not board.system.restarts


def test_service_jumper_counts_nothing_and_keeps_the_console_open():
    with place() as here:
        board = here.use(Board(jumper=True))
        assert boot(board, 5) and count() == 0 and board.console_open
        board = here.use(Board(jumper=True, start=RuntimeError("for the developer")))
        assert not boot(board) and board.system.restarts == 0 and len(here.said) == 1


def test_board_that_cannot_be_set_up_restarts_twice_then_opens_the_console():
    with place() as here:
        for _ in (1, 2):
            try:
                boot(here.use(Board(broken=True)))
            except SystemExit:
                continue
            raise AssertionError("it must restart")
        assert not boot(here.use(Board(broken=True))) and count() == 3
        assert not boot(here.use(Board(broken=True))) and len(here.said) == 4


def test_no_usable_board_json_opens_the_console():
    with place() as here:
        board = here.use(Board())
        assert not boot(board, board_json=False)
        assert board.console_open and count() == 0 and not board.system.feeds


def test_nonsense_in_the_count_and_a_flash_that_cannot_be_written_stop_nothing():
    with place() as here:
        with open("boots", "w") as file:
            file.write("??")
        assert boot(here.use(Board())) and count() == 1
        os.remove("boots")
        os.mkdir("boots")
        try:
            assert boot(here.use(Board()), 70)
        finally:
            os.rmdir("boots")


def late():
    with open("boots") as file:
        return int(file.read().split()[1])


def test_failures_after_the_first_minute_go_on_and_are_told():
    with place() as here:
        assert boot(here.use(Board("power")), 62)
        for times in (1, 2, 3, 4):
            assert boot(here.use(Board("watchdog")), 62)
            assert late() == times and count() == 0
        assert boot(here.use(Board("soft")), 3590) and late() == 5
        assert boot(here.use(Board("soft")), 3602) and late() == 0


def test_the_power_going_off_is_no_failure():
    with place() as here:
        for cause in ("power", "watchdog", "power"):
            assert boot(here.use(Board(cause)), 62)
        assert late() == 0


class Names:
    """MicroPython's gc, where whatever is asked for becomes a name: room for so many."""

    def __init__(self, room):
        self.asked = []
        self.room = room

    def collect(self):
        pass

    def mem_alloc(self):
        return 100_000 + 16 * len(self.asked) + (2_272 if len(self.asked) > self.room else 0)

    def __getattr__(self, name):
        self.asked.append(name)
        raise AttributeError(name)


def test_names_are_asked_for_until_their_table_grows():
    real = boot_guard.gc
    for room, asked in ((0, 1), (9, 10), (1_000, 64)):
        boot_guard.gc = names = Names(room)
        try:
            boot_guard._lengthen_names()
        finally:
            boot_guard.gc = real
        assert len(set(names.asked)) == len(names.asked) == asked


def test_names_are_asked_for_only_where_the_radio_takes_from_the_heap():
    real = boot_guard._lengthen_names
    for shares in (False, True):
        asked = []
        boot_guard._lengthen_names = lambda asked=asked: asked.append(1)
        try:
            with place() as here:
                board = here.use(Board())
                board.radio_shares_heap = shares
                assert boot(board)
        finally:
            boot_guard._lengthen_names = real
        assert len(asked) == shares
