"""Mutants of the door core that no test can notice, and why. (module, operator, part of the
changed line, reason)
"""

from __future__ import annotations

import re

_ENDS = "the constant is the least or the greatest of its range: the comparison says the same"
_TIE = "two equal times: either is right"
_TYPES = "for type checking only: at run time the imports change nothing"
_START = "start() or the first sample writes it before anything reads it"

Entry = tuple[str, str, str, str]

EQUIVALENT: tuple[Entry, ...] = (
    ("", "", "TYPE_CHECKING", _TYPES),
    ("doors", "NumberReplacer", "_EVENTS = const( 19)", "a column more, of no event"),
    ("doors", "NumberReplacer", "KEEP = const( 254)", "no fault has that number either"),
    ("door", "ReplaceFalseWithTrue", "self.granted = True", _START),
    ("door", "ReplaceFalseWithTrue", "self.timed = True", _START),
    ("door", "NumberReplacer", "self.deadline = ", _START),
    ("door", "NumberReplacer", "self._inhibits_from = ", "the first inhibit writes it"),
    ("door", "NumberReplacer", "self._doubt_until = ", "a doubt writes it when it begins"),
    ("door", "NumberReplacer", "self.tries_left = ", "a release from SECURED writes it"),
    (
        "door",
        "ReplaceFalseWithTrue",
        "self.edge_seen = True",
        "whoever asks for a pulse clears it; before, nobody reads it",
    ),
    ("door", "Eq_GtE", "known & self.needs >= self.needs", _ENDS),
    ("door", "Lt_LtE", "self._doubt_until, self.deadline) <= 0", _TIE),
    ("door", "NumberReplacer", "self._doubt_until, self.deadline) < 1", _TIE),
    (
        "door",
        "Eq_LtE",
        "if self.state <= SECURED:",
        "STARTING has no row for RELEASE, and the next release from SECURED writes the count",
    ),
    ("door", "NotEq_Lt", "CLEAR) < STAY", _ENDS),
    ("door", "Eq_GtE", "if after >= STAY", _ENDS),
    (
        "door",
        "Eq_LtE",
        "if self.state <= INHIBITED:",
        "no other timed state lasts with a reading of SHUT, or with OPENED and no grant",
    ),
    ("door", "Eq_LtE", "self.reading <= SHUT", _ENDS),
    (
        "door",
        "NotEq_Gt",
        "self.verdict > faults.FOUND_OPEN",
        "the other verdicts of INHIBITED have higher numbers",
    ),
    ("door", "NotEq_Lt", "if verdict < KEEP", _ENDS),
    ("door", "Eq_GtE", "state >= FAIL_CLOSED or", "SERVING begins in FAIL_CLOSED, ungranted"),
    ("door", "", "limit_ms != 0 and", _ENDS),
    ("door", "NumberReplacer", "limit_ms > 1 and", "no timer lasts a millisecond"),
    ("pulse_window", "NumberReplacer", "self.ends_at = ", "means nothing while no window is open"),
    ("sensors", "NumberReplacer", "self.dark = ", _START),
    ("bank", "NumberReplacer", "self._next_due = ", _START),
    ("bank", "ReplaceTrueWithFalse", "self._timed = False", _START),
    (
        "bank",
        "",
        "d.state <= FAIL_CLOSED and",
        "these verdicts come with FAIL_CLOSED and go with it",
    ),
    (
        "bank",
        "Eq_GtE",
        "d.state >= FAIL_CLOSED and d.verdict in _DRIVER",
        "no door is served while the drivers are cut off",
    ),
    (
        "bank",
        "Eq_LtE",
        "good = door.state <= SECURED",
        "a door that starts has no reading of SHUT",
    ),
    (
        "bank",
        "",
        "door.reading >= SHUT and not door.doubted",
        "a secured door that is not in doubt reads SHUT",
    ),
    ("bank", "Eq_LtE", "door.reading <= SHUT", _ENDS),
    ("bank", "NotEq_Lt", "if door.state < FAIL_CLOSED:", "may_serve() has refused SERVING"),
    ("bank", "Eq_GtE", "known & door.needs >= door.needs", _ENDS),
    ("bank", "NotEq_Gt", "door.reading > SHUT", _ENDS),
    ("bank", "Lt_NotEq", "len(self._queue) != _QUEUE_MAX", "it grows by one and stops there"),
    (
        "bank",
        "NotEq_Lt",
        "dead = door.state < FAIL_CLOSED",
        "a door in SERVING has no request in the queue",
    ),
    (
        "bank",
        "NotEq_Gt",
        "dead = door.state > SECURED",
        "no state leads back to STARTING, the only one below",
    ),
    ("bank", "Lt_LtE", "self._next_due) <= 0", _TIE),
    ("bank", "NumberReplacer", "self._next_due) < 1", _TIE),
    ("contacts", "NumberReplacer", "self._raw = - 2", "below nought all the same"),
    ("contacts", "NumberReplacer", "self._settle_at = ", _START),
    ("contacts", "NumberReplacer", "self._window_at = ", _START),
    ("contacts", "NumberReplacer", "self._since = [", _START),
    ("contacts", "NumberReplacer", "self._edges = [", "the first edge of a window writes it"),
    (
        "contacts",
        "NumberReplacer",
        "self._window_from = [",
        "the first edge of a window writes it",
    ),
    (
        "contacts",
        "",
        "changed = dark | self._dark",
        "what stays dark is told again; it settles anew when it can be read",
    ),
    ("contacts", "Lt_LtE", "left_ms <= soonest_ms", _TIE),
    ("feedback", "NumberReplacer", "self._stray_at = ", "stray current writes it when it begins"),
    ("feedback", "Eq_GtE", "self._silent >= _LOOKS_MIN", "a longer silence says the same again"),
    ("coil_limits", "Eq_GtE", 'checker.chip >= "virtual"', "no other chip's name comes after it"),
    ("coil_limits", "Eq_GtE", 'door["lock"] >= "slam_bolt"', "nor any other profile's"),
    ("coil_limits", "Gt_NotEq", "if at_once != 1 and", "the schema has refused less than 1"),
)


def explanation(module: str, operator: str, line: str) -> Entry | None:
    """Why this mutant is no other program; None when nothing says so."""
    flat = _flat(line)
    for entry in EQUIVALENT:
        where, name, part, _why = entry
        if where in ("", module) and operator.endswith(name) and _flat(part) in flat:
            return entry
    return None


def _flat(text: str) -> str:
    """Without blanks: cosmic-ray leaves some."""
    return re.sub(r"\s", "", text)
