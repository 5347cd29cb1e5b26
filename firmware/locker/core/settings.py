"""Station settings: what station.json holds, and how it is checked.

The host writes it (provisioning) and the station reads it, both through this module. No secret is
in it but the passwords of the network; keys are in a cell. Imported at boot and dropped.
"""

from locker.core import codes
from locker.core.messages import LANGUAGES
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any

SCHEMA = const(1)

_ID_LIMIT = const(20)
_TEXT_LIMIT = const(64)
# Bounds of the doors' timers in s: below the first a slow hand is shut out, above the second an
# alarm says nothing. Rivals allow 5 s to 60 s to pull, 10 s to 600 s open (research/field.md).
_TIMERS = {"pull_s": (5, 120), "open_s": (20, 900), "alarm_s": (5, 300), "ajar_s": (10, 600)}
_SUPPORT_LIMIT = const(16)  # one line of the display
_PRINTABLE = (0x20, 0x7D)  # what every display shows alike, but for the backslash
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789-"


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
            "must have host (numeric), port, keepalive_s (0 or 4 to 65535), user, password",
        ),
        "wifi": (
            _has_texts(config.get("wifi"), ("ssid", "password", "country")),
            "must have ssid, password and country (two letters or empty)",
        ),
        "heartbeat_s": (
            _is_int(config.get("heartbeat_s"), 1, 3600),
            "must be a whole number from 1 to 3600",
        ),
        "grace_h": (
            _is_int(config.get("grace_h", 24), 0, 720),
            "may be 0 to 720: hours that a parcel stays after its class has run out",
        ),
        "language": (
            config.get("language", "en") in LANGUAGES,
            "may be " + ", ".join(LANGUAGES),
        ),
        "support": (
            _is_line(config.get("support", "")),
            "may be up to 16 characters of ASCII: whom people call, such as a number",
        ),
        "timers": (
            _are_timers(config.get("timers", {})),
            "may have " + ", ".join(f"{k} ({a} to {b})" for k, (a, b) in _TIMERS.items()),
        ),
        "sntp": ("sntp" not in config or _is_host(config["sntp"]), "may be a numeric address"),
    }
    problems = [f"{key}: {why}" for key, (good, why) in rules.items() if not good]
    return problems + [f"{key}: is unknown" for key in config if key not in rules]


def _is_line(value: object) -> bool:
    return (
        isinstance(value, str)
        and len(value) <= _SUPPORT_LIMIT
        and all(_PRINTABLE[0] <= ord(c) <= _PRINTABLE[1] and c != "\\" for c in value)
    )


def _are_timers(value: object) -> bool:
    return isinstance(value, dict) and all(
        key in _TIMERS and _is_int(value[key], *_TIMERS[key]) for key in value
    )


def _are_classes(value: object) -> bool:
    return (
        isinstance(value, list) and 0 < len(value) <= 4 and all(_is_class(name) for name in value)
    )


def _is_class(name: object) -> bool:
    return isinstance(name, str) and name in codes.CLASSES


def _is_broker(value: object) -> bool:
    if not _has_texts(value, ("host", "user", "password"), ("port", "keepalive_s")):
        return False
    broker: dict[str, Any] = value  # type: ignore[assignment]
    keepalive_s = broker.get("keepalive_s")
    return (
        _is_address(broker["host"])
        and _is_int(broker.get("port"), 1, 65535)
        and _is_int(keepalive_s, 0, 65535)
        and keepalive_s not in (1, 2, 3)
    )


def _has_texts(value: object, keys: tuple[str, ...], others: tuple[str, ...] = ()) -> bool:
    if not isinstance(value, dict) or any(key not in keys + others for key in value):
        return False
    return all(isinstance(value.get(k), str) and len(value[k]) <= _TEXT_LIMIT for k in keys)


def _is_int(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _is_host(value: object) -> bool:
    return isinstance(value, str) and _is_address(value)


def _is_address(text: str) -> bool:
    parts = text.split(".")
    return len(parts) == 4 and all(p.isdigit() and len(p) <= 3 and int(p) <= 255 for p in parts)
