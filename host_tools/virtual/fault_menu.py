"""The menu of what can go wrong with a door."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

# Fault of compartment.FAULTS, and what it is in plain words.
_FAULTS = (
    ("jam", "bolt jammed"),
    ("tight", "bolt tight: gives when the door is pressed"),
    ("latch_stuck_on", "latch contact stuck at locked (conflict while open)"),
    ("latch_cut", "latch wire cut"),
    ("reed_stuck_on", "reed stuck at closed"),
    ("reed_stuck_off", "reed stuck at open (conflict while shut)"),
    ("reed_flapping", "reed flapping"),
    ("coil_cut", "coil wire cut"),
    ("coil_short", "coil shorted: its fuse opens in the pulse"),
)


@dataclass(frozen=True, slots=True)
class Choice:
    """What the person picked: a fault, "repair", "force" or "power_cut"."""

    what: str
    present: bool
    says: str


class FaultMenu(ModalScreen[Choice | None]):
    """Returns the choice, or None."""

    CSS = """
    FaultMenu { align: center middle; }
    FaultMenu OptionList { width: 60; height: auto; max-height: 90%; border: round #ffd166; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,f2", "dismiss", "close")]

    def __init__(self, door: int, present: frozenset[str], power_cut: bool) -> None:
        super().__init__()
        self._title = f"door {door}: what goes wrong? (esc: nothing)"
        self._choices = [
            Choice(fault, fault not in present, f"{words}{' - repair' * (fault in present)}")
            for fault, words in _FAULTS
        ]
        self._choices.append(Choice("force", True, "forced open with a crowbar"))
        self._choices.append(Choice("repair", False, "repair everything"))
        if power_cut:
            self._choices.append(Choice("power_cut", True, "cut the station's power for a moment"))

    def compose(self) -> ComposeResult:
        options = OptionList(*(Option(choice.says) for choice in self._choices))
        options.border_title = self._title
        yield options

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._choices[event.option_index])
