"""A station as the host knows it, and its form in a JSON file. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from locker.core import codes, settings, tickets
from lockerctl import persons
from lockerctl.fields import flag, list_of, object_of, text, whole
from lockerctl.persons import Person, Revocation

FORMAT = "latchwork-station"
SCHEMA = 3
DOORS_MAX = 24
SIZES = ("S", "M", "L")
# each class in use adds its slots to the guess mass of every wrong entry
DEFAULT_CLASSES = ("3d",)
DEFAULT_CLASS = "3d"
DEFAULT_PORT = 1883
NO_KEY = bytes(codes.KEY_BYTES)

_KEYS = ("door_root", "courier", "command", "journal", "staff")
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
        "people",
        "courier_generation",
        "revocations",
        "returns",
    ]
)


@dataclass(frozen=True)
class Keys:
    """A station's secrets, 32 bytes each. door_root stays on the host; the station holds what is
    derived from it. staff: NO_KEY of a station that was provisioned before there was one.
    """

    door_root: bytes = field(repr=False)
    courier: bytes = field(repr=False)
    command: bytes = field(repr=False)
    journal: bytes = field(repr=False)
    staff: bytes = field(repr=False, default=NO_KEY)


@dataclass(frozen=True)
class Known:
    """The newest the host has heard of a door. seen_s: Unix seconds, 0: provisioning."""

    tenancy: int
    occupied: bool
    seen_s: int = 0


@dataclass(frozen=True)
class Station:
    """sizes: door number -> S, M or L. counter: number of the last command ever sent. people: by
    place; courier_generation: of the day codes that are issued now; revocations: oldest first;
    returns: window slot -> how many return codes of it are given out.
    """

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
    people: Mapping[int, Person] = field(default_factory=dict)
    courier_generation: int = 0
    revocations: tuple[Revocation, ...] = ()
    returns: Mapping[int, int] = field(default_factory=dict)


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
        "people": [person.fields() for _, person in sorted(station.people.items())],
        "courier_generation": station.courier_generation,
        "revocations": [revocation.fields() for revocation in station.revocations],
        "returns": [{"slot": s, "given": n} for s, n in sorted(station.returns.items())],
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
    schema = whole(fields, "schema", 1, 1 << 30)
    if schema > SCHEMA:
        raise ValueError(
            f"it is of schema {schema}, made by a newer lockerctl (this one knows {SCHEMA})"
        )
    if schema == 1:  # from before persons had credentials of their own
        fields = {**fields, "people": [], "courier_generation": 0, "revocations": []}
        fields["keys"] = {**object_of(fields, "keys"), "staff": NO_KEY.hex()}
    if schema < 3:  # from before there were return codes
        fields = {**fields, "returns": []}
    strange = sorted(str(key) for key in fields.keys() - _FIELDS)
    if strange:
        raise ValueError(f"it has keys this lockerctl does not know: {', '.join(strange)[:80]}")
    doors = [_door(row) for row in list_of(fields, "doors")]
    classes = tuple(str(name) for name in list_of(fields, "classes"))
    broker = object_of(fields, "broker")
    station = Station(
        name=text(fields, "station"),
        demo=flag(fields, "demo"),
        keys=_keys(object_of(fields, "keys")),
        sizes={door: size for door, size, _ in doors},
        classes=classes,
        default_class=text(fields, "default_class"),
        known={door: known for door, _, known in doors if known},
        counter=whole(fields, "counter", 0, (1 << 32) - 1),
        broker_host=text(broker, "host"),
        broker_port=whole(broker, "port", 1, 65535),
        heartbeat_s=whole(fields, "heartbeat_s", 1, 3600),
        people={p.place: p for p in map(persons.person, list_of(fields, "people"))},
        courier_generation=whole(fields, "courier_generation", 0, 65533),
        revocations=tuple(map(persons.revocation, list_of(fields, "revocations"))),
        returns=dict(map(_given, list_of(fields, "returns"))),
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
    door, size = whole(row, "door", 1, DOORS_MAX), text(row, "size")
    if size not in SIZES:
        raise ValueError(f"'size' of door {door} is none of {', '.join(SIZES)}")
    if "tenancy" not in row:
        return door, size, None
    top = (1 << 32) - 1
    known = Known(whole(row, "tenancy", 1, top), flag(row, "occupied"), whole(row, "seen", 0, top))
    return door, size, known


def _given(row: object) -> tuple[int, int]:
    if not isinstance(row, dict):
        raise ValueError("'returns' must hold objects")
    return whole(row, "slot", 0, 1 << 20), whole(row, "given", 0, tickets.SERIALS)


def _keys(fields: dict[str, Any]) -> Keys:
    return Keys(*(_key(fields, name) for name in _KEYS))


def _key(fields: dict[str, Any], name: str) -> bytes:
    try:
        key = bytes.fromhex(text(fields, name))
    except ValueError:
        key = b""
    if len(key) != codes.KEY_BYTES:
        raise ValueError(f"key {name!r} is not {codes.KEY_BYTES} bytes in hex") from None
    return key
