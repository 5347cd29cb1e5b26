"""People as stories: generators that act on the bench and yield the ms until they act again.

So the same story plays in wall time on the live bench and in virtual time in a simulation::

    def pickup(p: Person, door: int, code: str) -> Story[None]:
        yield from p.types(code)
        yield from p.reads("take")
        yield from p.pulls(door)
        p.takes(door)
        yield from p.pushes(door)
"""

from __future__ import annotations

from collections.abc import Generator
from random import Random
from typing import TypeVar

from .bench import Bench
from .compartment import Compartment

T = TypeVar("T")
Story = Generator[float, None, T]

_LOOK_MS = 60.0
_SHUT = 0.01


class StoryFailed(Exception):
    """A person met something the story did not expect.

    The text says who, what and what was on the display.
    """


class Person:
    """Somebody before the cabinet. ``pace`` 1.0 is brisk, 2.0 twice as slow.

    Same seed, same hands.
    """

    def __init__(self, bench: Bench, name: str, seed: int = 0, pace: float = 1.0) -> None:
        self.bench = bench
        self.name = name
        self.pace = pace
        self._rng = Random(f"{seed}/{name}")

    def thinks(self, least_ms: float = 300.0, most_ms: float = 900.0) -> Story[None]:
        """Time passes."""
        yield self.pace * self._rng.uniform(least_ms, most_ms)

    def types(self, keys: str) -> Story[None]:
        """Press keys one after the other; blanks and dashes are only for the reader."""
        keys = keys.replace("-", "").replace(" ", "")
        self.says(f"types {keys}")
        for key in keys:
            hold = self._rng.uniform(70.0, 160.0)
            self.bench.keypad.tap(self.bench.now_ms, key, hold)
            yield hold + self.pace * self._rng.uniform(80.0, 400.0)

    def presses(self, key: str) -> Story[None]:
        """One key, after a moment of thought."""
        yield from self.thinks(200.0, 500.0)
        yield from self.types(key)

    def reads(self, *texts: str, timeout_ms: float = 8000.0) -> Story[str]:
        """Wait until the display shows one of the texts (in any case), and take it in.

        Returns the text found. StoryFailed after timeout_ms.
        """
        deadline = self.bench.now_ms + timeout_ms
        while True:
            seen = self.sees(*texts)
            if seen:
                yield self.pace * self._rng.uniform(150.0, 450.0)
                return seen
            if self.bench.now_ms >= deadline:
                raise self.failure(
                    f"waited {timeout_ms / 1000:g} s for {' or '.join(map(repr, texts))}"
                )
            yield _LOOK_MS

    def sees(self, *texts: str) -> str:
        """The first of the texts that the display shows now, or ""."""
        shown = "\n".join(self.bench.display.lines()).lower()
        flowing = " ".join(shown.split())
        return next(
            (text for text in texts if text.lower() in shown or text.lower() in flowing), ""
        )

    def finds_open_door(self, timeout_ms: float = 4000.0) -> Story[int]:
        """Look which door has come open, or may be pulled. StoryFailed when none does."""
        deadline = self.bench.now_ms + timeout_ms
        while self.bench.now_ms < deadline:
            for number, door in self.bench.cabinet.doors.items():
                if door.position(self.bench.now_ms) > _SHUT:
                    yield from self.thinks(150.0, 400.0)
                    return number
            yield _LOOK_MS
        raise self.failure("saw no door open")

    def tries(self, door: int) -> Story[bool]:
        """Pull the handle; False when it does not give."""
        takes = self.pace * self._rng.uniform(400.0, 800.0)
        gave = self.bench.pull(door, takes)
        self.says(f"pulls door {door}" if gave else f"pulls door {door}: it does not give")
        yield takes if gave else 300.0
        return gave

    def pulls(self, door: int) -> Story[None]:
        """Open a door that must give. StoryFailed when it does not."""
        gave = yield from self.tries(door)
        if not gave:
            raise self.failure(f"could not pull door {door}")

    def pushes(self, door: int) -> Story[None]:
        """Push the door shut, or lean on a shut one."""
        self.says(f"pushes door {door}")
        takes = self.pace * self._rng.uniform(350.0, 700.0)
        self.bench.push(door, takes)
        yield takes + 50.0

    def puts(self, door: int, parcel: str = "parcel") -> None:
        """Lay a parcel in. StoryFailed when the door is shut or something lies there."""
        compartment = self._open_door(door)
        if compartment.parcel:
            raise self.failure(f"door {door} holds {compartment.parcel!r} already")
        compartment.parcel = parcel
        self.says(f"puts {parcel} in {door}")

    def takes(self, door: int) -> str:
        """Take out what lies there and return it.

        StoryFailed when the door is shut or nothing lies there.
        """
        compartment = self._open_door(door)
        parcel = compartment.parcel
        if not parcel:
            raise self.failure(f"nothing lies in {door}")
        compartment.parcel = ""
        self.says(f"takes {parcel} from {door}")
        return parcel

    def says(self, text: str) -> None:
        """A line for the diary."""
        self.bench.note(self.name, text)

    def failure(self, text: str) -> StoryFailed:
        shown = " / ".join(line.strip() for line in self.bench.display.lines())
        return StoryFailed(f"{self.name} {text}; the display shows: {shown}")

    def _open_door(self, door: int) -> Compartment:
        compartment = self.bench.door(door)
        if compartment.position(self.bench.now_ms) <= _SHUT:
            raise self.failure(f"cannot reach into {door}: it is shut")
        return compartment


class Stage:
    """Plays stories against one bench whose time the caller advances."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._playing: list[Part] = []

    def add(self, story: Story[object]) -> Part:
        """Start a story at the bench's present time."""
        part = Part(story, self._bench.now_ms)
        self._playing.append(part)
        return part

    def step(self) -> None:
        """Let everybody act whose time has come by the bench's clock."""
        for part in self._playing:
            part.step(self._bench.now_ms)
        self._playing = [part for part in self._playing if not part.done]

    def next_event(self) -> float:
        return min((part.wake_ms for part in self._playing), default=float("inf"))

    def end_all(self) -> None:
        """The curtain falls: stories still playing are closed."""
        for part in self._playing:
            part.close()
        self._playing.clear()


class Part:
    """One story under way. After ``done``.

    Result() gives its return value or raises what it raised.
    """

    def __init__(self, story: Story[object], now_ms: float) -> None:
        self._story = story
        self._error: Exception | None = None
        self._value: object = None
        self.wake_ms = now_ms
        self.done = False

    def step(self, now_ms: float) -> None:
        if self.done or now_ms < self.wake_ms:
            return
        try:
            self.wake_ms = now_ms + max(next(self._story), 0.0)
        except StopIteration as end:
            self._value, self.done = end.value, True
        except (StoryFailed, ValueError) as error:
            self._error, self.done = error, True

    def close(self) -> None:
        self._story.close()
        self._error, self.done = StoryFailed("the bench was closed in mid-story"), True

    def result(self) -> object:
        if self._error is not None:
            raise self._error
        return self._value


def play(bench: Bench, story: Story[T], step_ms: float = 10.0) -> T:
    """Play one story in virtual time, nobody else acting; returns the story's value."""
    stage = Stage(bench)
    part = stage.add(story)
    while not part.done:
        stage.step()
        bench.advance(bench.now_ms + step_ms)
    return part.result()  # type: ignore[return-value]
