"""What was collected cannot be known again from a station's flash chip (design.md, invariant 8):
an attack program tries, on real littlefs, and succeeds where erasure is switched off.
"""

import base64
import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from attack import Attack, Public

from locker.core import clock, codes
from lockerctl import issue, provision, vendor
from lockerctl.build import FIRMWARE
from lockerctl.rig import micropython
from power_cut import shred_rounds, state, workers

SEED = 8
ROUNDS = 60
OCCUPIED = (2, 3)
SET_S = 1_795_000_000
CLASSES = ("3d",)
DAYS = 4
HERE = Path(__file__).parent
ON_UNIX = Path(workers.__file__).parent / "on_unix"
KEYS = provision.demo_keys(SEED)
BOARD = json.loads((FIRMWARE.parent / "boards" / "pico_w" / "board.json").read_text())
SETUP = provision.Setup(occupied=OCCUPIED, clock_set_s=SET_S)
STATION = provision.new_station("dumped", BOARD, KEYS, ("127.0.0.1", 1), SETUP)


@dataclass(frozen=True)
class Dumps:
    """images: the chip after all days, then some that were cut; collected: (door, tenancy, entry);
    cuts: how many; survivors: (site, door, tenancy) of retired keys after a cut and a start.
    """

    images: list[bytes]
    collected: list[tuple[int, int, str]]
    cuts: int
    survivors: list[tuple[str, int, int]]


def on_unix(script: str, argument: str) -> str:
    """Run one of this folder's scripts on MicroPython, with power_cut's modules; its output."""
    path = (ON_UNIX, FIRMWARE, vendor.ensure().parents[1], ".frozen")
    done = subprocess.run(
        [micropython(), "-X", "heapsize=100M", HERE / script, argument],
        env=os.environ | {"MICROPYPATH": ":".join(map(str, path))},
        capture_output=True,
        text=True,
        timeout=900,  # two cores that others use too
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return done.stdout


@cache
def dumps(broken: str = "", cut: bool = False) -> Dumps:
    with tempfile.TemporaryDirectory(prefix="latchwork-dumps-") as place:
        folder = Path(place)
        provision.write_flash(folder / "tree", STATION, BOARD, SETUP)
        order = {
            "folder": str(folder / "tree"),
            "out": str(folder / "image"),
            "occupied": OCCUPIED,
            "seed": SEED,
            "break": broken,
            "cut": cut,
            "root": KEYS.door_root.hex(),
        }
        (folder / "order").write_text(json.dumps(order))
        on_unix("dumping.py", str(folder / "order"))
        told = json.loads((folder / "image.json").read_text())
        images = [Path(name).read_bytes() for name in told["images"]]
        collected, survivors = (
            [tuple(one) for one in told[name]] for name in ("collected", "survivors")
        )
        return Dumps(images, collected, told["cuts"], survivors)


def public(image: bytes) -> Public:
    """What MQTT, the journal's view and the host's records without its keys tell."""
    found = state.read(image, STATION.sizes, KEYS.journal)
    now = SET_S - clock.EPOCH
    slots = {
        name: range(codes.slots(name, now - 86_400)[0], codes.slots(name, now + 86_400)[-1] + 1)
        for name in CLASSES
    }
    events = [event.fields() for event in found.journal.events]
    tenancies = {door: compartment.tenancy for door, compartment in found.doors.items()}
    told = {"events": events, "tenancies": tenancies, "sizes": dict(STATION.sizes)}
    return Public(tenancies, CLASSES, slots, json.dumps(told).encode())


def attacked(image: bytes) -> Attack:
    return Attack(image, public(image))


def entries(door: int, tenancy: int) -> tuple[str, str]:
    """What the recipient was sent: the code of the days, and the recovery code."""
    code = issue.recipient(STATION, door, tenancy, CLASSES[0], SET_S)
    return code.digits, issue.recovery(STATION, door, tenancy).digits


def test_the_past_is_not_in_the_flash_chip() -> None:
    found = dumps()
    attack = attacked(found.images[0])
    assert len(found.collected) >= 6 and len({door for door, *_ in found.collected}) >= 3
    assert attack.present, "the attack reads the chip"
    assert attack.retired == {}
    for door, tenancy, typed in found.collected:
        assert typed in entries(door, tenancy), "the story's codes are the host's"
        assert attack.codes_of(door, tenancy) == set()
        for guess in entries(door, tenancy):
            assert not attack.confirms(door, tenancy, guess)


def test_it_is_there_when_erasure_is_switched_off() -> None:
    found = dumps("keeps_old_keys")
    attack = attacked(found.images[0])
    assert len(attack.retired) >= 2  # littlefs has erased some blocks in passing
    assert set(attack.retired) <= {(door, tenancy) for door, tenancy, _ in found.collected}
    for (door, tenancy), key in attack.retired.items():
        assert key == codes.key_of_tenancy(KEYS.door_root, door, tenancy)
        for guess in entries(door, tenancy):
            assert guess in attack.codes_of(door, tenancy)
            assert attack.confirms(door, tenancy, guess)
            assert not attack.confirms(door, tenancy, guess[:-2] + "00")
    assert not attack.confirms(*found.collected[0][:2], entries(4, 77)[0])


@pytest.mark.parametrize("form", ["raw", "hex", "base64", "url"])
@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("hidden_in", ["dump", "public"])
def test_the_attack_knows_a_key_in_any_form(form: str, backwards: bool, hidden_in: str) -> None:
    image = dumps().images[0]
    door, tenancy, _ = dumps().collected[0]
    key = codes.key_of_tenancy(KEYS.door_root, door, tenancy)
    text = {
        "raw": key,
        "hex": key.hex().encode(),
        "base64": base64.b64encode(key),
        "url": base64.urlsafe_b64encode(key).rstrip(b"="),
    }[form]
    text = b"#" + (text[::-1] if backwards else text) + b"#"
    known = public(image)
    if hidden_in == "dump":
        image += text
    else:
        known = Public(known.tenancies, CLASSES, known.slots, known.text + text)
    attack = Attack(image, known)
    assert attack.retired[door, tenancy] == key
    assert attack.confirms(door, tenancy, entries(door, tenancy)[0])


def test_a_code_that_somebody_wrote_down_is_found() -> None:
    image = dumps().images[0]
    door, tenancy, _ = dumps().collected[0]
    guess = entries(door, tenancy)[0]
    code = int(guess[2:-1])
    for trace in (guess.encode(), codes.spoken(guess).encode()[::-1], code.to_bytes(4, "little")):
        attack = Attack(image + trace, public(image))
        assert attack.confirms(door, tenancy, guess)


def test_after_a_cut_at_any_flash_operation_the_next_start_erases_it() -> None:
    found = dumps(cut=True)
    assert found.cuts > 100 and found.survivors == []
    assert len(found.images) > 3
    for number, image in enumerate(found.images):
        assert attacked(image).retired == {}, number


def test_a_key_that_survives_a_cut_is_seen() -> None:
    assert dumps("keeps_old_keys", cut=True).survivors


def test_twenty_four_doors_are_rid_of_their_keys_and_stay_readable_with_the_power_cut() -> None:
    found = shred_rounds.run(ROUNDS, SEED)
    assert found.problems == []
    told = found.told
    assert told["retired"] > 80 and told["cuts"] > 10 and found.dumps == shred_rounds.DUMPS
    assert told["rewrites"] / told["retired"] < 16, "so many writes a parcel"


@pytest.mark.parametrize("broken", shred_rounds.BREAKS)
def test_the_rounds_see_a_shredder_that_is_broken(broken: str) -> None:
    assert shred_rounds.run(ROUNDS, SEED, broken).problems


def test_a_retired_key_in_a_dump_is_found(tmp_path: Path) -> None:
    key, present = (codes.next_key(bytes([n])) for n in range(2))
    told = {"retired": [key.hex()], "present": [present.hex()]}
    dump = tmp_path / "dump-1"
    dump.with_suffix(".json").write_text(json.dumps(told))
    for form in (key, key[::-1], key.hex().encode(), base64.b64encode(key)[::-1]):
        dump.write_bytes(b"#" + form + b"#" + present)
        assert shred_rounds._survivors(dump.with_suffix(".json")) == [
            f"dump-1: retired key {key.hex()}"
        ]
    dump.write_bytes(bytes(64))
    assert len(shred_rounds._survivors(dump.with_suffix(".json"))) == 1, "it is blind"
