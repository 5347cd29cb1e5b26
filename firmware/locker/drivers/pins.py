"""Parts of a board's hal.py that need nothing of a chip but pin objects and input levels."""

from micropython import const

TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, Protocol

    class Pin(Protocol):
        """The part of machine.Pin that is used here."""

        @property
        def value(self) -> "Callable[..., Any]":
            """value(): the level; value(level): drive it."""
            ...

    Runs = tuple[tuple[int, int, int], ...]

_RELEASE_READS = const(50)


def runs(pins: "list[int | None]", first: int = 0) -> "Runs":
    """Where the doors' pins lie in the register that holds GPIO first and the 31 after it.

    pins[i] is door i + 1's; None and pins outside the register are left out. Neighbours are put
    together: each run is (shift right, mask, shift left) for gather().
    """
    found: list[tuple[int, int, int]] = []
    for index, pin in enumerate(pins):
        if pin is None or not first <= pin < first + 32:
            continue
        right, mask, left = found[-1] if found else (0, 0, 0)
        is_next = mask + 1 == 1 << (index - left) and pin - first - right == index - left
        if mask and is_next:
            found[-1] = (right, mask << 1 | 1, left)
        else:
            found.append((pin - first, 1, index))
    return tuple(found)


def analog_pins(board: "dict[str, Any]") -> "dict[str, int]":
    """GPIO of each analog input that a board.json names."""
    pins = {name: each["pin"] for name, each in board.get("supervised", {}).items()}
    if "supply" in board:
        pins["supply"] = board["supply"]["pin"]
    return pins


def fitted(pins: "list[int | None]") -> int:
    """A bit for each door that has the pin."""
    mask = 0
    for index, pin in enumerate(pins):
        if pin is not None:
            mask |= 1 << index
    return mask


def gather(level: int, where: "Runs") -> int:
    """The doors' bits out of a register's level. Allocates nothing while level is a small int."""
    bits = 0
    index = len(where)
    while index:  # a for loop would need a frame in the heap
        index -= 1
        right, mask, left = where[index]
        bits |= (level >> right & mask) << left
    return bits


class PinMatrix:
    """ports.KeyMatrixPort: rows are open-drain outputs, columns and help inputs with pull-ups.

    The service jumper joins the last row and the help input, so it needs no pin of its own.
    Between scans all rows are low: while nobody types, a look at the columns is enough.
    """

    def __init__(self, rows: "Sequence[Pin]", columns: "Sequence[Pin]", help_pin: "Pin") -> None:
        self._rows = rows
        self._columns = columns
        self._help = help_pin
        self._all_low = False
        self._drive(1)

    def any_down(self) -> bool:
        """Whether any key is down, or the jumper makes it look so."""
        if not self._all_low:
            self._drive(0)
            self._all_low = True
        return self._read() != 0 or not self._help.value()

    def columns(self, row: int) -> int:
        """Pull one row low, read, let it go."""
        if self._all_low:
            self._release()
        self._rows[row].value(0)
        down = self._read()
        self._rows[row].value(1)
        self._settle()
        return down

    def help_down(self) -> bool:
        """True while the help button is down. The jumper pulls it low with the last row."""
        if self._all_low:
            self._release()
        return not self._help.value()

    def jumper_set(self) -> bool:
        """True when help follows the last row; a help button held down does not count."""
        if self.help_down():
            return False
        self._rows[-1].value(0)
        joined = self.help_down()
        self._rows[-1].value(1)
        return joined

    def _release(self) -> None:
        self._drive(1)
        self._all_low = False
        self._settle()

    def _settle(self) -> None:
        """A long cable rises slowly on the pull-ups and would lend a row's keys to the next."""
        reads = _RELEASE_READS
        while reads and self._read():
            reads -= 1

    def _drive(self, level: int) -> None:
        for row in self._rows:
            row.value(level)

    def _read(self) -> int:
        down = 0
        for bit, column in enumerate(self._columns):
            if not column.value():
                down |= 1 << bit
        return down


class PinSignals:
    """ports.SignalPort on three outputs, high = on. The beeper sounds by itself (active type)."""

    def __init__(self, red: "Pin", green: "Pin", beeper: "Pin") -> None:
        self._red = red
        self._green = green
        self._beeper = beeper

    def lamps(self, red: bool, green: bool) -> None:
        self._red.value(1 if red else 0)
        self._green.value(1 if green else 0)

    def beep(self, on: bool) -> None:
        self._beeper.value(1 if on else 0)
