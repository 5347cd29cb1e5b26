"""What is wrong with the station as a whole right now: a short list of fault numbers, lowest
first.
"""


class Health:
    """Conditions come and go; ``worst`` is what the idle screen names."""

    def __init__(self) -> None:
        self.faults: list[int] = []

    def set(self, fault: int, bad: bool) -> bool:
        """Raise or clear a condition; True when that is news."""
        if bad == (fault in self.faults):
            return False
        if bad:
            self.faults.append(fault)
            self.faults.sort()
        else:
            self.faults.remove(fault)
        return True

    @property
    def worst(self) -> int:
        """The lowest fault number present, 0 when all is well."""
        return self.faults[0] if self.faults else 0
