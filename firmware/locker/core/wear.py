"""How fast the flash wears out, from what was written. The figures were counted on littlefs with
4 KB blocks, block by block (storage/README.md): one journal write erases a block, ten cell writes
do.
"""

from micropython import const

_JOURNAL_WRITES = const(1)  # for one erase
_CELL_WRITES = const(10)
_ENDURANCE = const(100_000)  # erases a block lasts by the data sheets of W25Q-class flash
_YEAR_S = const(31_557_600)
_SURE_AFTER_S = const(3_600)
YEARS_MAX = const(999)


class Wear:
    """blocks: of the file system that take turns (free ones and the journal's), 0 until they have
    been counted; before: erases up to this boot.
    """

    def __init__(self, before: int) -> None:
        self.blocks = 0
        self.total = before
        self._before = before

    def count(self, journal_writes: int, cell_writes: int) -> None:
        """Writes since boot."""
        erases = journal_writes // _JOURNAL_WRITES + cell_writes // _CELL_WRITES
        self.total = self._before + erases

    def years_left(self, uptime_s: int) -> int:
        """At the rate since boot, 0..999; -1 in the first hour, which says nothing yet, and while
        there is no count.
        """
        if uptime_s < _SURE_AFTER_S or not self.blocks:
            return -1
        left = max(0, self.blocks * _ENDURANCE - self.total)
        return min(left * uptime_s // max(1, self.total - self._before) // _YEAR_S, YEARS_MAX)
