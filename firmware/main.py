"""Starts the station; boot.py has already made every output safe.

Short on purpose: the board compiles it at every start.
"""

import sys
import time

import micropython
import safe

TYPE_CHECKING = micropython.const(0)
if TYPE_CHECKING:
    from typing import Any

    from locker.ports import Hal


def make_hal(board: "dict[str, Any]") -> "Hal":
    """Imported under the guard, which counts a board that cannot even be set up."""
    import hal

    return hal.make(board)


def main() -> None:
    """Never returns on a station that works."""
    import swap

    if swap.finish("."):
        sys.exit()  # a soft reset: boot.py and this file once more, both from the new version
    damaged = swap.altered(".")
    if damaged:
        print("code is damaged, deploy the firmware again:", *damaged)
    for name in damaged:  # it must not run: whoever imports it fails
        module = name[: name.rindex(".")].replace("/", ".")
        if module.startswith("lib."):  # on the path: imported without it
            module = module[len("lib.") :]
        sys.modules[module] = None  # type: ignore[assignment]
    try:
        from locker.app import boot_guard  # of one version, whole, only from here on

        del swap, sys.modules["swap"]
        boot_guard.run(make_hal, time.sleep_ms, micropython.kbd_intr, damaged)
    finally:
        safe.outputs_safe()  # the console is open from here on


main()
