# mypy: ignore-errors
"""Power on: the station's whole start and whatever follows, on littlefs in a NorFlash, until the
power goes off again.
"""

import os

import vfs
from board import Parts
from flash import PAGE, Endless, Flash
from ledger import WORLD

import swap
from locker.app import boot_guard

# Stand for the firmware, which is that of the host's folders: before and behind manifest.json.
CODE = ("main.py", "more/one.py", "two.py")
CODE_CRC = "code.crc"
_FOLDER = "/flash"
_READ = 256  # less of this computer's time than 32; what is written is the same
QUICK_MS = 20  # from step to step while somebody is at work
STRIDE_MS = 100  # while nobody is, who only waits: a step may come so late, and a second late
LEAP_MS = 1_000
_LONGEST_MS = 1_200_000  # four stories of guesses, and more


class Off(BaseException):
    """The power is switched off. Not an Exception: no supervisor may catch it."""


class Surprise(BaseException):
    """A person sees something else than the story goes on with."""


class Run:
    """One time under power. events: flash operations among what the station did; problem: why it
    does not run, or ''.
    """

    def __init__(self, watch, data, cabinet):
        self.watch = watch
        self.cabinet = cabinet
        self.problem = ""
        self.flash = Flash(data, watch.site)
        self.events = self.flash.trace
        self.parts = Parts(cabinet, watch.pulsed)
        self.parts.flash = self.flash
        self.step_ms = QUICK_MS
        self._story = None
        self._next_at = 0
        self._seen = cabinet.state()

    def play(self, story):
        """Start, and let the story (a generator function of this run, which yields ms) come to
        its end.
        """
        self._story = story(self)
        self.watch.start(self.events)
        try:
            vfs.mount(vfs.VfsLfs2(self.flash, readsize=_READ, progsize=PAGE), _FOLDER)
        except OSError as error:
            self.problem = f"does not mount: {error}"
            return
        os.chdir(_FOLDER)
        try:
            swap.finish(".")
            damaged = swap.altered(".")
            self.watch.refused = " ".join(["code is damaged:"] + damaged) if damaged else ""
            boot_guard.run(lambda board: self.parts, self._sleep, lambda key: None, damaged)
            self.problem = self.watch.refused or "came back from boot_guard.run"
        except Off:
            self.problem = self.watch.refused
        except Endless:
            self.problem = "reads for ever"
        except (OSError, ValueError) as error:
            self.problem = f"swap.finish: {error!r}"
        if self.parts.restarted:
            self.problem = self.watch.refused or "restarted itself"

    def close(self):
        """Files are no longer wanted."""
        os.chdir("/")
        try:
            vfs.umount(_FOLDER)
        except OSError:
            pass  # it never mounted

    def wait_for(self, *wanted):
        """A story's step: until the display shows one of these."""
        limit = self.parts.now + 20_000
        while self.talk.screen[0] not in wanted:
            if self.parts.now > limit:
                raise Surprise(f"shows {self.talk.screen}, not {wanted}")
            yield QUICK_MS

    @property
    def talk(self):
        return self.watch.station.session

    def _sleep(self, ms):
        self.parts.pass_time(self.step_ms)
        now = self.parts.now
        if self.watch.station is None or now > _LONGEST_MS:
            raise Off
        self.talk.tick(now)
        self.talk.beeps.clear()
        self.watch.answered()
        while now >= self._next_at:
            try:
                self._next_at = now + next(self._story)
            except StopIteration:
                raise Off
        if self.cabinet.state() != self._seen:
            self._seen = self.cabinet.state()
            self.events.append((WORLD, self.cabinet.copy()))
