# mypy: ignore-errors
"""micropython shredding.py ORDER.json: 24 doors' cells and a busy journal on littlefs. Each round
some parcels are collected and the Shredder looks at the whole chip; the power goes in some rounds,
in any flash operation, and in some starts after that again.
"""

import json
import os
import random
import sys

import vfs
from flash import ERASE, PAGE, SECTOR, SECTORS, Flash, torn

from locker.core import codes, compartments
from locker.core.compartments import Compartment
from locker.storage.cells import Cells
from locker.storage.shred import Shredder

DOORS = 24
OWNER = 0x1A7C0042
CUT_SHARE = 0.3
LATELY = 60  # keys that are looked for after each round; the host looks for all, in dumps


class Broken(Exception):
    """What must not be."""


def require(holds, text):
    """Raises Broken with the text unless it holds."""
    if not holds:
        raise Broken(text)


def no_shredder():
    """Only littlefs itself erases."""
    Shredder.step = lambda self: False


def blind_shredder():
    """It takes every block for one out of use."""
    Shredder._is_in_use = lambda self, compartment: False


BREAKS = {work.__name__: work for work in (no_shredder, blind_shredder)}


def token(size):
    """Random bytes that the seed makes again."""
    return bytes([random.getrandbits(8) for _ in range(size)])


class Rig:
    """doors: as they are in memory; keys: of each door, by tenancy; least: the tenancy that a door
    cannot be before; files: what else is kept, each with what it may hold since the last start.
    """

    def __init__(self, texts):
        """texts: folder of the display's texts, which a station only reads."""
        self.flash = Flash(bytearray(b"\xff" * (SECTORS * SECTOR)), lambda: "")
        vfs.VfsLfs2.mkfs(self.flash, progsize=PAGE)
        self.mount()
        os.mkdir("/flash/cells")
        self.cells = Cells("/flash/cells")
        self.cells.owner = OWNER
        doors = range(1, DOORS + 1)
        self.doors = [Compartment(door, "S", token(codes.KEY_BYTES)) for door in doors]
        self.keys = {c.door: [c.key] for c in self.doors}
        self.collected = []
        self.files = {}
        self.rewrites = self.cuts = self.starts = 0
        self.last_cut = "no cut"
        for name in os.listdir(texts):
            with open(texts + "/" + name, "rb") as source:
                self.files["/flash/" + name] = [source.read()]
            with open("/flash/" + name, "wb") as file:
                file.write(self.files["/flash/" + name][0])
        for compartment in self.doors:
            self.save(compartment)
            self.save(compartment)

    def mount(self):
        """Without the time of day in it: a seed makes the same chip again."""
        vfs.mount(vfs.VfsLfs2(self.flash, progsize=PAGE, mtime=False), "/flash")

    def save(self, compartment, purge=False):
        self.cells.save(compartments.cell(compartment.door), compartment.pack(), purge)

    def rewrite(self, compartment):
        self.rewrites += 1
        self.save(compartment)

    def round(self):
        """A day, or what a cut leaves of it, and the starts until one goes through."""
        self.before = bytes(self.flash.data)
        self.flash.trace.clear()
        self.least = {c.door: c.tenancy for c in self.doors}
        self.day()
        while random.random() < CUT_SHARE and self.flash.trace:
            self.cut()
            self.start()
        self.no_key_of_late()

    def day(self):
        self.churn()
        for _ in range(random.randrange(1, 4)):
            self.collect(random.choice(self.doors))
        self.shred()

    def collect(self, compartment):
        compartment.start_claim(compartment.tenancy)
        compartment.collect()
        self.save(compartment, purge=True)
        of_door = self.keys[compartment.door]
        if len(of_door) < compartment.tenancy:
            self.collected.append((compartment.door, len(of_door), of_door[-1]))
            of_door.append(compartment.key)

    def churn(self):
        """What else a station writes."""
        for _ in range(random.randrange(6)):
            name = f"/flash/journal{random.randrange(4)}"
            versions = self.files.setdefault(name, [b""])
            with open(name, "ab") as file:
                added = token(64)
                file.write(added)
            versions.append(versions[-1] + added)
            if len(versions[-1]) > 3 * SECTOR:
                os.remove(name)
                versions.append(b"")
        self.save(random.choice(self.doors))

    def shred(self):
        self.flash.reads = 0
        shredder = Shredder(self.flash, self.cells, self.doors, self.rewrite)
        while shredder.step():
            pass
        require(not shredder.left, "the shredder gives up")

    def cut(self):
        """The power goes in one of the operations since ``before``, every other time an erase."""
        self.cuts += 1
        data = bytearray(self.before)
        trace = self.flash.trace
        erases = [i for i, operation in enumerate(trace) if operation[0] == ERASE]
        rather = erases and random.getrandbits(1)
        index = random.choice(erases) if rather else random.randrange(len(trace))
        for _, at, after, _ in trace[:index]:
            data[at : at + len(after)] = after
        form, at, after = torn(data, trace[index])
        self.last_cut = f"{trace[index][0]} {form}"
        data[at : at + len(after)] = after
        self.before = bytes(data)
        self.flash = Flash(data, lambda: "")

    def start(self):
        """Read all, put bad copies right as app/opening.py does, look for retired keys."""
        self.starts += 1
        vfs.umount("/flash")
        self.mount()
        self.cells = Cells("/flash/cells")
        for compartment in self.doors:
            payload = self.cells.load(compartments.cell(compartment.door))
            require(payload, f"door {compartment.door} is lost")
            known = compartment.tenancy
            compartment.unpack(payload)
            door = compartment.door
            require(self.least[door] <= compartment.tenancy <= known, "an old state is back")
            self.least[door] = compartment.tenancy
            key = self.keys[compartment.door][compartment.tenancy - 1]
            require(compartment.key == key, "another key")
            if self.cells.bad_copies:
                self.cells.owner = OWNER
                self.save(compartment, purge=True)
        self.cells.owner = OWNER
        self.read_files()
        self.shred()

    def read_files(self):
        for name, versions in self.files.items():
            content = b""
            try:
                with open(name, "rb") as file:
                    content = file.read()
            except OSError:
                pass
            require(content in versions, name + " is not as it was written")
            self.files[name] = [content]

    def retired(self):
        """(door, tenancy, key) of each key that must be gone."""
        return [one for one in self.collected if one[1] < self.doors[one[0] - 1].tenancy]

    def no_key_of_late(self):
        data = self.flash.data
        for door, tenancy, key in self.retired()[-LATELY:]:
            at = data.find(key)
            before = data[max(at - 24, 0) : max(at, 0)].hex()
            told = f"key {tenancy} of door {door} is at {at:x} behind {before}, {self.last_cut}"
            require(at < 0, told)

    def write_dump(self, name):
        with open(name, "wb") as file:
            file.write(self.flash.data)
        keys = {
            "retired": [key.hex() for _, _, key in self.retired()],
            "present": [c.key.hex() for c in self.doors],
        }
        with open(name + ".json", "w") as file:
            json.dump(keys, file)


def main():
    """All rounds, or until one is broken."""
    with open(sys.argv[1]) as file:
        order = json.load(file)
    random.seed(order["seed"])
    if order["break"]:
        BREAKS[order["break"]]()
    rig = Rig(order["texts"])
    broken = ""
    done = 0
    try:
        for done in range(1, order["rounds"] + 1):
            rig.round()
            if done % order["every"] == 0:
                rig.least = {c.door: c.tenancy for c in rig.doors}
                rig.start()
                rig.write_dump(f"{order['folder']}/dump-{done}")
    except (Broken, OSError) as error:
        broken = f"round {done}: {error}"
    with open(order["folder"] + "/answer.json", "w") as file:
        answer = {
            "rounds": done,
            "retired": len(rig.retired()),
            "rewrites": rig.rewrites,
            "cuts": rig.cuts,
            "starts": rig.starts,
            "broken": broken,
        }
        json.dump(answer, file)


main()
