"""Which rows of the door table, which events and which cuts a search has met."""

from __future__ import annotations

from collections.abc import Callable

from locker.core.door import Door


class Coverage:
    """Pairs (state, event) applied to the table, and door states in which the power was cut."""

    def __init__(self) -> None:
        self.applied: set[tuple[int, int]] = set()
        self.cuts: set[int] = set()

    def watch(self) -> None:
        """From now on every use of the table is counted."""
        real: Callable[[Door, int, int], bool] = Door.apply
        applied = self.applied

        def apply(self: Door, event: int, now: int) -> bool:
            applied.add((self.state, event))
            return real(self, event, now)

        Door.apply = apply  # type: ignore[method-assign]

    def cut(self, state: int) -> None:
        """The power was cut while a door was in this state."""
        self.cuts.add(state)
