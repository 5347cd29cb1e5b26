"""What a board.json may say of analog inputs. Imported at boot, by core.board_rules, only for a
board that has some; lockerctl holds its calibration against the same rules.
"""

from locker.core.supervised import CUT_MV, SHORT_MV
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.core.board import Checker

# Between two levels, and from each to the rails: twice the slack of a reading and some.
_APART_MV = const(100)


def check(checker: "Checker", board: str, inputs: "dict[str, dict[str, int]]") -> None:
    """Refuse supervised inputs that could not be told apart; inputs fit the schema."""
    if board == "virtual":
        checker.refuse("supervised", "is not for the virtual board: it has no analog inputs")
    for name in inputs:
        why = loop_problem(inputs[name])
        if why:
            checker.refuse("supervised." + name, why)


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
