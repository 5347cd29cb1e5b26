"""Wrong firmware on purpose: what the simulation must notice (make simulate BREAK=...)."""

from __future__ import annotations

from virtual.mutants import Mutant

_DESK = "locker/app/desk.py"
_CARETAKER = "locker/app/caretaker.py"
_SESSION = "locker/core/session.py"

BREAKS: dict[str, Mutant] = {
    "claim_late": Mutant(
        _DESK,
        "        self._caretaker.save(compartment)\n        self._authorise(",
        "        self._authorise(",
        "a claim is made durable only after its coil has fired",
    ),
    "authorised_late": Mutant(
        _DESK,
        "        try:\n            book.commit()\n        except OSError:\n"
        "            compartment.give_back_release()",
        "        try:\n            pass\n        except OSError:\n"
        "            compartment.give_back_release()",
        "the coil fires before its authorisation is on flash",
    ),
    "lockout_in_ram": Mutant(
        "locker/app/vault.py",
        "        self.cells.save(lockout.CELL, self.lockout.pack())\n",
        "        self.lockout.pack()\n",
        "failure counts are in memory only",
    ),
    "write_in_pulse": Mutant(
        _DESK,
        "        if self._station.solenoid.busy():\n            return _PERIOD_MS\n        try:",
        "        try:",
        "the flash is written while a coil is on",
    ),
    "retries_without_end": Mutant(
        "locker/core/door.py",
        "            self.tries_left -= 1\n            return MISSED if",
        "            return MISSED if",
        "a jammed door is pulsed again and again on one authorisation",
    ),
    "forgets_parcel": Mutant(
        _CARETAKER,
        "compartments.RESERVED and compartment.opened:\n            self.store(",
        "compartments.RESERVED and not compartment.door:\n            self.store(",
        "a deposit that nobody confirmed is forgotten",
    ),
    "believes_one_no": Mutant(
        _SESSION,
        '            self._ask_empty(WRONG_SIZE if typed == "2" else CANCELLED, now)',
        '            self._ask(WRONG_SIZE if typed == "2" else CANCELLED, self.door, now)',
        "one answer that nothing is in frees a compartment",
    ),
    "reopens_for_a_key": Mutant(
        _SESSION,
        '        elif self._offers == AGAIN and key == "#":\n            self._ask(AGAIN,',
        '        elif self._offers and key == "#":\n            self._ask(self._offers,',
        "one key opens a door that has just been emptied, whoever stands there",
    ),
    "opens_locked_down": Mutant(
        "locker/core/compartments.py",
        "        return not (self.fault or self.blocked or self.locked_down)",
        "        return not (self.fault or self.blocked)",
        "a code opens a door that the operator has locked down",
    ),
    "takes_used_returns": Mutant(
        "locker/app/returns.py",
        "    if compartment is None and used.has_ended(number):",
        "    if compartment is None and not number:",
        "a return code is taken again after its parcel is in",
    ),
    "keeps_revoked": Mutant(
        "locker/app/credentials.py",
        "    compartment.recode()\n",
        "    compartment.claim = 0\n",
        "a parcel's codes go on after the station has told that they were revoked",
    ),
    "goes_on_after_half_a_step": Mutant(
        "locker/app/door_task.py",
        "        self._station.hal.system.restart()\n",
        "        self._fired = 0\n",
        "a door step that broke off is not begun anew",
    ),
    "keeps_old_key": Mutant(
        _CARETAKER,
        "        self.save(compartment, purge=True)",
        "        self.save(compartment)",
        "the key of a collected parcel stays in the other copy",
    ),
}
