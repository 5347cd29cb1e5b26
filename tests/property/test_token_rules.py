"""Whatever is asked and typed at the keypad, in whatever order: a time token is taken only for the
challenge on the display, once, within ten minutes; the truth is inside the bound afterwards, and
guessing gets one try in ten minutes.
"""

from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from locker.app import time_entry
from locker.app.time_task import TimeTask
from locker.core import clock, damm, faults, ticks, time_token
from locker.core.clock import Clock
from locker.core.lockout import Lockout
from locker.core.mac import Mac

NOW = 215_000_040  # a whole minute
KEY = b"\x31" * 32
MAC = Mac(KEY)
TEN_MINUTES = 600_000

EVENTS = st.lists(
    st.one_of(
        st.just(("ask",)),
        st.tuples(st.just("wait"), st.integers(0, 700_000)),
        st.tuples(st.just("wait"), st.integers(0, 40_000)),
        st.tuples(st.just("make")),  # the operator's computer answers the last challenge seen
        st.tuples(st.just("type"), st.integers(0, 3)),  # one of the tokens made so far
        st.just(("guess",)),
        st.just(("cut",)),
    ),
    max_size=40,
)


class Keypad:
    """A station of stubs around the real clock, lockout, time task and judge."""

    def __init__(self) -> None:
        self.ms = 0
        self.seen: list[tuple[int, int]] = []  # challenge, when it was shown
        self.tokens: list[tuple[str, int, int]] = []  # digits, challenge, when made
        self.said: list[tuple[str, int]] = []
        self.noise = 0
        self.lockout = Lockout(1)
        self.clock = Clock(NOW - 86_400)
        self.start()

    @property
    def now(self) -> int:
        return self.ms % ticks.PERIOD

    def start(self) -> None:
        session = SimpleNamespace(
            show_refusal=lambda fault, *_, **__: self.said.append(("refused", fault)),
            show_challenge=lambda text, _: self.said.append(("challenge", int(text))),
            show_clock_set=lambda *_: self.said.append(("set", 0)),
        )
        system = SimpleNamespace(random=self.random, ticks_ms=lambda: self.now)
        self.station: Any = SimpleNamespace(
            name="test",
            session=session,
            clock=self.clock,
            vault=SimpleNamespace(
                lockout=self.lockout,
                save_lockout=lambda: None,
                counters=SimpleNamespace(clock_set_s=0, floor_s=0),
                save_counters=lambda: None,
                cells=SimpleNamespace(save=lambda *_: None),
            ),
            book=SimpleNamespace(note=lambda *_, **__: 1, commit=lambda: None),
            hal=SimpleNamespace(system=system),
            solenoid=SimpleNamespace(busy=lambda: False),
            note_health=lambda *_: None,
        )
        rtc: Any = SimpleNamespace(read=lambda: None, write=lambda _: False, ok=True)
        self.station.timekeeper = TimeTask(self.station, rtc, KEY)

    def random(self, n: int) -> bytes:
        self.noise += 1
        return (self.noise * 7919).to_bytes(n, "big")

    def true_s(self) -> int:
        return NOW + self.ms // 1000

    def wait(self, ms: int) -> None:
        while ms > 0:
            self.ms += min(ms, 9_900)
            ms -= 9_900
            self.station.timekeeper.step(self.now)
            self.lockout.leak(self.now)

    def type(self, digits: str) -> tuple[str, int]:
        """What the station answers; typing takes five seconds."""
        first = self.now
        self.ms += 5_000
        time_entry.serve(self.station, digits, first, self.now)
        return self.said[-1]

    def ask(self) -> None:
        kind, number = self.type(time_token.question())
        if kind == "challenge" and (not self.seen or self.seen[-1][0] != number):
            self.seen.append((number, self.ms))

    def make(self) -> None:
        if self.seen:
            challenge = self.seen[-1][0]
            digits = time_token.entry(MAC, "test", challenge, self.true_s() // 60)
            self.tokens.append((digits, challenge, self.ms))

    def guess(self) -> tuple[str, int]:
        self.noise += 1
        body = f"91{self.true_s() // 60 + 5:07d}{self.noise * 104_729 % 10**7:07d}"
        return self.type(body + str(damm.check_digit(body)))

    def cut(self) -> None:
        """Power goes; the clock chip is dead."""
        again = Lockout(1)
        again.unpack(self.lockout.pack())
        again.restart(self.now)
        self.lockout, self.clock = again, Clock(self.clock.floor_s)
        self.start()


@given(EVENTS)
@settings(max_examples=300)
def test_only_the_answer_to_the_challenge_on_the_display_once_and_in_time(events):
    keypad = Keypad()
    used: set[int] = set()
    wrong_at: list[int] = []
    for event in events:
        before = keypad.clock.pack(), keypad.clock.floor_s
        began = keypad.ms
        if event[0] == "wait":
            keypad.wait(event[1])
            continue
        if event[0] == "type" and event[1] < len(keypad.tokens):
            digits, challenge, _ = keypad.tokens[-1 - event[1]]
            kind, fault = keypad.type(digits)
            if kind == "set":
                assert challenge == keypad.seen[-1][0] and challenge not in used
                assert began - keypad.seen[-1][1] < TEN_MINUTES
                used.add(challenge)
                off_s = abs(keypad.clock.now_s(keypad.now) - keypad.true_s())
                assert off_s <= keypad.clock.uncertainty_s(keypad.now)
                assert keypad.clock.floor_s <= keypad.true_s()
                continue
            wrong_at += [began] if fault == faults.TOKEN_WRONG else []
        elif event[0] == "guess":
            kind, fault = keypad.guess()
            assert kind == "refused"
            wrong_at += [began] if fault == faults.TOKEN_WRONG else []
        elif event[0] != "type":
            getattr(keypad, event[0])()
        if event[0] == "cut":
            wrong_at.clear()
        else:
            assert (keypad.clock.pack(), keypad.clock.floor_s) == before
    assert all(b - a >= TEN_MINUTES - 5_000 for a, b in zip(wrong_at, wrong_at[1:], strict=False))


def test_the_stories_do_set_the_clock():
    """The property above is not empty."""
    keypad = Keypad()
    keypad.ask()
    keypad.wait(70_000)
    keypad.make()
    assert keypad.clock.trust(keypad.now) == clock.UNSYNCED
    assert keypad.type(keypad.tokens[0][0]) == ("set", 0)
    assert keypad.clock.trust(keypad.now) == clock.HOLDOVER
