# mypy: ignore-errors
"""NOR flash under littlefs: what a power cut leaves of it.

Every page program and sector erase is put down with the bytes it leaves, so that the flash at any
moment can be made again, and an operation can be torn where the power went.
"""

import random

PAGE = 256
SECTOR = 4096
SECTORS = 212  # what the Pico W's image leaves to its file system
READS_MAX = 200_000  # of one boot: some 2,000 are usual
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
        at = block * SECTOR + offset
        buf[:] = self._view[at : at + len(buf)]
        self.reads += 1
        if self.reads > READS_MAX:
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
    return bytes([old & bits for old, bits in zip(before, new)])


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
    weak = bytes([random.getrandbits(8) for _ in range(PAGE)]) * (len(after) // PAGE)
    return bytes([old & mask | new & ~mask & 0xFF for old, new, mask in zip(before, after, weak)])


def all_zero(before, after):
    """An erase first brings every cell to zero."""
    return bytes(len(after))


_FORMS = {
    PROGRAM: (not_begun, first_part, some_bits, not_told),
    ERASE: (not_begun, first_part, some_bits, all_zero, not_told),
}
