# mypy: ignore-errors
"""micropython shredding.py ROUNDS: 24 doors' cells and a busy journal on littlefs, collections and
a look of the Shredder each round. Prints how many keys were retired, and cells rewritten for it.
"""

import os
import random
import sys

import vfs
from flash import PAGE, SECTOR, SECTORS, Flash

from locker.core import compartments
from locker.core.compartments import Compartment
from locker.storage.cells import Cells
from locker.storage.shred import Shredder

DOORS = 24
random.seed(24)


class Rig:
    """doors: as they are in memory; retired: every key that must be gone."""

    def __init__(self):
        self.flash = Flash(bytearray(b"\xff" * (SECTORS * SECTOR)), lambda: "")
        vfs.VfsLfs2.mkfs(self.flash, progsize=PAGE)
        self.mount()
        os.mkdir("/flash/cells")
        self.doors = [Compartment(door, "S", os.urandom(32)) for door in range(1, DOORS + 1)]
        self.retired = []
        self.rewrites = 0
        for compartment in self.doors:
            self.save(compartment)
            self.save(compartment)

    def mount(self):
        vfs.mount(vfs.VfsLfs2(self.flash, progsize=PAGE), "/flash")
        self.cells = Cells("/flash/cells")
        for door in range(1, DOORS + 1):
            self.cells.load(compartments.cell(door))

    def save(self, compartment):
        self.cells.save(compartments.cell(compartment.door), compartment.pack())

    def rewrite(self, compartment):
        self.rewrites += 1
        self.save(compartment)

    def collect(self, compartment):
        self.retired.append(compartment.key)
        compartment.start_claim(compartment.tenancy)
        compartment.collect()
        self.cells.save(compartments.cell(compartment.door), compartment.pack(), purge=True)

    def shred(self):
        shredder = Shredder(self.flash, self.cells, self.doors, self.rewrite)
        while shredder.step():
            pass
        assert not shredder.left
        for key in self.retired:
            assert key not in self.flash.data, "a retired key is in the flash"

    def check(self):
        """A start reads what memory held, and the file system takes new files."""
        vfs.umount("/flash")
        self.mount()
        for compartment in self.doors:
            assert self.cells.load(compartments.cell(compartment.door)) == compartment.pack()
            assert self.cells.bad_copies == 0
            assert compartment.key in self.flash.data

    def churn(self):
        """What else a station writes."""
        for _ in range(random.randrange(6)):
            name = f"/flash/journal{random.randrange(4)}"
            with open(name, "ab") as file:
                file.write(os.urandom(64))
                is_long = file.tell() > 3 * SECTOR
            if is_long:
                os.remove(name)
        self.save(random.choice(self.doors))


def main():
    rig = Rig()
    rounds = int(sys.argv[1])
    for number in range(rounds):
        rig.flash.reads = 0
        rig.flash.trace.clear()  # nothing is torn here, and a long run has no memory for it
        rig.churn()
        for _ in range(random.randrange(1, 4)):
            rig.collect(random.choice(rig.doors))
        rig.shred()
        if number % 5 == 0:
            rig.check()
    rig.check()
    print(len(rig.retired), rig.rewrites)


main()
