# mypy: ignore-errors
"""What a station owes after the events so far: the promises that a power cut may not break.

Events stand in one list with the flash operations, in the order of their happening, so a cut at
any operation knows which promises were given before it. A promise is given when a person can see
it (a screen, current in a coil) or the host can read it.
"""

from locker.core import compartments, messages, records

# Events: the first member of each tuple, beside flash.ERASE and flash.PROGRAM.
LOADED, SAVE, SAVED = "loaded", "save", "saved"  # name, payload
NOTED, FLUSH, FLUSHED = "noted", "flush", "flushed"  # seq, bytes | - | durable up to, first
PULSE, SHOWN, DONE, BOOTED = "pulse", "shown", "done", "booted"
STAGING, STAGED = "staging", "staged"  # files of a version that the host commits, has committed
SWAPPED = "swapped"  # and are in place
WORLD = "world"  # the cabinet, as it is from here on

_NEVER = 1 << 30


class Ledger:
    """cells: name -> payload that was written whole last; before: the one before it; writing: the
    one in the making.

    journal: every record that was noted, one behind the other; durable: the last seq that must be
    there; first: records before it may be gone; owed: the last that an opening stands on.
    grants: door -> (tenancy, claim, releases) of a pulse, until its compartment is written again;
    pulses: (door, claim) -> how many; receipts, taken: door -> tenancy. lockout: counts that
    nothing may fall below. files: of the version in use, name -> bytes; staging: of one that may
    follow; staged: of the one that follows. broken: promises broken without the help of a cut.
    """

    def __init__(self):
        self.cells, self.writing, self.before = {}, {}, {}
        self.journal = bytearray()
        self.durable, self.first, self.flushing = 0, 1, False
        self.authorised, self.owed = {}, 0
        self.grants, self.pulses = {}, {}
        self.receipts, self.taken = {}, {}
        self.lockout = (0,)
        self.boot = self.command = 0
        self.blocked = {}
        self.files, self.staging, self.staged = {}, {}, {}
        self.broken = []

    def copy(self):
        other = Ledger()
        for name, value in self.__dict__.items():
            if isinstance(value, dict):
                value = dict(value)
            elif isinstance(value, bytearray):
                value = bytearray(value)
            elif isinstance(value, list):
                value = list(value)
            setattr(other, name, value)
        return other

    def take(self, event):
        """The event has happened. Flash operations change nothing."""
        work = _WORK.get(event[0])
        if work is not None:
            work(self, *event[1:])

    def _loaded(self, name, payload):
        """What a boot has found is what counts from here on."""
        if name in self.writing and self.writing[name] == payload:
            self._saved(name, payload)
        self.writing.pop(name, None)
        self.cells[name] = payload

    def _save(self, name, payload, lockout):
        self.writing[name] = payload
        if name[:4] == "door":
            self.blocked.pop(int(name[4:]), None)
        if lockout:
            self.lockout = [min(pair) for pair in zip(self.lockout, lockout)]

    def _saved(self, name, _payload):
        self.before[name] = self.cells.get(name)
        self.cells[name] = self.writing.pop(name)
        if name[:4] == "door":
            self.grants.pop(int(name[4:]), None)

    def _noted(self, seq, data):
        at = (seq - 1) * records.RECORD_BYTES
        self.journal[at:] = data
        record = records.unpack_record(data)
        if record.kind == records.AUTHORISED:
            self.authorised[record.door] = seq

    def _flush(self):
        self.flushing = True

    def _flushed(self, last, first):
        self.durable, self.first, self.flushing = last, first, False

    def _pulse(self, door, grant, full):
        """grant: (tenancy, claim, releases) as the station counts; full: a parcel is inside."""
        claim = grant[1]
        self.grants[door] = grant
        self.owed = max(self.owed, self.authorised.pop(door, _NEVER))
        if not claim:
            if full:
                self.broken.append(("lost", f"door {door} with a parcel opened for a courier"))
            return
        count = self.pulses[door, claim] = self.pulses.get((door, claim), 0) + 1
        if claim <= self.taken.get(door, 0) or count > compartments.RELEASES_PER_CLAIM:
            self.broken.append(("replayed", f"door {door}: pulse {count} of claim {claim}"))

    def _shown(self, message, door, tenancy, lockout):
        self.lockout = lockout
        if message in (messages.RECEIPT, messages.RETURNED):
            self.receipts[door] = tenancy
        elif message == messages.THANKS:
            self.taken[door] = tenancy

    def _done(self, number, door, blocked):
        self.command = number
        self.blocked[door] = blocked

    def _booted(self, number, crc):
        """crc: of the station.json in use, which tells the version when the cut was in its commit
        and the next one in its last move.
        """
        self.boot = number
        if self.staging and crc.encode() in self.staging["station.json"]:
            self.files = self.staging
        self.staging = {}

    def _swapped(self):
        self.files, self.staging, self.staged = self.staged or self.staging, {}, {}

    def _staging(self, files, old):
        self.staging = files
        self.files = old

    def _staged(self, files):
        self.staged = files


_WORK = {
    LOADED: Ledger._loaded,
    SAVE: Ledger._save,
    SAVED: Ledger._saved,
    NOTED: Ledger._noted,
    FLUSH: Ledger._flush,
    FLUSHED: Ledger._flushed,
    PULSE: Ledger._pulse,
    SHOWN: Ledger._shown,
    DONE: Ledger._done,
    BOOTED: Ledger._booted,
    STAGING: Ledger._staging,
    STAGED: Ledger._staged,
    SWAPPED: Ledger._swapped,
}
