"""Persons with credentials at a station, and what was revoked, as the host keeps them. No I/O."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from locker.core import clock
from locker.core import people as rules
from lockerctl.fields import flag, text, whole

ROLES = ("", "courier", "staff")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY_DAY = 127
ALL_HOURS = (0, 96)
NAME_LIMIT = 18

_TOP = (1 << 33) - 1
_EXPIRES_MAX = clock.EPOCH + (1 << 30)


@dataclass(frozen=True)
class Person:
    """One place of a station. expires_s: Unix seconds; days: bit 0 is Monday; begin, end: quarters
    of an hour of a day that is ``offset`` quarters ahead of UTC; uses: as given, 0 without limit;
    fixed: a code of twelve digits instead of an app; confirmed: the station has taken this grant.
    """

    place: int
    name: str
    role: str
    generation: int
    expires_s: int
    days: int = EVERY_DAY
    begin: int = 0
    end: int = 96
    offset: int = 0
    uses: int = 0
    fixed: bool = False
    revoked: bool = False
    confirmed: bool = False

    def grant(self) -> bytes:
        """The twelve bytes for the station."""
        bits = ROLES.index(self.role) | self.fixed << 2
        uses = self.uses or rules.UNLIMITED
        row = (bits, self.generation, self.expires_s - clock.EPOCH, self.days)
        return rules.Grant((*row, self.begin, self.end, self.offset, uses)).pack()

    def fields(self) -> dict[str, Any]:
        """The JSON object."""
        return asdict(self)

    def hours_text(self) -> str:
        """'mon,tue 08:00-18:00', 'always'."""
        if (self.days, self.begin, self.end) == (EVERY_DAY, *ALL_HOURS):
            return "always"
        days = ",".join(name for bit, name in enumerate(DAYS) if self.days >> bit & 1)
        times = "-".join(f"{q // 4:02d}:{q % 4 * 15:02d}" for q in (self.begin, self.end))
        return f"{days} {times}"


@dataclass(frozen=True)
class Revocation:
    """One thing revoked. target, number: as in codes.revocation(); what: for people; sent_s,
    confirmed_s: Unix seconds, 0: not yet; expires_s: when it ends by itself at the latest.
    """

    target: int
    number: int
    what: str
    sent_s: int
    confirmed_s: int
    expires_s: int

    def confirm(self, at_s: int) -> "Revocation":
        """The station has said so."""
        return replace(self, confirmed_s=at_s)

    def fields(self) -> dict[str, Any]:
        """The JSON object."""
        return asdict(self)


def person(fields: object) -> Person:
    """The person in a JSON object. Raises ValueError."""
    if not isinstance(fields, dict):
        raise ValueError("'people' must hold objects")
    role = text(fields, "role")
    if role not in ROLES:
        raise ValueError("'role' must be courier or staff")
    return Person(
        whole(fields, "place", 1, rules.PLACES),
        text(fields, "name"),
        role,
        whole(fields, "generation", 1, rules.LOST - 1),
        whole(fields, "expires_s", clock.EPOCH, _EXPIRES_MAX),
        whole(fields, "days", 1, EVERY_DAY),
        whole(fields, "begin", 0, 95),
        whole(fields, "end", 1, 96),
        whole(fields, "offset", -96, 96),
        whole(fields, "uses", 0, rules.UNLIMITED - 1),
        flag(fields, "fixed"),
        flag(fields, "revoked"),
        flag(fields, "confirmed"),
    )


def revocation(fields: object) -> Revocation:
    """The revocation in a JSON object. Raises ValueError."""
    if not isinstance(fields, dict):
        raise ValueError("'revocations' must hold objects")
    return Revocation(
        whole(fields, "target", 0, 99),
        whole(fields, "number", 0, (1 << 32) - 1),
        text(fields, "what"),
        whole(fields, "sent_s", 0, _TOP),
        whole(fields, "confirmed_s", 0, _TOP),
        whole(fields, "expires_s", 0, _TOP),
    )
