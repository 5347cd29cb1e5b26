"""The parts of a running station in one place, for the tasks that work on them."""

from locker.core import faults, records, ticks
from locker.core.health import Health
from locker.core.session import Session
from locker.core.wear import Wear
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.app.book import Book
    from locker.app.time_task import TimeTask
    from locker.app.vault import Vault
    from locker.core.bank import Bank
    from locker.core.clock import Clock
    from locker.core.mac import Mac
    from locker.drivers.solenoid import Solenoid
    from locker.ports import Hal

# Conditions that come and go with the weather are shown and sent, not written to flash.
_UNRECORDED = (
    faults.NETWORK_DOWN,
    faults.BROKER_DOWN,
    faults.STORAGE_UNWRITABLE,
    faults.DISPLAY_SILENT,
    faults.KEY_STUCK,
)


class Station:
    """name: its id. doors_dirty: mask of doors whose state the host has not been told; news: a
    door or the station's health has changed since the panel looked; damaged: names of the cells
    that were not good at boot; timekeeper: the clock's task, made after the station;
    courier: key of the day codes, by the desk; overdue: mask of doors whose parcel is there for
    overdue_s or longer.
    """

    timekeeper: "TimeTask"
    courier: "Mac"

    def __init__(  # noqa: PLR0913 - it is the list of parts
        self,
        name: str,
        hal: "Hal",
        bank: "Bank",
        solenoid: "Solenoid",
        vault: "Vault",
        book: "Book",
        clock: "Clock",
    ) -> None:
        self.name = name
        self.hal = hal
        self.bank = bank
        self.solenoid = solenoid
        self.vault = vault
        self.book = book
        self.clock = clock
        self.boot = vault.counters.boot
        self.session = Session(name, bank.open_ms)
        self.health = Health()
        self.wear = Wear(vault.counters.erases)
        self.damaged: list[str] = []
        self.doors_dirty = 0
        self.overdue = self.overdue_s = 0
        self.news = True
        self.refused: dict[int, int] = {}
        self.uptime_s = 0
        self._counted_to = hal.system.ticks_ms()

    def note_health(self, fault: int, bad: bool, now: int, by: str = "") -> None:
        """Raise or clear a condition: idle screen, heartbeat, and (most) journal, with by."""
        if self.show_health(fault, bad) and fault not in _UNRECORDED:
            self.book.note(records.FAULT, now, 0, by, fault=fault, value=int(bad))

    def show_health(self, fault: int, bad: bool) -> bool:
        """The same without the journal; True when it is news."""
        if not self.health.set(fault, bad):
            return False
        self.news = True
        worst = self.health.worst
        # A line has 16 characters, and the number must not be what is cut off.
        self.session.set_idle_text(
            "%s E%d" % (self.name[:12], worst) if worst else self.name, worst
        )
        return True

    def count_refusal(self, fault: int) -> None:
        """One more message from the network was refused; the heartbeat tells how many and why."""
        self.refused[fault] = self.refused.get(fault, 0) + 1

    def advance(self, now: int) -> None:
        """Carry the uptime on; call at least once a day."""
        whole_s = ticks.diff(now, self._counted_to) // 1000
        self.uptime_s += whole_s
        self._counted_to = ticks.add(self._counted_to, whole_s * 1000)
