"""Short life for long names: what the device calls the identifiers of the firmware.

Each name that its image does not hold already costs a board some 18 bytes of heap for good, even
when the module is let go: 30 KB in all. So names are taken from those that every image holds
(boards/image_names.txt), where they cost nothing. Everything else stays as it is: what people type
at the console (locker.ports), what somebody spells as text, and what belongs to MicroPython or to
one of its images: an object of theirs may be asked for the same.

Three sorts of names never meet and may be called the same: what a module binds at its top,
attributes, and parameters with the keywords that name them.
"""

from __future__ import annotations

import ast
import keyword
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from lockerctl.errors import Exit, ToolError
from lockerctl.program import BUILTINS, Outside, Program, Symbol, Unit
from lockerctl.scopes import CLASS, FUNCTION, MODULE, Scope, Use

LOCAL = "l_"  # before the names of local variables, which cost nothing
_POSITIONAL = 24  # parameters that a call names by place only, of one function and those around it
# MicroPython asks objects for these by itself.
ASKED_FOR = {"append", "args", "close", "errno", "ioctl", "mount", "open", "read", "readblocks"}
ASKED_FOR |= {"readinto", "readline", "seek", "stat", "umount", "value", "write", "writeblocks"}
_SPECIAL = {"self", "cls", "const"}  # the compiler takes every const(...) for its own


@dataclass
class Names:
    """New names. symbols: of what modules bind; attributes; keywords: of parameters that calls
    name; positional: for all others, by their place.
    """

    symbols: dict[Symbol | Outside, str] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    keywords: dict[str, str] = field(default_factory=dict)
    positional: list[str] = field(default_factory=list)

    def parameter(self, use: Use) -> str:
        """The new name of a parameter."""
        scope = use.scope
        if use.name in ("self", "cls") or scope is None:
            return use.name
        if use.name in self.keywords:
            return self.keywords[use.name]
        index = scope.parameters.index(use.name) + _around(scope)
        if index >= len(self.positional):
            raise ToolError(Exit.REFUSED, f"too many parameters around {use.name}")
        return self.positional[index]

    def local(self, use: Use) -> str:
        """The new name of what a function binds: costs nothing, but must be its own."""
        scope = use.scope
        is_parameter = scope is not None and use.name in scope.parameters
        return self.parameter(use) if is_parameter else LOCAL + use.name


def name(program: Program, image: Iterable[str], kept: Collection[str], made: Symbol) -> Names:
    """New names for all of a program.

    image: names that cost nothing, in the order of using them; kept: identifiers that somebody
    else knows; made: a symbol that keeps its name.
    """
    census = _Census(program)
    free = [n for n in image if n.isidentifier() and not keyword.iskeyword(n)]
    stays = {*free, *kept, *census.texts}
    taken = {*BUILTINS, *census.unbound, *census.outside.values(), *ASKED_FOR, *_SPECIAL}
    names = Names()
    _keywords(names, census, stays)
    pool = _Pool(free, taken | {*names.keywords.values()} | stays - {*free})
    names.keywords |= {
        text: pool.take() for text in sorted(census.keywords & census.parameters - stays)
    }
    names.positional = [pool.take() for _ in range(_POSITIONAL)]
    _symbols(names, census, pool, made)
    in_classes = {names.symbols[symbol] for symbol in census.in_classes}
    taken = (
        {*BUILTINS}
        | ASKED_FOR
        | in_classes
        | {*census.outside.values()}
        | census.kept_attributes(stays)
    )
    pool = _Pool(free, taken | stays - {*free})
    names.attributes = {text: pool.take() for text in census.attributes(stays)}
    return names


def _keywords(names: Names, census: _Census, stays: Collection[str]) -> None:
    """Parameters that are named in calls and keep their names."""
    same = census.keywords & census.parameters & {*stays} | census.open_keywords
    names.keywords = {text: text for text in same}


def _symbols(names: Names, census: _Census, pool: _Pool, made: Symbol) -> None:
    names.symbols = {**census.outside, made: made.name}
    pool.use(made.name)
    first = sorted(
        census.symbols,
        key=lambda s: (s not in census.in_classes, -census.symbols[s], s.module, s.name),
    )
    for symbol in first:
        if symbol not in names.symbols:
            names.symbols[symbol] = pool.take()


class _Pool:
    """Names in order, without some; then ones made up."""

    def __init__(self, image: Iterable[str], without: Collection[str]) -> None:
        self._without = {*without}
        self._names = (n for n in [*image, *_made_up()] if n not in self._without)

    def take(self) -> str:
        """The next one."""
        return next(n for n in self._names if n not in self._without)

    def use(self, text: str) -> None:
        """It is taken."""
        self._without.add(text)


def _made_up() -> Iterator[str]:
    letters = "abcdefghijklmnopqrstuvwxyz"
    short = [a + b for a in letters for b in letters + "0123456789"]
    return (n for n in [*letters, *short] if not keyword.iskeyword(n))


class _Census:
    """Every identifier of a program, by what it is.

    symbols: with the number of their uses; outside: what imports bring, each with its name;
    texts: identifiers that stand in strings; read: attributes that are never set by us.
    """

    def __init__(self, program: Program) -> None:
        self.symbols: Counter[Symbol] = Counter()
        self.in_classes: set[Symbol] = set()
        self.outside: dict[Symbol | Outside, str] = {}
        self.unbound: set[str] = set()
        self.parameters: set[str] = set()
        self.keywords: set[str] = set()
        self.open_keywords: set[str] = set()
        self.texts: set[str] = set()
        self.read: set[str] = set()
        self._own: Counter[str] = Counter()
        self._program = program
        self._takes_any = {
            node.name
            for unit in program.units.values()
            for node in ast.walk(unit.tree)
            if isinstance(node, ast.FunctionDef) and node.args.kwarg
        }
        for unit in program.units.values():
            self._look(unit)
        self.read -= self._own.keys()

    def attributes(self, stays: Collection[str]) -> list[str]:
        """Those to rename, the most frequent first."""
        own = [text for text in self._own if text not in stays and not text.startswith("__")]
        return sorted(own, key=lambda text: (-self._own[text], text))

    def kept_attributes(self, stays: Collection[str]) -> set[str]:
        """All others."""
        return self.read | {text for text in self._own if text in stays}

    def _look(self, unit: Unit) -> None:
        refuse_modules(self._program, unit)
        for use in unit.scopes.uses:
            self._look_at_use(unit, use)
        for node in ast.walk(unit.tree):
            if isinstance(node, ast.Attribute):
                self._look_at_attribute(unit, node)
            elif isinstance(node, ast.Call):
                self._look_at_call(node)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                self.texts |= {word for word in _words(node.value) if word.isidentifier()}

    def _look_at_use(self, unit: Unit, use: Use) -> None:
        if use.scope is None:
            self.unbound.add(use.name)
            return
        if use.scope.kind == FUNCTION and use.name in use.scope.parameters:
            self.parameters.add(use.name)
        if use.scope.kind == CLASS:
            self._own[use.name] += 1
        meaning = unit.meaning(use)
        if meaning is None:
            return
        meaning = self._program.follow(meaning)
        if isinstance(meaning, Outside):
            if use.scope.kind == MODULE:
                self._bring(meaning, use.name)
        elif meaning.name:
            self._count(meaning, use.asked)

    def _count(self, symbol: Symbol, asked: Scope) -> None:
        self.symbols[symbol] += 1
        if asked.kind == CLASS:
            self.in_classes.add(symbol)

    def _bring(self, meaning: Outside, text: str) -> None:
        other = self.outside.setdefault(meaning, text)
        if other != text or [*self.outside.values()].count(text) > 1:
            raise ToolError(
                Exit.REFUSED, f"{text}: imported under two names, or two things as one"
            )

    def _look_at_attribute(self, unit: Unit, node: ast.Attribute) -> None:
        meaning = module_of(unit, node)
        if isinstance(meaning, Symbol):
            target = self._program.follow(Symbol(meaning.module, node.attr))
            if isinstance(target, Symbol) and target.name:
                self._count(target, unit.use_of[node.value].asked)
        elif meaning is None and (node.attr in self._own or not isinstance(node.ctx, ast.Load)):
            self._own[node.attr] += 1
        else:
            self.read.add(node.attr)

    def _look_at_call(self, node: ast.Call) -> None:
        named = {item.arg for item in node.keywords if item.arg}
        self.keywords |= named
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if called in self._takes_any:
            self.open_keywords |= named


def refuse_modules(program: Program, unit: Unit) -> None:
    """ToolError where a module of ours is handed on: what is asked of it there looks like any
    object's attribute, and would not be found.
    """
    asked = {node.value for node in ast.walk(unit.tree) if isinstance(node, ast.Attribute)}
    for use in unit.scopes.uses:
        node = use.node
        if node in asked or not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
            continue
        meaning = unit.links.get((use.scope, use.name)) if use.scope else None
        if isinstance(meaning, Symbol) and not program.follow(meaning).name:
            where = f"{unit.label}:{node.lineno}"
            raise ToolError(
                Exit.REFUSED, f"{where}: {use.name} is used as a value: name what is needed"
            )


def module_of(unit: Unit, node: ast.Attribute) -> Symbol | Outside | None:
    """The module that an attribute is asked of, if it is one's."""
    if not isinstance(node.value, ast.Name):
        return None
    use = unit.use_of.get(node.value)
    meaning = unit.meaning(use) if use else None
    if isinstance(meaning, Outside):
        return meaning if not meaning.name else None
    return meaning if meaning and not meaning.name else None


def _around(scope: Scope) -> int:
    """Parameters of the functions around one."""
    outer, count = scope.parent, 0
    while outer is not None:
        count += len(outer.parameters)
        outer = outer.parent
    return count


def _words(text: str) -> Iterator[str]:
    """A text that is a name, and the names in the braces of a format."""
    yield text
    for part in text.split("{")[1:]:
        yield part.split("}")[0].split(":")[0].split("!")[0]
