"""What is let go after the start can never be called again."""

import ast
from importlib import import_module

from lockerctl import settle
from lockerctl.build import FIRMWARE, _Sources

GUARD = "from locker.app import compose\ndef _station(hal):\n    compose.build(3, hal)\n"
SETTLED = "def composed():\n    pass\ndef connected():\n    pass\n"
RESIDENT = ("locker.core.door", "locker.app.station")
DOOR = """
class Door:
    def __init__(self, pin):
        self.pin = pin
        self.watch(pin)
    def watch(self, pin):
        self.seen = pin
    def step(self):
        return later(self)
class Moment:
    def __init__(self, at):
        self.at = at
class Self:
    def __init__(self, at):
        self.at = at
    def again(self):
        return type(self)(1)
class Base:
    def __init__(self):
        self.at = 1
class Child(Base):
    def tell(self):
        return 1
class Handed:
    def __init__(self):
        self.at = 1
def later(door):
    return Moment(door)
def early(pins):
    return [pin for pin in pins]
def named():
    return 1
def callback():
    return 1
def ticking():
    yield 1
"""
COMPOSE = """
from locker.core.door import Door, Moment, Self, Child, Base, Handed, early, named, callback
def build(pins, hal):
    Self(1); Child(); Base(); named(); hal.on(callback); hal.make(Handed); hal.wait(lambda: late())
    return Door(early(pins)), Moment(0)
def late():
    return ticks()
"""
STATION = """
def ticks():
    return 'named'
def forgotten():
    return 1
"""


def let_go(used: set[str], **changed: str) -> list[str]:
    sources = {
        settle.SETTLED: SETTLED,
        "locker.core.door": DOOR,
        "locker.app.boot_guard": GUARD,
        "locker.app.compose": COMPOSE,
        "locker.app.station": STATION,
        **changed,
    }
    trees = {name: ast.parse(text) for name, text in sources.items()}
    settle.settle(trees, RESIDENT, used)
    lines = ast.unparse(trees[settle.SETTLED]).splitlines()
    names = {line.split()[5]: line.split()[3] for line in lines if "import" in line}
    gone = [line.split()[0] for line in lines if line.endswith("= None")]
    return [f"{names[g.split('.')[0]]}.{g.split('.')[1]}" for g in gone]


def test_only_what_the_start_alone_calls_goes():
    # Not: Moment (made at run time), Self (makes itself), Base (has a child), Handed and callback
    # (handed on), named (stands in a text), ticks (called by what runs later), forgotten (no call
    # is known, so nobody knows who calls it).
    assert let_go(set()) == ["Door.__init__", "Door.watch", "door.early"]


def test_what_the_outside_uses_stays():
    assert let_go({"early"}) == ["Door.__init__", "Door.watch"]


def test_a_call_at_run_time_keeps_it():
    again = DOOR + "def again():\n    return Door(1)\n"
    assert let_go(set(), **{"locker.core.door": again}) == ["door.early"]


def test_the_firmware_lets_go_its_constructors_and_only_of_what_stays():
    program = _Sources("esp32", FIRMWARE)._program
    text = ast.unparse(program.units[settle.SETTLED].tree)
    for part in ("Bank", "Desk", "Journal", "Mqtt", "ReportTask"):
        assert f"import {part} as" in text, part
    made_at_run_time = {
        "Command": "wire",
        "Entry": "access",
        "Moment": "access",
        "Record": "records",
    }
    for part, module in made_at_run_time.items():
        assert hasattr(import_module(f"locker.core.{module}"), part)
        assert f"import {part} as" not in text, part
    assert text.count("= None") > 50
