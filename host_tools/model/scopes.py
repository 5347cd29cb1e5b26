"""The searches by name: how large each world is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType

from model.bank_scope import BankScope
from model.coverage import Coverage
from model.freeze import UNCOUNTED
from model.search import Scope

_SHARED = ("shut", "unlatched", "opened", "odd", "flapping")
_HONEST = ("shut", "unlatched", "opened")
_INHIBITS = 3


def _one(profile: str) -> Callable[[Coverage], Scope]:
    return lambda coverage: BankScope(profile, (profile,), coverage, _INHIBITS)


def _two(coverage: Coverage) -> Scope:
    return BankScope("two doors", ("rotary", "rotary"), coverage, UNCOUNTED, _SHARED)


def _parcel(coverage: Coverage) -> Scope:
    # The composer names the network's parts; nothing of them is searched.
    umqtt, umqtt.simple = ModuleType("umqtt"), ModuleType("umqtt.simple")  # type: ignore[attr-defined]
    sys.modules["umqtt"], sys.modules["umqtt.simple"] = umqtt, umqtt.simple
    from model.parcel_scope import ParcelScope

    return ParcelScope("parcel", ("rotary",), coverage, _HONEST)


SCOPES: dict[str, Callable[[Coverage], Scope]] = {
    "two": _two,
    "parcel": _parcel,
    "rotary": _one("rotary"),
    "slam_bolt": _one("slam_bolt"),
    "lock_contact_only": _one("lock_contact_only"),
    "door_contact_only": _one("door_contact_only"),
}
