"""What a board.json may not ask of coils and supply. Imported at boot, by core.board_rules only.

Pins, levels and the length of a pulse are checked there; here is what several coils and a slow
contact add.
"""

from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any

    from locker.core.board import Checker

_HAVE_FEEDBACK = ("pico_w_24",)
_LATCH_MS = const(20)  # as in core.bank
_MOVES_MS = const(20)  # a bolt needs so much of the pulse before its contact can settle


def check(checker: "Checker", config: "dict[str, Any]") -> None:
    """Refuse what would overload the supply or blind the bank; config fits the schema."""
    coils = config["coils"]
    _check_supply(checker, coils, checker.chip == "virtual")
    if "feedback" in coils and config["board"] not in _HAVE_FEEDBACK:
        checker.refuse("coils.feedback", "has no free pin on this board")
    latch_ms = config["contacts"].get("latch_ms", _LATCH_MS)
    for index, door in enumerate(config["doors"]):
        if door["lock"] == "slam_bolt" and latch_ms + _MOVES_MS > coils["pulse_ms"]:
            checker.refuse(
                "doors[%d].lock" % index,
                "a slam bolt is free only during the pulse: contacts.latch_ms must be at most %d"
                % (coils["pulse_ms"] - _MOVES_MS),
            )


def _check_supply(checker: "Checker", coils: "dict[str, Any]", shares_pulses: bool) -> None:
    """A cold coil takes up to a fifth more than its rating (copper, 0.39 % a kelvin, 50 K below
    the rating's 20 C), so a quarter of the supply stays in reserve.
    """
    at_once, coil_ma, supply_ma = (coils.get(k, 0) for k in ("at_once", "coil_ma", "supply_ma"))
    if at_once > 1 and not shares_pulses:
        checker.refuse("coils.at_once", "must be 1: the pulse hardware here fires one coil")
    if at_once > 1 and not (coil_ma and supply_ma):
        checker.refuse("coils.at_once", "must be 1 unless coil_ma and supply_ma are given")
    if bool(coil_ma) != bool(supply_ma):
        checker.refuse("coils.coil_ma", "and supply_ma go together")
    elif coil_ma * at_once * 5 > supply_ma * 4:
        checker.refuse("coils.supply_ma", "must be at least %d" % (-(-coil_ma * at_once * 5 // 4)))
