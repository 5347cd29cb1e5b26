"""Modules joined into bundles with names that cost nothing: the same program comes out."""

import re
import sys
import types
from pathlib import Path

import pytest

from locker.app import boot_guard
from lockerctl import build as building
from lockerctl import image_names, naming, pack, tracing
from lockerctl.errors import ToolError
from lockerctl.program import Program, Symbol, Unit

POOL = [f"n{index}" for index in range(400)]
USED = ("f", "forget", "late", "made", "names")
TABLE = (("first", ("low.a", "low.b")), ("second", ("high.c",)))
A = """\
import struct
def add(left, right=1):
    \"\"\"Documented.\"\"\"
    return left + right
def _hidden(): return 'of a'
def shown(): return _hidden() and _hidden()
size = struct.calcsize('>I')
"""
B = """\
from low import a
from low.a import shown as told
class Counter:
    step = 3
    both = step + a.size
    def __init__(self, start, *, by: int = step) -> None:
        self._count = start
        self.by = by
    @property
    def count(self): return self._count
    def more(self, times):
        for _ in range(times):
            self._count = a.add(self._count, right=self.by)
        return self
def _hidden(): return 'of b'
def words(**named): return sorted(named)
TEXT = told() + ' ' + _hidden()
"""
C = """\
from low.b import Counter, TEXT, words
from low import a
import sys
def late():
    from low import d
    from low.d import Problem
    try:
        d.fails(1)
    except Problem as problem:
        return problem.why, [a.add(x) for x in range(3)], (lambda a: a + 1)(1)
def names():
    return words(door=1, self_=2), '{door}'.format(door=3), getattr(Counter(1), 'count', '')
def made(): return Counter(1, by=2).more(2).count, Counter.both, TEXT
def for_the_host(): return only_it()
def only_it(): return 'of no use here'
def forget(): sys.modules.pop('low.d', None)
"""
D = """\
class Problem(Exception):
    def __init__(self, why):
        self.why = why
def fails(why):
    raise Problem(why)
"""
SOURCES = {"low.a": A, "low.b": B, "high.c": C, "low.d": D}


def program(sources=SOURCES, table=TABLE) -> Program:
    units = [Unit(name, f"{name}.py", text) for name, text in sources.items()]
    return Program(units, table, USED)


def bundles(sources=SOURCES, table=TABLE, kept=(), pool=POOL) -> dict[str, pack.Bundle]:
    made = program(sources, table)
    names = naming.name(made, pool, kept, Symbol("high.c", "made"))
    return {bundle.name: bundle for bundle in pack.packed(made, names)}


@pytest.fixture
def loaded(monkeypatch):
    """Import bundles by their text, as a device does from its flash."""

    def load(name: str, found: dict[str, pack.Bundle]) -> types.ModuleType:
        for bundle in found.values():
            monkeypatch.setitem(sys.modules, bundle.name, types.ModuleType(bundle.name))
        for bundle in found.values():
            exec(compile(bundle.text, bundle.name, "exec"), vars(sys.modules[bundle.name]))
        return sys.modules[name]

    return load


def plain(monkeypatch) -> types.ModuleType:
    for package in ("low", "high"):
        monkeypatch.setitem(sys.modules, package, types.ModuleType(package))
    for name, text in SOURCES.items():
        module = types.ModuleType(name)
        monkeypatch.setitem(sys.modules, name, module)
        setattr(sys.modules[name.split(".")[0]], name.split(".")[1], module)
        exec(compile(text, name, "exec"), vars(module))
    return sys.modules["high.c"]


def test_what_a_program_does_stays(loaded, monkeypatch):
    was = plain(monkeypatch)
    expected = was.made(), was.late(), was.names()[:2]
    found = bundles(kept=("late", "names"))
    order = {name: found[name] for name in ("first", "low_d", "second")}
    now = loaded("second", order)
    new = {old: name for name, old in renamed(found["second"]).items()}
    got = now.made(), getattr(now, new["late"])(), getattr(now, new["names"])()[:2]
    assert got == expected == ((5, 7, "of a of b"), (1, [1, 2, 3], 2), (["door", "self_"], "3"))


def renamed(bundle: pack.Bundle) -> dict[str, str]:
    """Functions of a bundle at its top, new name: old name."""
    lines = bundle.text.splitlines()
    return {
        lines[number - 1][4:].split("(")[0]: title
        for number, (_, _, title) in enumerate(bundle.lines)
        if title and "." not in title and lines[number - 1].startswith("def ")
    }


def test_modules_of_a_bundle_are_one_and_no_name_is_left():
    text = bundles()["first"].text
    assert "import low" not in text and "Documented" not in text and "int" not in text.split()
    for name in ("add", "_hidden", "shown", "Counter", "more", "_count", "times", "size", "told"):
        assert name not in text.replace("calcsize", ""), name
    assert text.count("def n") == 6  # two functions called _hidden, now two names


def test_what_only_the_host_calls_stays_with_it():
    text = bundles()["second"].text
    assert "of no use" not in text and text.count("def ") == 4  # those that USED names


def test_what_others_know_keeps_its_name():
    text = bundles(kept=("more",))["first"].text
    assert "def more(self, n" in text
    assert "def made(" in bundles()["second"].text  # what the build was asked to leave
    assert "door=1" in bundles()["second"].text  # a key of somebody's dictionary


def test_nothing_of_ours_is_called_as_the_compiler_calls_its_own():
    found = bundles(pool=["const", *POOL])
    text = "".join(bundle.text for bundle in found.values())
    assert "self.const" in text, "an attribute may be"
    assert "const" not in re.findall(r"(?<![.\w])\w+", text)


def test_what_is_let_go_is_called_by_its_bundle():
    d = "def away():\n    drop('x.a', 'x.b', 'x.c', 'x.not_on_this_board')\nmade = away\n"
    sources = {"high.c": d, "locker.x.a": "a = 1\n", "locker.x.b": "b = 1\n", "locker.x.c": A}
    table = (("first", ("high.c",)), ("second", ("locker.x.a", "locker.x.b")))
    assert "drop('c', 'second')" in bundles(sources, table)["first"].text


def test_the_first_bundle_imports_for_all_and_looks_through_no_files(loaded):
    use = "import struct\nfrom binascii import crc32\n{} = struct.calcsize, crc32\n"
    sources = {
        "low.a": use.format("made"),
        "high.c": use.format("f") + "import time\nlate = time\n",
    }
    table = (("first", ("low.a",)), ("second", ("high.c",)))
    made = program(sources, table)
    found = {b.name: b for b in pack.packed(made, naming.name(made, POOL, (), Symbol("x", "y")))}
    first, second = found["first"].text, found["second"].text
    assert second.startswith("from first import crc32, struct, time; ")
    ends = [first.index(text) for text in ("path.clear()", "import struct", "path.extend(")]
    assert ends == sorted(ends)
    before = [*sys.path]
    loaded("second", found)
    assert sys.path == before


def test_a_name_in_a_string_stands_for_its_bundle():
    assert "pop('low_d', None)" in bundles()["second"].text


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("low.a", "from high import c\n" + A, "import each other"),
        ("high.c", "from low import a\nx = [a]\n", "used as a value"),
        ("high.c", "def f(g):\n    from low import a\n    return g(a)\n", "c.py:3: a is used as"),
        ("high.c", "from low.a import missing\nx = missing\n", "has no missing"),
        ("high.c", "import os.path\n", "say from"),
        ("low.b", "def f():\n    drop('x.a')\n", r"with locker\.x\.a goes \['low\.b'\]"),
    ],
)
def test_what_cannot_be_joined_is_refused(name, text, said):
    table = (("first", ("low.a", "low.b", "high.c")),) if "each other" in said else TABLE
    sources = {**SOURCES, name: text}
    if "goes" in said:
        sources, table = {name: text, "locker.x.a": A}, (("first", (name, "locker.x.a")),)
    with pytest.raises(ToolError, match=said):
        bundles(sources, table)


def test_a_script_works_with_the_bundles(loaded):
    made = program()
    names = naming.name(made, POOL, (), Symbol("high.c", "made"))
    script = (
        "from low import a, b\ndef run(more):\n    return b.Counter(a.add(1)).more(more).count\n"
    )
    text = pack.adapted(made, names, Unit("", "script", script))
    found = {bundle.name: bundle for bundle in pack.packed(made, names)}
    loaded("second", {name: found[name] for name in ("first", "low_d", "second")})
    module: dict = {}
    exec(text, module)
    assert module["run"](2) == 8


def test_a_line_leads_back_to_its_statement():
    found = bundles()["first"]
    for text, line in zip(found.text.splitlines(), found.lines[1:], strict=True):
        if "by or" in text or "+ " in text and "return" in text:
            assert line == ("low.a.py", 4, "add")
    assert ("low.b.py", 13, "Counter.more") in found.lines


def test_a_traceback_of_the_device_is_told_in_the_words_of_the_source(tmp_path, monkeypatch):
    monkeypatch.setattr(tracing, "MAPS", tmp_path)
    made = program()
    names = naming.name(made, POOL, (), Symbol("high.c", "made"))
    bundle = next(b for b in pack.packed(made, names) if b.name == "low_d")
    name = tracing.keep(bundle, names)
    line = next(n for n, text in enumerate(bundle.text.splitlines(), 1) if "raise" in text)
    problem = names.symbols[Symbol("low.d", "Problem")]
    console = (
        "Traceback (most recent call last):\n"
        f'  File "{name}", line {line}, in n7\n'
        f"{problem}: no '{names.attributes['why']}'\n"
        f'  File "d.000000", line 1, in n7\n  File "main.py", line 3, in main\nplain'
    )
    assert list(tracing.translated(console, tmp_path)) == [
        "Traceback (most recent call last):",
        '  File "low.d.py", line 5, in fails',
        "Problem: no 'why'",
        '  File "d.000000", line 1, in n7  (no map of this build here)',
        '  File "main.py", line 3, in main',
        "plain",
    ]


def test_the_device_has_hardly_a_name_that_its_image_lacks(tmp_path):
    """618 names of our own are one more table of 7 KB (MicroPython doubles it)."""
    built = building.build("pico_w", tmp_path)
    image = set(image_names.listed())
    words = set()
    for path in built.folder.rglob("*.mpy"):
        words |= set(pack_words(path.read_bytes()))
    assert len(words - image) < 618


def test_the_table_of_names_is_within_reach_when_it_is_lengthened(tmp_path):
    """boot_guard._lengthen_names asks for 64 names at most, and the tables before it hold 300.
    Some 30 names are not counted here: of what main.py compiles to, and of files.
    """
    built = building.build("esp32", tmp_path)
    names = set()
    for bundle in [
        "safe",
        "swap",
        "guard",
        "sealed",
        "board",
        "hal",
        "base",
        "stored",
        "station",
        "compose",
    ]:
        names |= set(pack_words((built.folder / f"{bundle}.mpy").read_bytes()))
    lacking = len(names - {*image_names.listed(), *image_names.only_some()})
    assert 300 - boot_guard._NAMES_MAX <= lacking < 300 - 30


@pytest.mark.parametrize("board", sorted(image_names.BOARDS))
def test_what_an_object_of_an_image_may_be_asked_for_keeps_its_name(board):
    """esp32.NVS has a commit(), and so has our journal."""
    sources = building._Sources(board, building.FIRMWARE)
    assert "commit" in image_names.only_some()
    assert not set(sources._words.attributes) & {*image_names.only_some(), *image_names.listed()}


def pack_words(data: bytes) -> list[str]:
    """The names at the head of an .mpy file: lengths count twice, odd ones are MicroPython's."""
    at, found = 4, []
    (count, at), (_, _) = number(data, at), (0, 0)
    _, at = number(data, at)
    for _ in range(count):
        length, at = number(data, at)
        if not length & 1:
            found.append(data[at : at + (length >> 1)].decode())
            at += (length >> 1) + 1
    return found


def number(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    while True:
        value = value << 7 | data[at] & 0x7F
        at += 1
        if not data[at - 1] & 0x80:
            return value, at


def test_names_of_the_list_are_in_the_image():
    """The pinned Pico W image, when it is here."""
    from lockerctl import images

    kept = Path(images.FOLDER) / images.image_for("pico_w").file
    if not kept.exists():
        pytest.skip("no image: make images")
    image = set(image_names.names(kept))
    assert set(image_names.listed()) <= image
    only_some = set(image_names.only_some())
    assert 0 < len(only_some & image) < len(only_some)
