"""What a board.json may say of analog inputs. Imported at boot, by core.board_rules, only for a
board that has some; lockerctl holds its calibration against the same rules.
"""

from locker.core.supervised import CUT_MV, SHORT_MV
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any

    from locker.core.board import Checker

# Between two levels, and from each to the rails: twice the slack of a reading and some.
_APART_MV = const(100)
_SUPPLY_MIN_MV = const(1_000)  # below, the converter's own error counts for too much


def check(checker: "Checker", config: "dict[str, Any]") -> None:
    """Refuse analog inputs whose levels could not be told; config fits the schema."""
    for key in ("supervised", "supply"):
        if key in config and config["board"] == "virtual":
            checker.refuse(key, "is not for the virtual board: it has no analog inputs")
    inputs = config.get("supervised", {})
    for name in inputs:
        why = loop_problem(inputs[name])
        if why:
            checker.refuse("supervised." + name, why)
    if "supply" in config:
        _check_supply(checker, config["supply"])


def _check_supply(checker: "Checker", supply: "dict[str, int]") -> None:
    at_pin_mv = supply["least_mv"] * 100 // supply["ratio_percent"]
    if not _SUPPLY_MIN_MV <= at_pin_mv <= CUT_MV - _APART_MV:
        checker.refuse(
            "supply.least_mv",
            "is %d mV at the pin: must be %d to %d"
            % (at_pin_mv, _SUPPLY_MIN_MV, CUT_MV - _APART_MV),
        )


def loop_problem(loop: "dict[str, int]") -> str:
    """Why these levels (rest_mv, active_mv, band_mv) cannot serve, or ""."""
    band_mv = loop["band_mv"]
    levels = sorted((loop["rest_mv"], loop["active_mv"]))
    if levels[0] - band_mv < SHORT_MV + _APART_MV:
        return "is too near to a short: needs %d mV" % (SHORT_MV + _APART_MV + band_mv)
    if levels[1] + band_mv > CUT_MV - _APART_MV:
        return "is too near to a cut wire: at most %d mV" % (CUT_MV - _APART_MV - band_mv)
    if levels[1] - levels[0] < 2 * band_mv + _APART_MV:
        return "rest and active are too close together: need %d mV" % (2 * band_mv + _APART_MV)
    return ""
