# mypy: ignore-errors
"""NOR flash under littlefs: what a power cut leaves of it.

Every page program and sector erase is put down with the bytes it leaves, so that the flash at any
moment can be made again, and an operation can be torn where the power went.
"""

import random

from micropython import const

_PAGE = const(256)
_SECTOR = const(4096)
_READS_MAX = const(200_000)  # of one boot: some 1,000 are usual
PAGE = _PAGE
SECTOR = _SECTOR
SECTORS = 212  # what the Pico W's image leaves to its file system
_ERASED = b"\xff" * SECTOR

ERASE, PROGRAM = "erase", "program"


class Endless(BaseException):
    """A boot that reads and reads. Not an Exception: no supervisor may catch it."""


class Flash:
    """Block device for VfsLfs2. trace: gets (kind, address, bytes left there, site) for each
    operation; site(): names the code that runs.
    """

    def __init__(self, data, site):
        self.data = data
        self.trace = []
        self.reads = 0
        self._view = memoryview(data)
        self._site = site

    def readblocks(self, block, buf, offset=0):
        at = block * _SECTOR + offset
        buf[:] = self._view[at : at + len(buf)]
        self.reads += 1
        if self.reads > _READS_MAX:
            raise Endless

    def writeblocks(self, block, buf, offset=0):
        at = block * SECTOR + offset
        for start in range(0, len(buf), PAGE):
            after = both(self._view[at + start : at + start + PAGE], buf[start : start + PAGE])
            self._note(PROGRAM, at + start, after)

    def ioctl(self, what, value):
        if what == 4:
            return len(self.data) // SECTOR
        if what == 5:
            return SECTOR
        if what == 6:
            self._note(ERASE, value * SECTOR, _ERASED)
        return 0

    def _note(self, kind, at, after):
        self.trace.append((kind, at, after, self._site()))
        self._view[at : at + len(after)] = after


def both(before, new):
    """What programming leaves: it clears bits and sets none."""
    if before == _ERASED[: len(before)]:
        return bytes(new)
    return _bytes(_bits(before) & _bits(new), len(new))


def _bits(data):
    """As one number: its operations take a page at once."""
    return int.from_bytes(bytes(data), "big")


def _bytes(bits, size):
    return bits.to_bytes(size, "big")


def torn(data, operation):
    """(form, address, bytes) that the power's end may leave of an operation on this flash."""
    kind, at, after, _ = operation
    before = bytes(data[at : at + len(after)])
    form = random.choice(_FORMS[kind])
    return form.__name__, at, form(before, after)


def not_begun(before, after):
    """The power went before the chip had the command."""
    return before


def not_told(before, after):
    """It came to its end; nobody was there to see it."""
    return after


def first_part(before, after):
    """So many bytes and no more."""
    size = random.randrange(len(after))
    return after[:size] + before[size:]


def some_bits(before, after):
    """Each bit has come through or has not."""
    size = len(after)
    weak = _bits(bytes([random.getrandbits(8) for _ in range(PAGE)]) * (size // PAGE))
    old, new = _bits(before), _bits(after)
    return _bytes(new ^ (old ^ new) & weak, size)


def all_zero(before, after):
    """An erase first brings every cell to zero."""
    return bytes(len(after))


_FORMS = {
    PROGRAM: (not_begun, first_part, some_bits, not_told),
    ERASE: (not_begun, first_part, some_bits, all_zero, not_told),
}
