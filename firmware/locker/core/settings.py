"""Station settings: what station.json holds, how it is checked, and which cells a provisioned
station has.

The host writes these (provisioning) and the station reads them, both through this module. No
secret is in station.json but the passwords of the network; keys are in the ``keys`` cell.
"""

from locker.core import codes
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any

SCHEMA = const(1)

# Cells: file name, kind byte.
KEYS_CELL = ("keys", 1)
LOCKOUT_CELL = ("lockout", 2)
COUNTERS_CELL = ("counters", 3)
_DOOR_KIND = const(16)

_ID_LIMIT = const(20)
_TEXT_LIMIT = const(64)
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789-"


def door_cell(door: int) -> tuple[str, int]:
    """(file name, kind) of a door's cell."""
    return f"door{door:02d}", _DOOR_KIND + door


def is_station_id(value: object) -> bool:
    """True for 1..20 characters of a-z, 0-9, '-': ids are parts of topics and file names."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= _ID_LIMIT
        and all(c in _ALPHABET for c in value)
    )


def check(config: object) -> list[str]:
    """What is wrong with a station.json, each line beginning with the key; empty when it may run.
    Never raises.
    """
    if not isinstance(config, dict):
        return ["station.json: must be an object"]
    rules = {
        "schema": (config.get("schema") == SCHEMA, "must be 1"),
        "station": (is_station_id(config.get("station")), "must be 1 to 20 of a-z, 0-9, '-'"),
        "classes": (
            _are_classes(config.get("classes")),
            "must be one to four of " + ", ".join(sorted(codes.CLASSES)),
        ),
        "broker": (
            _is_broker(config.get("broker")),
            "must have host (a numeric address), port, user and password",
        ),
        "wifi": (
            _has_texts(config.get("wifi"), ("ssid", "password", "country")),
            "must have ssid, password and country (two letters or empty)",
        ),
        "heartbeat_s": (
            _is_int(config.get("heartbeat_s"), 1, 3600),
            "must be a whole number from 1 to 3600",
        ),
    }
    problems = [f"{key}: {why}" for key, (good, why) in rules.items() if not good]
    return problems + [f"{key}: is unknown" for key in config if key not in rules]


def _are_classes(value: object) -> bool:
    return (
        isinstance(value, list) and 0 < len(value) <= 4 and all(_is_class(name) for name in value)
    )


def _is_class(name: object) -> bool:
    return isinstance(name, str) and name in codes.CLASSES


def _is_broker(value: object) -> bool:
    if not _has_texts(value, ("host", "user", "password"), ("port",)):
        return False
    broker: dict[str, Any] = value  # type: ignore[assignment]
    return _is_address(broker["host"]) and _is_int(broker.get("port"), 1, 65535)


def _has_texts(value: object, keys: tuple[str, ...], others: tuple[str, ...] = ()) -> bool:
    if not isinstance(value, dict) or any(key not in keys + others for key in value):
        return False
    return all(isinstance(value.get(k), str) and len(value[k]) <= _TEXT_LIMIT for k in keys)


def _is_int(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _is_address(text: str) -> bool:
    parts = text.split(".")
    return len(parts) == 4 and all(p.isdigit() and len(p) <= 3 and int(p) <= 255 for p in parts)


class Keys:
    """The station's own secrets: three 32-byte keys with no common parent on the device."""

    def __init__(self, courier: bytes, command: bytes, journal: bytes) -> None:
        self.courier = courier
        self.command = command
        self.journal = journal

    def pack(self) -> bytes:
        """Payload of the keys cell."""
        return self.courier + self.command + self.journal

    def are_demo(self) -> bool:
        """True when any of them was made for demonstrations."""
        return any(codes.is_demo_key(k) for k in (self.courier, self.command, self.journal))


def unpack_keys(payload: bytes) -> Keys:
    """Keys from the cell's payload. Raises ValueError when it has another length."""
    size = codes.KEY_BYTES
    if len(payload) != 3 * size:
        raise ValueError("not a keys cell")
    return Keys(payload[:size], payload[size : 2 * size], payload[2 * size :])
