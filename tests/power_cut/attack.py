"""Somebody who has read a station's whole flash chip and all that is public, and wants the past:
a collected parcel's code, whether a guessed code was one, a retired key.

He knows this source. Present keys lie in the dump by their nature. A retired key shows itself by
what follows from it: K(d, n+1) = H(K(d, n)).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from locker.core import codes, compartments, records
from locker.core.compartments import Compartment
from locker.core.mac import Mac
from power_cut.key_forms import windows

RATCHETS = 6  # tried from each candidate
_CELL_HEAD = 16
_CELL_BYTES = _CELL_HEAD + 50 + 4


@dataclass(frozen=True)
class Public:
    """tenancies: of each door now, as its retained topic tells; classes, slots: when which codes
    can have been good; text: every message, event and public file in one.
    """

    tenancies: Mapping[int, int]
    classes: tuple[str, ...]
    slots: Mapping[str, range]
    text: bytes


@dataclass
class Attack:
    """retired: (door, tenancy) -> key, all that the dump and the public give."""

    dump: bytes
    public: Public
    retired: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.present = dict(self._present())
        goals = {key: (door, self.public.tenancies[door]) for door, key in self.present.items()}
        for candidate in set(windows(self.dump)) | set(windows(self.public.text)):
            self._follow(candidate, goals)

    def codes_of(self, door: int, tenancy: int) -> set[str]:
        """Every entry that the parcel can have had, as far as they can be computed."""
        key = self.retired.get((door, tenancy))
        if key is None:
            return set()
        mac = Mac(key)
        found = {codes.entry(door, codes.recovery_code(mac), recovery=True)}
        for name in self.public.classes:
            for slot in self.public.slots[name]:
                found.add(codes.entry(door, codes.recipient_code(mac, name, slot)))
        return found

    def confirms(self, door: int, tenancy: int, guess: str) -> bool:
        """Does anything say that this entry belonged to that tenancy?"""
        code = int(guess[2:-1])
        width = 4 if code < 1 << 32 else 8
        traces = [guess.encode(), codes.spoken(guess).encode(), guess[2:-1].encode()]
        traces += [code.to_bytes(width, order) for order in ("big", "little")]
        everything = self.dump + self.public.text
        written = any(form in everything for trace in traces for form in (trace, trace[::-1]))
        return written or guess in self.codes_of(door, tenancy)

    def _present(self) -> Iterator[tuple[int, bytes]]:
        """The key of each door's youngest copy of the present tenancy."""
        for door, tenancy in self.public.tenancies.items():
            name, kind, schema = compartments.cell(door)
            youngest = 0
            key = b""
            for match in re.finditer(re.escape(b"L3" + bytes((kind, schema))), self.dump):
                copy = self.dump[match.start() : match.start() + _CELL_BYTES]
                found = records.unpack_cell(kind, copy)
                if found is None:
                    continue
                compartment = Compartment(door, "S", b"")
                compartment.unpack(found[3])
                if found[1] > youngest and compartment.tenancy == tenancy:
                    youngest, key = found[1], compartment.key
            assert key, f"{name}: the station itself could not read it"
            yield door, key

    def _follow(self, candidate: bytes, goals: Mapping[bytes, tuple[int, int]]) -> None:
        chain = [candidate]
        for _ in range(RATCHETS):
            chain.append(codes.next_key(chain[-1]))
            if chain[-1] in goals:
                door, tenancy = goals[chain[-1]]
                for back, key in enumerate(reversed(chain[:-1]), 1):
                    self.retired[door, tenancy - back] = key
                return
