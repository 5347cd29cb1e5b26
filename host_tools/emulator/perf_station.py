"""Figures of the firmware as it is shipped, seen from outside: start, door lateness, heap.

One station with its radio on and MQTT connected, one parcel picked up. The watchdog is fed at the
end of each door step, so a door step that comes late shows in the time between two feeds.
"""

import asyncio
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rp2040py.gpio_pin import GPIOPinState
from rp2040py.peripherals.i2c import I2CMode

from lockerctl.emulated import QuickHands
from virtual.journeys import picks_up
from virtual.people import Story

from .errors import EmulatorError
from .perf_board import Log, MeasuredPicoW
from .perf_broker import InnerBroker
from .perf_chip import TYPICAL_MS, WORST_MS, flash_ms
from .perf_flash import BOARD, GUEST_PORT, Flash, board_json, board_with, prepared, setup
from .perf_rows import Row, at_least, at_most
from .radio import BROKER_ADDRESS, SSID, sealed

_DOOR = 3
_PERIOD_MS = 10.0
_RADIO_ON = 23  # the pin that powers the Pico W's radio
_START_MS, _STORY_MS, _SETTLE_MS, _ANSWER_MS = 8_000.0, 8_000.0, 500.0, 4_000.0
_ASKED, _ANSWERED = 3, 4
_PACE = 0.15
_KB = 1024


@dataclass(frozen=True)
class Gap:
    """Between two door steps. late_ms: more than their period; operations: on flash in it;
    radio: it was switched on; collected: the housekeeping round, which ends in gc.collect();
    starting: before the radio, while people are asked to wait and the network's modules come in.
    """

    late_ms: float
    operations: tuple[int, int]
    radio: bool
    collected: bool
    starting: bool = False


def rows() -> list[Row]:
    """Let a day at the cabinet pass, in seven seconds."""
    wifi = {"ssid": SSID, "password": "", "country": ""}
    memory = setup(len(board_json()["doors"]), heartbeat_s=2, keepalive_s=0, wifi=wifi)
    with prepared(board_json(), memory, (BROKER_ADDRESS, GUEST_PORT)) as flash:
        shutil.move(flash.tree / "hal.mpy", flash.tree / "shipped_hal.mpy")
        flash.script("probe_hal")
        shutil.move(flash.tree / "probe_hal.mpy", flash.tree / "hal.mpy")
        pico = board_with(flash, InnerBroker(GUEST_PORT))
        seen = _Seen(pico)
        with sealed():
            end_ms = asyncio.run(_live(pico, flash))
    free, largest = pico.log.figures
    return [
        Row(
            "reset -> coils safe: the first statements of boot.py",
            seen.safe_ms,
            "ms",
            "first statements",
            0 < seen.safe_ms < pico.log.fed[0],
        ),
        at_most("reset -> door step running", pico.log.fed[0], "ms", 1500),
        *lateness(list(_gaps(pico.log, seen, end_ms))),
        at_least("free heap, MQTT connected, plain", free / _KB, "KiB", 80),
        at_least("largest free block, MQTT connected, plain", largest / _KB, "KiB", 24),
        Row("free heap, MQTT connected, TLS", None, "KiB", 55),
    ]


def lateness(gaps: Sequence[Gap]) -> list[Row]:
    """The rows of the door step's lateness."""
    flash = [gap for gap in gaps if gap.operations[0] or gap.operations[1]]
    radio = [gap for gap in gaps if gap.radio]
    collected = [gap for gap in gaps if gap.collected and gap not in flash]
    starting = [gap for gap in gaps if gap.starting and gap not in flash]
    aside = {id(gap) for gap in [*flash, *radio, *collected, *starting]}
    normal = [gap.late_ms for gap in gaps if id(gap) not in aside]
    name = "door lateness"
    found = [
        at_most(f"{name} in normal work, p99 of {len(normal)} steps", _p99(normal), "ms", 10),
        Row(f"{name} in normal work, median", sorted(normal)[len(normal) // 2], "ms"),
        Row(f"{name} in normal work, worst", max(normal), "ms"),
    ]
    for text, latency_ms in (("typical", TYPICAL_MS), ("worst", WORST_MS)):
        late = [gap.late_ms + flash_ms(gap.operations, latency_ms) for gap in flash]
        found.append(_windows(f"{name} behind flash writes, {text} flash", late))
    found.append(_windows(f"{name} behind gc and clock chip", [g.late_ms for g in collected]))
    loads = [gap.late_ms for gap in starting]
    found.append(_windows(f"{name} while the network's modules are loaded", loads))
    found.append(_windows(f"{name} behind the radio's start", [g.late_ms for g in radio]))
    return found


def _windows(name: str, late_ms: Sequence[float]) -> Row:
    return Row(f"{name}: longest of {len(late_ms)}", max(late_ms, default=0.0), "ms")


def _p99(values: Iterable[float]) -> float:
    ordered = sorted(values)
    return ordered[max(0, -(-99 * len(ordered) // 100) - 1)]


class _Seen:
    """Pins and bus of the chip, as somebody with a probe sees them."""

    def __init__(self, pico: MeasuredPicoW) -> None:
        self.safe_ms = 0.0
        self.radio_ms: list[float] = []
        self.clock_ms: list[float] = []
        self._pico = pico
        self._chip = pico.chip
        board = board_json()
        coils = board["coils"]
        self._outputs = [coils["enable"], *(door["coil"] for door in board["doors"])]
        for pin in self._outputs:
            self._chip.gpio[pin].add_listener(lambda _new, _old: self._look_at_coils())
        self._chip.gpio[_RADIO_ON].add_listener(lambda new, _old: self._look_at_radio(new))
        self._listen_to_bus(board["i2c"]["id"], board["rtc"]["address"])

    def _look_at_coils(self) -> None:
        levels = [self._chip.gpio[pin].value for pin in self._outputs]
        if not self.safe_ms and all(level == GPIOPinState.LOW for level in levels):
            self.safe_ms = self._pico.now_ms

    def _look_at_radio(self, level: GPIOPinState) -> None:
        if level == GPIOPinState.HIGH:
            self.radio_ms.append(self._pico.now_ms)

    def _listen_to_bus(self, number: int, address: int) -> None:
        controller = self._chip.i2c[number]
        connects = controller.on_connect

        def connect(asked: int, mode: I2CMode) -> None:
            if asked == address:
                self.clock_ms.append(self._pico.now_ms)
            connects(asked, mode)

        controller.on_connect = connect


def _gaps(log: Log, seen: _Seen, end_ms: float) -> Iterable[Gap]:
    for begin, end in zip(log.fed, log.fed[1:], strict=False):
        if end < end_ms:
            yield Gap(
                max(0.0, end - begin - _PERIOD_MS),
                log.operations(begin, end),
                any(begin <= ms < end for ms in seen.radio_ms),
                any(begin <= ms < end for ms in seen.clock_ms),
                end <= min(seen.radio_ms, default=0.0),
            )


async def _live(pico: MeasuredPicoW, flash: Flash) -> float:
    """Until the heap is known; when the heap was asked for. EmulatorError."""
    with pico.powered():
        person = QuickHands(pico.wiring.bench, "recipient", 1, _PACE)
        part = pico.wiring.stage.add(_story(person, flash.code(_DOOR)))
        if not await pico.run(lambda: part.done, _START_MS + _STORY_MS):
            raise EmulatorError("the story did not end")
        part.result()
        await pico.run(lambda: False, _SETTLE_MS)
        asked_ms = pico.now_ms
        pico.mark(_ASKED)
        if not await pico.run(lambda: _ANSWERED in pico.log.numbers(), _ANSWER_MS):
            raise EmulatorError(f"no heartbeat from the {BOARD}: MQTT is not connected")
    return asked_ms


def _story(person: QuickHands, code: str) -> Story[None]:
    yield from person.reads("type your code", timeout_ms=_START_MS)
    yield _SETTLE_MS  # nobody types while the display is still being drawn
    yield from picks_up(person, _DOOR, code)
