"""Which tenancy of a door a code is for: from the receipt, from the station, or from memory."""

import time
from dataclasses import dataclass

from locker.core import compartments, wire
from lockerctl import issue
from lockerctl.errors import Exit, ToolError
from lockerctl.mqtt import Message, connect
from lockerctl.station import Known, Station
from lockerctl.store import Store

RETAINED_WAIT_S = 1.5
# Keys are ratcheted to a tenancy one by one: a forged number must not keep us busy for hours.
TENANCY_LIMIT = 500_000

_LEAVING = compartments.OCCUPANCY_NAMES[compartments.COLLECTED_UNCONFIRMED]
_TAKEN = tuple(
    compartments.OCCUPANCY_NAMES[o] for o in (compartments.OCCUPIED, compartments.OVERDUE)
)


@dataclass(frozen=True)
class Sighting:
    """What is known of a door and who says so. source: receipt, station or memory."""

    known: Known
    source: str
    warning: str = ""


def sight(store: Store, station: Station, door: int, receipt: str = "") -> Sighting:
    """The best there is, remembered in the store. Raises ToolError when nothing is known."""
    issue.check_door(station, door)
    if receipt:
        sighting = _by_receipt(station, door, receipt)
    else:
        sighting = _by_station(station, door) or _by_memory(station, door)
    if sighting.source != "memory":
        store.learn(station.name, door, sighting.known)
    return sighting


def chosen(sighting: Sighting, door: int, ahead: int) -> int:
    """The tenancy of the parcel meant; raises ToolError when there is no such parcel.

    ahead 0: the one behind the door; 1, 2: the next ones to be put in.
    """
    known = sighting.known
    if known.occupied:
        return known.tenancy + ahead
    if ahead:
        return known.tenancy + ahead - 1
    raise ToolError(
        Exit.REFUSED,
        f"There is no parcel behind door {door} (from: {sighting.source}).",
        "To issue the code of the next parcel before it is put in, add `--ahead 1`.",
    )


def from_door_topic(message: Message) -> Known | None:
    """What a retained door topic says; None when it says nothing of use."""
    fields = message.fields()
    tenancy, occupancy = fields.get("tn"), fields.get("occ")
    if not isinstance(tenancy, int) or isinstance(tenancy, bool):
        return None
    if not 0 < tenancy <= TENANCY_LIMIT:
        return None
    if occupancy not in compartments.OCCUPANCY_NAMES:
        return None
    following = tenancy + 1 if occupancy == _LEAVING else tenancy
    return Known(following, occupancy in _TAKEN, int(time.time()))


def _by_receipt(station: Station, door: int, receipt: str) -> Sighting:
    if issue.receipt_door(receipt) != door:
        raise ToolError(Exit.USAGE, f"The receipt {receipt} is of another door than {door}.")
    known = station.known.get(door)
    first = known.tenancy if known else 1
    found = issue.tenancies_of_receipt(station, receipt, first)
    if not found:
        raise ToolError(
            Exit.NOT_FOUND,
            f"No tenancy {first}..{first + issue.RECEIPT_SEARCH - 1} of door {door} has the "
            f"receipt {receipt}.",
            "Read it again from the courier's slip. A receipt older than the last known tenancy "
            "is not looked for.",
        )
    warning = ""
    if len(found) > 1:
        warning = f"The receipt also fits tenancy {found[1]}; the nearest is taken."
    return Sighting(Known(found[0], True, int(time.time())), "receipt", warning)


def _by_station(station: Station, door: int) -> Sighting | None:
    door_topic = wire.topic(station.name, f"door/{door}")
    state_topic = wire.topic(station.name, "state")
    try:
        heard = _retained(station, (door_topic, state_topic))
    except ToolError:
        return None  # offline is normal here: memory answers, and says that it is memory
    known = from_door_topic(heard[door_topic]) if door_topic in heard else None
    if known is None:
        return None
    if state_topic in heard and heard[state_topic].fields().get("up") is True:
        return Sighting(known, "station")
    return Sighting(known, "station", "The station is not online: this is its last word.")


def _retained(station: Station, topics: tuple[str, ...]) -> dict[str, Message]:
    heard: dict[str, Message] = {}
    end = time.monotonic() + RETAINED_WAIT_S
    with connect(station.broker_host, station.broker_port, topics) as session:
        while len(heard) < len(topics):
            message = session.get(end - time.monotonic())
            if message is None:
                break
            heard[message.topic] = message
    return heard


def _by_memory(station: Station, door: int) -> Sighting:
    known = station.known.get(door)
    if known is None:
        raise ToolError(
            Exit.NO_ANSWER,
            f"Nothing is known of door {door}: the broker has no word of it, and the host has "
            "none either.",
            "Give the receipt from the courier's display: --receipt 07-4821.",
        )
    when = "from provisioning"
    if known.seen_s:
        when = f"{age_text(time.time() - known.seen_s)} old"
    warning = f"The station could not be asked: this is what was last known ({when})."
    return Sighting(known, "memory", f"{warning} --receipt makes it sure.")


def age_text(seconds: float) -> str:
    """'3 h', '12 s': one unit is enough for people."""
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{int(seconds // length)} {unit}"
    return f"{max(0, int(seconds))} s"
