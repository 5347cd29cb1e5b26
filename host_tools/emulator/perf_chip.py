"""Figures of scripts that run alone on the image: the door step, key to coil, and the peers."""

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from . import perf_vendor
from .door_lines import Expanded
from .errors import EmulatorError
from .perf_board import MeasuredPicoW
from .perf_flash import GUEST_PORT, Flash, board_json, board_with, prepared, read_back, setup
from .perf_rows import Row, at_most
from .radio import Gate, sealed

_DOORS = 24
_DOOR = 7
_LIMIT_MS = 30_000
_PRESSED, _FIRED, _END = 1, 2, 98
_JOURNAL, _CLAIM, _JSON = 10, 12, 14  # marks of perf_storage: begin; the next number ends
_CHIP_DIES, _BUS_HELD = 11, 12
# A W25Q-class chip: typical and worst, of an erase and of a page program.
TYPICAL_MS = (45.0, 0.4)
WORST_MS = (400.0, 3.0)

_MAIN = """\
import gc
gc.threshold(8192)
import json, sys, io
import perf_parts
try:
    import {script}
    gc.threshold(-1)
    found = {script}.measure()
except Exception as error:
    text = io.StringIO()
    sys.print_exception(error, text)
    found = {{"error": text.getvalue()}}
with open("perf.json", "w") as file:
    json.dump(found, file)
perf_parts.mark({end})
"""


def flash_ms(operations: tuple[float, float], latency_ms: tuple[float, float]) -> float:
    """What so many erases and programs take on a chip that is not emulated."""
    return operations[0] * latency_ms[0] + operations[1] * latency_ms[1]


def door_rows() -> list[Row]:
    """The door step with 24 doors, and the way from the last key to the coil."""
    with _station() as flash:
        (flash.tree / "code.json").write_text(json.dumps(flash.code(_DOOR)))
        found, pico = _run(flash, "perf_doors")
    log = pico.log
    operations = log.operations(log.when(_PRESSED), log.when(_FIRED))
    key_ms = found["key_us"] / 1000
    cpu_ms = key_ms - found["key_idle_us"] / 1000
    changed_ms = max(found["opened_us"], found["shut_us"]) / 1000
    count = f"{operations[0]} erases, {operations[1]} programs"
    return [
        at_most("door step, 24 doors, nothing changed", found["idle_us"] / 1000, "ms", 0.5),
        at_most("door step, nothing changed: allocated in 100 steps", found["idle_bytes"], "B", 0),
        at_most("door step, 24 doors, every door changed at once", changed_ms, "ms", 5),
        at_most("last key -> coil on, 24 occupied doors: CPU", cpu_ms, "ms", 30),
        at_most(
            f"last key -> coil on, typical flash ({count})",
            key_ms + flash_ms(operations, TYPICAL_MS),
            "ms",
            250,
        ),
        at_most(
            f"last key -> coil on, worst flash ({count})",
            key_ms + flash_ms(operations, WORST_MS),
            "ms",
            1500,
        ),
    ]


def code_rows() -> list[Row]:
    """Verifying a code with interrupts off, on a fresh heap and in a station of 24 parcels."""
    with _station() as flash:
        us, _ = _run(flash, "perf_codes")
    one = "one tenancy verified, 11 steps, interrupts off"
    return [
        at_most(one, us["alone_us"] / 1000, "ms", 8),
        at_most(f"{one}: 24 occupied doors", us["full_us"] / 1000, "ms", 8),
        Row("an entry judged: three tenancies, up to 15 steps", us["entry_us"] / 1000, "ms"),
        Row("an entry judged: 24 occupied doors", us["full_entry_us"] / 1000, "ms"),
    ]


def expander_rows() -> list[Row]:
    """The door step of a board whose 24 doors hang on expanders, four transfers on a bus of 400
    kHz included, and what a dead chip and a dead bus make of it.
    """
    config = board_json(board="pico_w_24")
    with prepared(config, setup(_DOORS), ("127.0.0.1", GUEST_PORT)) as flash:
        flash.script("perf_doors")
        found, _ = _run(flash, "perf_expanders", _break_expanders)
    step, sample = "door step, 24 doors on expanders", "expanders: longest look at the contacts"
    return [
        at_most(f"{step}, nothing changed", found["idle_us"] / 1000, "ms", 0.5),
        at_most(f"{step}: allocated in 100 steps", found["idle_bytes"], "B", 0),
        at_most(f"{sample}, nothing changed", found["sample_us"] / 1000, "ms", 5),
        at_most(f"{sample}, all four read", found["awake_us"] / 1000, "ms", 5),
        at_most(f"{sample}, one is dead", found["dead_us"] / 1000, "ms", 5),
        at_most(f"{sample}, the bus is held", found["held_us"] / 1000, "ms", 5),
    ]


def _break_expanders(pico: MeasuredPicoW, mark: int) -> None:
    doors = pico.wiring.doors
    if not isinstance(doors, Expanded):
        raise EmulatorError("this board has no expanders")
    if mark == _CHIP_DIES:
        doors.bus.unplugged.add(min(doors.bus.devices))
    elif mark == _BUS_HELD:
        doors.hold_sda(True)


def peer_rows() -> list[Row]:
    """Ours and what others use, on the same image."""
    with _station() as flash:
        flash.compile(perf_vendor.ensure(perf_vendor.HMAC), "hmac.mpy")
        flash.compile(perf_vendor.ensure(perf_vendor.SHA256), "peer_sha256.mpy")
        (flash.tree / "warnings.py").write_text("def warn(*_arguments):\n    pass\n")
        us, _ = _run(flash, "perf_peers")
    names = (
        ("loop_peer", "peer of the door step: a loop over 48 pins, nothing changed"),
        ("hmac", "HMAC-SHA256 of a code, pads kept"),
        ("hmac_peer", "peer: micropython-lib's hmac"),
        ("code", "one recipient code"),
        ("totp_peer", "peer: TOTP with micropython-lib's hmac and sha256 in Python"),
        ("publish", "longest wait of everything else for one QoS 1 publish"),
        ("publish_peer", "peer: umqtt.simple alone, a broker 40 ms away"),
    )
    return [Row(text, us[key] / 1000, "ms") for key, text in names]


def storage_rows() -> list[Row]:
    """What an opening writes, each with the flash operations of the same write."""
    with _station() as flash:
        us, pico = _run(flash, "perf_storage")
    rows = []
    for key, mark, text in (
        ("journal", _JOURNAL, "journal: one record appended"),
        ("claim", _CLAIM, "claim: a door's cell written"),
        ("json", _JSON, "peer: a JSON file of 24 doors rewritten"),
    ):
        log = pico.log
        erases, programs = log.operations(log.when(mark), log.when(mark + 1))
        each = (erases / us["times"], programs / us["times"])
        cpu_ms = us[key] / 1000
        rows += [
            Row(f"{text}: CPU", cpu_ms, "ms"),
            Row(f"{text}: erases", each[0], "each"),
            Row(f"{text}: page programs", each[1], "each"),
            Row(f"{text}: with typical flash", cpu_ms + flash_ms(each, TYPICAL_MS), "ms"),
            Row(f"{text}: with worst flash", cpu_ms + flash_ms(each, WORST_MS), "ms"),
        ]
    return rows


def _station() -> AbstractContextManager[Flash]:
    return prepared(board_json(_DOORS), setup(_DOORS), ("127.0.0.1", GUEST_PORT))


def _run(
    flash: Flash, script: str, react: Callable[[MeasuredPicoW, int], None] | None = None
) -> tuple[dict[str, Any], MeasuredPicoW]:
    """Let a script measure; what it found. EmulatorError when it fails.

    react: gets the newest mark of the script, again and again.
    """
    flash.script("perf_parts")
    flash.script(script)
    (flash.tree / "main.py").write_text(_MAIN.format(script=script, end=_END))
    pico = board_with(flash, Gate(GUEST_PORT, 0))

    def ended() -> bool:
        if react is not None and pico.log.marks:
            react(pico, pico.log.marks[-1][1])
        return _END in pico.log.numbers()

    async def measured() -> bool:
        with pico.powered():
            return await pico.run(ended, _LIMIT_MS)

    with sealed():
        in_time = asyncio.run(measured())
    if not in_time:
        raise EmulatorError(f"{script} did not end within {_LIMIT_MS / 1000:.0f} s of the chip")
    found: dict[str, Any] = json.loads(read_back(pico, "perf.json"))
    if "error" in found:
        raise EmulatorError(f"{script} failed on the image:\n{found['error']}")
    return found, pico
