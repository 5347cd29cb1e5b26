"""From levels measured on site to the figures of a supervised input in board.json."""

from collections.abc import Sequence

from locker.core import analog_rules
from lockerctl.errors import Exit, ToolError

_READINGS_MIN = 3
# What temperature, age and the converter add to what was seen on one day: 3 % of 1.6 V.
_MARGIN_MV = 50


def loop(rest: Sequence[int], active: Sequence[int]) -> dict[str, int]:
    """rest_mv, active_mv and band_mv. rest, active: readings in mV with the contact at rest and
    active, at least three of each.

    ToolError (refused) for too few, or for levels that the station could not tell apart.
    """
    for name, readings in (("rest", rest), ("active", active)):
        if len(readings) < _READINGS_MIN:
            raise ToolError(
                Exit.REFUSED,
                f"{len(readings)} readings of {name} are too few.",
                f"Take at least {_READINGS_MIN}, some seconds apart.",
            )
    spread = max(max(each) - min(each) for each in (rest, active))
    figures = {
        "rest_mv": (min(rest) + max(rest)) // 2,
        "active_mv": (min(active) + max(active)) // 2,
        "band_mv": -(-spread // 2) + _MARGIN_MV,
    }
    problem = analog_rules.loop_problem(figures)
    if problem:
        raise ToolError(
            Exit.REFUSED,
            f"The input {problem} (measured: {figures}).",
            "Check both resistors and the wire: boards/shared.md has the circuit.",
        )
    return figures
