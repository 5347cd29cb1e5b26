"""Plays the kinds of pulse_kinds at moments of one pulse, and judges what the pins did."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .errors import EmulatorError
from .pulse_chip import SAMPLE_NS, PulseChip
from .pulse_kinds import ANSWER, ARMED, ORDER, READY, RUNAWAY_PULSES, Kind

_SAMPLE_MS = SAMPLE_NS / 1e6
_TOLERANCE = 0.01
_BOOT_LIMIT_MS = 3_000.0
_CASE_LIMIT_MS = 500.0
_HELD_LIMIT_MS = 50.0
_AFTER_MS = 3.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What board.json asks of a pulse of the coil that is fired. coil, enable: GPIO."""

    coil: int
    enable: int
    coils: tuple[int, ...]
    pulse_ms: float
    limit_ms: float
    duty: float

    @classmethod
    def of(cls, config: dict[str, Any]) -> Wanted:
        """The middle door's, which has coils on both sides."""
        coils, doors = config["coils"], config["doors"]
        pins = tuple(door["coil"] for door in doors)
        return cls(
            pins[len(doors) // 2],
            coils["enable"],
            pins,
            coils["pulse_ms"],
            coils["limit_ms"],
            coils["duty_percent"] / 100,
        )


@dataclass(frozen=True, slots=True)
class Case:
    """One moment of one kind. happened: the kind was seen to take place.

    coil, enable: (ms from the pulse's start, length in ms) of each time the pin was on.
    held_low: all by plain GPIO, in the end. others: coil pins that were on and should not, bit =
    GPIO; at_end: pins that stayed on.
    """

    kind: str
    moment_ms: float
    happened: bool
    held_low: bool
    others: int
    at_end: int
    coil: list[list[float]]
    enable: list[list[float]]

    def lengths(self) -> list[float]:
        """Of every pulse of both pins, ms."""
        return [length for _start, length in [*self.coil, *self.enable]]

    def duty(self) -> float:
        """The worst share of a period that the coil was on; 0 with fewer than two pulses."""
        pairs = zip(self.coil, self.coil[1:], strict=False)
        return max((on / (after - start) for (start, on), (after, _) in pairs), default=0.0)


def play(
    image: Path, files: bytes, wanted: Wanted, kinds: Sequence[Kind], moments: int
) -> Iterator[Case]:
    """Every kind at so many moments. Raises EmulatorError when the image does not get so far.

    The chip boots once without a USB host, and once with one for the kinds that need it.
    """
    for console in (False, True):
        chosen = [kind for kind in kinds if kind.console == console]
        if chosen:
            chip = PulseChip(image, files, [*wanted.coils, wanted.enable], console)
            _arm(chip)
            yield from _pulse(chip, wanted, chosen, moments)


def problems(case: Case, kind: Kind, wanted: Wanted) -> list[str]:
    """What is wrong with a case, in words."""
    runaway = kind.name == "runaway"
    pulses = (len(case.coil), len(case.enable))
    checks = (
        (not case.happened, "it did not happen"),
        (case.others, f"other coils were on: {case.others:#x}"),
        (case.at_end, f"still on at the end: {case.at_end:#x}"),
        (not kind.exact and not case.held_low, "nothing took the pins from the state machine"),
        (not runaway and pulses != (1, 1), f"{pulses} pulses of coil and enable"),
        (runaway and min(pulses) <= RUNAWAY_PULSES, "too few pulses to see the duty"),
        (case.duty() > wanted.duty, f"on {case.duty():.2%} of the time, rating {wanted.duty:.0%}"),
    )
    found = [text for wrong, text in checks if wrong]
    shortest = wanted.pulse_ms * (1 - _TOLERANCE) if kind.exact else 0
    longest = wanted.pulse_ms * (1 + _TOLERANCE) if kind.exact else wanted.pulse_ms + _SAMPLE_MS
    for pin, name in ((case.coil, "coil"), (case.enable, "enable")):
        for index, (start, length) in enumerate(pin):
            if index == 0 and not shortest <= length <= longest:
                found.append(f"{name} on for {length:.2f} ms instead of {wanted.pulse_ms:g}")
            elif index and length > wanted.limit_ms + _SAMPLE_MS:
                found.append(f"{name} on for {length:.2f} ms, from {start:.2f} ms")
    return found


def _arm(chip: PulseChip) -> None:
    """Boot, set the hal up, get ready to fire."""
    if not chip.run_until(lambda: chip.register(ANSWER) == READY, _BOOT_LIMIT_MS):
        raise EmulatorError("the image does not boot")
    if chip.has_console:
        if not chip.run_until(lambda: chip.connected, _BOOT_LIMIT_MS):
            raise EmulatorError("no USB console")
        chip.type(b"\x03\x03\x01")
        if not chip.run_until(lambda: b"raw REPL" in chip.said, _BOOT_LIMIT_MS):
            raise EmulatorError("no raw REPL")
        chip.type(b"import pulse_story\x04\x04")
    chip.set_register(ORDER, READY)
    if not chip.run_until(lambda: chip.register(ANSWER) == ARMED, _BOOT_LIMIT_MS):
        raise EmulatorError("the board's hal cannot be set up")


def _pulse(chip: PulseChip, wanted: Wanted, kinds: Sequence[Kind], moments: int) -> Iterator[Case]:
    """Fire once; at each moment a child for each kind."""
    chip.set_register(ORDER, ARMED)
    if not chip.run_until(lambda: chip.trace.now_on != 0, _CASE_LIMIT_MS, _SAMPLE_MS):
        raise EmulatorError("nothing fires")
    began = chip.trace.changes[-1][0]
    for index in range(moments):
        chip.run_to(began + wanted.pulse_ms * (index + 0.5) / moments)
        for kind in kinds:
            yield _in_a_child(chip, kind, wanted, began)


def _in_a_child(chip: PulseChip, kind: Kind, wanted: Wanted, began: float) -> Case:
    """Played in a copy of this process; the chip of this one stays where it is."""
    receive, send = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        with os.fdopen(send, "w") as out:
            json.dump(asdict(_play(chip, kind, wanted, began)), out)
        os._exit(0)
    os.close(send)
    with os.fdopen(receive) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return Case(**json.loads(text))


def _play(chip: PulseChip, kind: Kind, wanted: Wanted, began: float) -> Case:
    moment = chip.now_ms - began
    chip.erase_ms = kind.erase_ms
    happened = kind.play(chip, kind.order, _CASE_LIMIT_MS)
    chip.run_to(began + wanted.pulse_ms + _AFTER_MS)
    chip.run_until(lambda: not chip.trace.now_on, _CASE_LIMIT_MS)
    if not kind.exact:
        chip.run_until(chip.held_low, _HELD_LIMIT_MS)
    coil, enable = (
        [[start - began, length] for start, length in chip.trace.pulses(gpio, chip.now_ms)]
        for gpio in (wanted.coil, wanted.enable)
    )
    others = chip.trace.others((wanted.coil, wanted.enable))
    held_low, at_end = chip.held_low(), chip.trace.now_on
    return Case(kind.name, moment, happened, held_low, others, at_end, coil, enable)
