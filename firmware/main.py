"""Starts the station. What cannot run safely stays locked and says why; boot.py has already made
every output safe.
"""

import sys
import time

import hal
from locker.app import compose
from locker.app.locked import LockedTask
from locker.app.reactor import Reactor, Slot
from locker.core import faults
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any

    from locker.ports import Hal


def main() -> None:
    """Never returns on hardware."""
    try:
        board = compose.checked_board("board.json")
    except compose.Refused as refused:
        stay_dark(refused)
        return
    station = hal.make(board)
    run(make_reactor(station, board))


def make_reactor(station: "Hal", board: "dict[str, Any]") -> Reactor:
    """The station's tasks, or the one task of a station that must stay locked."""
    try:
        config = compose.checked_settings("station.json")
        return compose.build(station, board, config, ".")
    except compose.Refused as refused:
        reason = refused
    except OSError as error:
        reason = compose.Refused(faults.STORAGE_UNWRITABLE, ["flash: " + str(error)])
    tell(reason)
    reactor = Reactor(station.system.ticks_ms, print_failure)
    reactor.add("locked", LockedTask(station, board["display"], reason.number, "see console"))
    return reactor


def run(reactor: Reactor) -> None:
    """Rounds for ever."""
    while True:
        time.sleep_ms(reactor.round())


def stay_dark(refused: compose.Refused) -> None:
    """The board itself is not understood: no pin is touched any more."""
    tell(refused)
    while True:
        time.sleep(1)


def tell(refused: compose.Refused) -> None:
    """The problems, one a line, on the console."""
    print("E%d: the station stays locked" % refused.number)
    for problem in refused.problems:
        print(" ", problem)


def print_failure(slot: Slot, error: Exception, now: int) -> None:
    """A locked station has nothing to journal with."""
    sys.print_exception(error)


main()
