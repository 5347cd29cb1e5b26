"""A station as the host knows it, and its form in a JSON file. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from locker.core import codes, settings

FORMAT = "latchwork-station"
SCHEMA = 1
DOORS_MAX = 24
SIZES = ("S", "M", "L")
# each class in use adds its slots to the guess mass of every wrong entry
DEFAULT_CLASSES = ("3d",)
DEFAULT_CLASS = "3d"
DEFAULT_PORT = 1883

_KEYS = ("door_root", "courier", "command", "journal")
_FIELDS = frozenset(
    [
        "format",
        "schema",
        "station",
        "demo",
        "keys",
        "doors",
        "classes",
        "default_class",
        "counter",
        "broker",
        "heartbeat_s",
    ]
)


@dataclass(frozen=True)
class Keys:
    """A station's secrets, 32 bytes each. door_root stays on the host; the station holds what is
    derived from it.
    """

    door_root: bytes = field(repr=False)
    courier: bytes = field(repr=False)
    command: bytes = field(repr=False)
    journal: bytes = field(repr=False)


@dataclass(frozen=True)
class Known:
    """The newest the host has heard of a door. seen_s: Unix seconds, 0: provisioning."""

    tenancy: int
    occupied: bool
    seen_s: int = 0


@dataclass(frozen=True)
class Station:
    """sizes: door number -> S, M or L. counter: number of the last command ever sent."""

    name: str
    demo: bool
    keys: Keys
    sizes: Mapping[int, str]
    classes: tuple[str, ...] = DEFAULT_CLASSES
    default_class: str = DEFAULT_CLASS
    known: Mapping[int, Known] = field(default_factory=dict)
    counter: int = 0
    broker_host: str = "127.0.0.1"
    broker_port: int = DEFAULT_PORT
    heartbeat_s: int = 60


def to_fields(station: Station) -> dict[str, Any]:
    """The JSON object of a station."""
    return {
        "format": FORMAT,
        "schema": SCHEMA,
        "station": station.name,
        "demo": station.demo,
        "keys": {name: getattr(station.keys, name).hex() for name in _KEYS},
        "doors": [
            {"door": door, "size": size, **_known_fields(station.known.get(door))}
            for door, size in sorted(station.sizes.items())
        ],
        "classes": list(station.classes),
        "default_class": station.default_class,
        "counter": station.counter,
        "broker": {"host": station.broker_host, "port": station.broker_port},
        "heartbeat_s": station.heartbeat_s,
    }


def _known_fields(known: Known | None) -> dict[str, Any]:
    if known is None:
        return {}
    return {"tenancy": known.tenancy, "occupied": known.occupied, "seen": known.seen_s}


def from_fields(fields: object) -> Station:
    """The station in a JSON object. Raises ValueError that names the key, never its value (it may
    be a secret).
    """
    if not isinstance(fields, dict) or fields.get("format") != FORMAT:
        raise ValueError("it is no station file")
    schema = _whole(fields, "schema", 1, 1 << 30)
    if schema > SCHEMA:
        raise ValueError(
            f"it is of schema {schema}, made by a newer lockerctl (this one knows {SCHEMA})"
        )
    strange = sorted(str(key) for key in fields.keys() - _FIELDS)
    if strange:
        raise ValueError(f"it has keys this lockerctl does not know: {', '.join(strange)[:80]}")
    doors = [_door(row) for row in _list(fields, "doors")]
    classes = tuple(str(name) for name in _list(fields, "classes"))
    broker = _object(fields, "broker")
    station = Station(
        name=_text(fields, "station"),
        demo=_flag(fields, "demo"),
        keys=_keys(_object(fields, "keys")),
        sizes={door: size for door, size, _ in doors},
        classes=classes,
        default_class=_text(fields, "default_class"),
        known={door: known for door, _, known in doors if known},
        counter=_whole(fields, "counter", 0, (1 << 32) - 1),
        broker_host=_text(broker, "host"),
        broker_port=_whole(broker, "port", 1, 65535),
        heartbeat_s=_whole(fields, "heartbeat_s", 1, 3600),
    )
    _check(station, len(doors))
    return station


def _check(station: Station, rows: int) -> None:
    if not settings.is_station_id(station.name):
        raise ValueError("'station' is no station id")
    if not station.sizes or len(station.sizes) != rows:
        raise ValueError("'doors' is empty or names a door twice")
    if not station.classes or any(name not in codes.CLASSES for name in station.classes):
        raise ValueError(f"'classes' must be some of {', '.join(codes.CLASSES)}")
    if station.default_class not in station.classes:
        raise ValueError("'default_class' is not one of 'classes'")


def _door(row: object) -> tuple[int, str, Known | None]:
    if not isinstance(row, dict):
        raise ValueError("'doors' must hold objects")
    door, size = _whole(row, "door", 1, DOORS_MAX), _text(row, "size")
    if size not in SIZES:
        raise ValueError(f"'size' of door {door} is none of {', '.join(SIZES)}")
    if "tenancy" not in row:
        return door, size, None
    top = (1 << 32) - 1
    known = Known(
        _whole(row, "tenancy", 1, top), _flag(row, "occupied"), _whole(row, "seen", 0, top)
    )
    return door, size, known


def _keys(fields: dict[str, Any]) -> Keys:
    return Keys(*(_key(fields, name) for name in _KEYS))


def _key(fields: dict[str, Any], name: str) -> bytes:
    try:
        key = bytes.fromhex(_text(fields, name))
    except ValueError:
        key = b""
    if len(key) != codes.KEY_BYTES:
        raise ValueError(f"key {name!r} is not {codes.KEY_BYTES} bytes in hex") from None
    return key


def _whole(fields: dict[str, Any], name: str, low: int, high: int) -> int:
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError(f"{name!r} must be a whole number {low}..{high}")
    return value


def _flag(fields: dict[str, Any], name: str) -> bool:
    value = fields.get(name)
    if not isinstance(value, bool):
        raise ValueError(f"{name!r} must be true or false")
    return value


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name!r} must be text")
    return value


def _list(fields: dict[str, Any], name: str) -> list[Any]:
    value = fields.get(name)
    if not isinstance(value, list):
        raise ValueError(f"{name!r} must be a list")
    return value


def _object(fields: dict[str, Any], name: str) -> dict[str, Any]:
    value = fields.get(name)
    if not isinstance(value, dict):
        raise ValueError(f"{name!r} must be an object")
    return value
