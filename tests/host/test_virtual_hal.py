"""The virtual board on the MicroPython unix port.

Hal.py and the real drivers against the models, live.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.host.station_process import micropython
from virtual.bench import Bench
from virtual.live import Firmware, LiveRunner
from virtual.server import BenchServer

REPO = Path(__file__).resolve().parents[2]
NOW = 1_800_000_000
LONG_S = 30.0  # for what comes at once: another process may have the computer

START = """
import json, time
import hal
with open("BOARD") as f:
    board = json.load(f)
h = hal.make(board)
def until(condition, ms):
    end = time.ticks_add(time.ticks_ms(), ms)
    while not condition() and time.ticks_diff(end, time.ticks_ms()) > 0:
        time.sleep_ms(10)
    return condition()
""".replace("BOARD", str(REPO / "boards" / "virtual" / "board.json"))


@pytest.fixture
def server() -> Iterator[BenchServer]:
    with BenchServer(Bench(seed=4, unix_s=NOW)) as running:
        yield running


def start(server: BenchServer, script: str) -> subprocess.Popen[str]:
    path = f"{REPO / 'boards' / 'virtual'}:{REPO / 'firmware'}:{REPO / 'host_tools'}"
    return subprocess.Popen(
        [micropython(), "-X", "heapsize=380k", "-c", START + script],
        env=os.environ | {"LATCHWORK_BENCH": str(server.port), "MICROPYPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(server: BenchServer, script: str) -> str:
    process = start(server, script)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 0, output
    return output.strip()


def test_contacts_and_coils(server: BenchServer) -> None:
    output = run(
        server,
        """
c = h.contacts
print(c.reeds(), c.latches(), h.coils.busy(), h.coils.limit_ms)
h.coils.fire(4, 60)
print(h.coils.busy())
try:
    h.coils.fire(1, 60)
except OSError as e:
    print("busy", e.errno)
print(until(lambda: not h.coils.busy(), 500), until(lambda: c.reeds() == c.latches() == 251, 500))
h.coils.fire(1, 200)
h.coils.abort()
print(h.coils.busy())
for mask, ms in ((3, 60), (1, 0), (1, 201), (0, 60), (256, 60)):
    try:
        h.coils.fire(mask, ms)
    except ValueError:
        print("refused")
""",
    )
    assert output.split("\n") == [
        "255 255 False 200",
        "True",
        "busy 16",
        "True True",
        "False",
        *["refused"] * 5,
    ]
    with server.bench() as bench:
        assert [door for _, door in bench.cabinet.openings()] == [3]
        assert bench.cabinet.pulses[0].end_ms == pytest.approx(
            bench.cabinet.pulses[0].start_ms + 60.0
        )


def test_contacts_do_not_allocate(server: BenchServer) -> None:
    assert (
        run(
            server,
            """
import gc
h.contacts.reeds()
gc.disable()
def look(n):
    a = gc.mem_alloc()
    while n:
        h.contacts.forget()
        h.contacts.reeds()
        h.contacts.latches()
        n -= 1
    return gc.mem_alloc() - a
print(look(1) == look(1001))
""",
        )
        == "True"
    )


def test_display_driver(server: BenchServer) -> None:
    process = start(
        server,
        """
from locker.drivers.display import Display
d = Display(h.i2c, 39, 20, 4, h.system.ticks_ms())
d.show(("Latchwork", "type your code", "0123456789abcdefghij", "help: ?"))
end = h.system.ticks_ms() + 20000
while h.system.ticks_ms() < end:
    d.step(h.system.ticks_ms())
    time.sleep_ms(10)
""",
    )
    try:
        ann = server.person("Ann")
        assert server.play(ann.reads("0123456789abcdefghij", "nothing"), 10.0)
        assert server.wait_for(lambda: bool(ann.sees("help: ?")), LONG_S)
        with server.bench() as bench:
            assert [line.rstrip() for line in bench.display.lines()] == [
                "Latchwork",
                "type your code",
                "0123456789abcdefghij",
                "help: ?",
            ]
            bench.display.power_up(bench.now_ms)
            assert not ann.sees("Latchwork")
    finally:
        process.kill()
        process.wait()
        process.communicate()


def test_keypad_driver_sees_every_key(server: BenchServer) -> None:
    """Each is held until the board has seen it: how fast one may type is for virtual time."""
    process = start(
        server,
        """
from locker.drivers.keypad import Keypad
k = Keypad(h.keys)
key = ""
while key != "?":
    k.scan(h.system.ticks_ms())
    key = k.take()
    if key:
        print(key)
    time.sleep_ms(10)
""",
    )
    assert process.stdout is not None
    for key in "0482193576*#?":
        with server.bench() as bench:
            bench.keypad.press(bench.now_ms, key)
        assert process.stdout.readline() == key + "\n"
        with server.bench() as bench:
            bench.keypad.release(bench.now_ms, key)
    process.communicate(timeout=LONG_S)
    assert process.returncode == 0


def test_clock_driver(server: BenchServer) -> None:
    output = run(
        server,
        """
from locker.drivers.ds3231 import DS3231
r = DS3231(h.i2c, 104)
print(r.read(), r.celsius())
r.write(200000000)
print(r.read())
print(DS3231(h.i2c, 105).read())
""",
    )
    before, after, nobody = output.split("\n")
    seconds, celsius = before.split()
    assert 0 <= int(seconds) - (NOW - 1_577_836_800) < 10
    assert (celsius, after, nobody) == ("21.5", "200000000", "None")


def test_signals_and_system(server: BenchServer) -> None:
    output = run(
        server,
        """
h.signals.lamps(True, False)
h.signals.beep(True)
time.sleep_ms(30)
h.signals.beep(False)
s = h.system
print(len(s.random(16)), s.reset_cause(), s.free_heap() > 1000)
print(h.link.is_up(), h.link.rssi_dbm(), h.accepts_demo_keys)
s.feed()
h.contacts.reeds()  # its answer comes when the bench has taken all that was told before
print(s.ticks_ms() < 1 << 30)
""",
    )
    assert output == "16 power True\nTrue 0 True\nTrue"
    with server.bench() as bench:
        assert bench.signals.red
        assert len(bench.signals.beeps()) == 1


def test_board_goes_dark_with_the_bench() -> None:
    with BenchServer(Bench()) as server:
        process = start(server, "while True:\n    h.contacts.reeds()\n    time.sleep_ms(10)\n")
        assert server.wait_for(lambda: server.connected, LONG_S)
    output, _ = process.communicate(timeout=LONG_S)
    assert process.returncode == 1
    assert "bench is gone" in output


def test_without_a_bench_the_board_says_what_is_missing() -> None:
    done = subprocess.run(
        [micropython(), "-c", START],
        env={"MICROPYPATH": str(REPO / "boards" / "virtual") + ":" + str(REPO / "host_tools")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "LATCHWORK_BENCH is not set" in done.stdout


MAIN = """
import json, time, hal
with open("BOARD") as f:
    h = hal.make(json.load(f))
print("cause", h.system.reset_cause())
""".replace("BOARD", str(REPO / "boards" / "virtual" / "board.json"))
LOOP = """
while True:
    h.contacts.reeds()
    h.system.feed()
    if h.contacts.help_down():
        DO
    time.sleep_ms(10)
"""


def build(folder: Path, do: str) -> Firmware:
    """A firmware that does ``do`` when the help key is down."""
    (folder / "flash").mkdir()
    (folder / "boot.py").write_text("print('boot')\n")
    (folder / "main.py").write_text(MAIN + LOOP.replace("DO", do))
    (folder / "hal.py").write_text((REPO / "boards" / "virtual" / "hal.py").read_text())
    return Firmware(folder, folder / "flash", folder / "log.txt", interpreter=micropython())


def press_help(server: BenchServer) -> None:
    server.play(server.person("Ann").types("?"))


def restarted(server: BenchServer, runner: LiveRunner) -> bool:
    starts = runner.starts
    assert server.wait_for(lambda: server.supervision.fed_at_ms is not None, LONG_S)
    press_help(server)
    return server.wait_for(lambda: runner.starts > starts and server.connected, LONG_S)


@pytest.mark.parametrize(
    ("do", "cause"),
    [
        ("h.system.restart()", "soft"),
        ("raise ValueError('crash')", "watchdog"),
        ("while True: pass", "watchdog"),
    ],
)
def test_runner_restarts(server: BenchServer, tmp_path: Path, do: str, cause: str) -> None:
    with LiveRunner(server, build(tmp_path, do)) as runner:
        assert restarted(server, runner), runner.log_tail()
        assert runner.last_cause == cause
        assert server.wait_for(lambda: f"cause {cause}" in runner.log_tail(), LONG_S)
    assert not runner.running


def test_runner_power_cut_and_no_orphans(server: BenchServer, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), LiveRunner(server, build(tmp_path, "pass")) as runner:
        assert server.wait_for(lambda: server.supervision.fed_at_ms is not None, LONG_S)
        runner.power_cut(0.1)
        assert server.wait_for(lambda: server.supervision.fed_at_ms is not None, LONG_S)
        assert (runner.starts, runner.last_cause) == (2, "power")
        assert runner._process is not None
        pid = runner._process.pid
        raise KeyboardInterrupt
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_killed_bench_leaves_no_board_behind(tmp_path: Path) -> None:
    build(tmp_path, "pass")
    script = f"""
import time
from pathlib import Path
from virtual.bench import Bench
from virtual.live import Firmware, LiveRunner
from virtual.server import BenchServer
folder = Path({str(tmp_path)!r})
firmware = Firmware(folder, folder / "flash", folder / "log.txt", interpreter={micropython()!r})
with BenchServer(Bench()) as server, LiveRunner(server, firmware) as runner:
    assert server.wait_for(lambda: server.supervision.feeds > 2, {LONG_S})
    print(runner._process.pid, flush=True)
    time.sleep(60)
"""
    env = os.environ | {"PYTHONPATH": str(REPO / "host_tools")}
    bench = subprocess.Popen(
        [sys.executable, "-c", script], env=env, stdout=subprocess.PIPE, text=True
    )
    assert bench.stdout is not None
    board = int(bench.stdout.readline())
    bench.send_signal(signal.SIGKILL)
    bench.communicate()
    deadline = time.monotonic() + LONG_S
    while Path(f"/proc/{board}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{board}").exists()
