# mypy: ignore-errors
"""micropython worker.py ORDER.json: cuts the power and looks what the next start makes of it.

The order is that of power_cut.workers; the answer goes to its ``out`` as JSON.
"""

import json
import random
import sys

import breaks
import checks
import hooks
import life as lives
import people
import rot
from flash import ERASE, PROGRAM, SECTOR, torn
from ledger import WORLD
from power import Run, Surprise

_AGAIN_OF = 6  # one start in so many goes on with people
_UNDECIDED = 8  # cuts of one operation while somebody is about to pull: each goes on differently
_RECOVERY_OF = 3  # one cut in so many is followed by a cut of the start after it
_DEEPEST = 3
_VIOLATIONS_MAX = 20
_FLIPS_OF_A_LIFE = 200
_OPERATIONS = (ERASE, PROGRAM)


class Moment:
    """ledger, cabinet: what is owed and what is true when the power goes. writes: (address, bytes)
    that the flash differs by from the life's; depth: cuts, this one included.
    """

    def __init__(self, ledger, cabinet, writes, depth):
        self.ledger = ledger
        self.cabinet = cabinet
        self.writes = writes
        self.depth = depth

    def pass_by(self, event):
        """Something happened that is no flash operation."""
        self.ledger.take(event)
        if event[0] == WORLD:
            self.cabinet = event[1]


class Worker:
    """Counts, and the flash that is cut: ``data``, put back to ``current`` after each cut."""

    def __init__(self, order):
        self.order = order
        self.cuts = 0
        self.again = 0
        self.sites = {}
        self.rot = {}
        self.unnoticed = []
        self.counts = {kind: 0 for kind in checks.KINDS}
        self.violations = []
        self.name = (0, 0)
        breaks.apply(order["break"])
        self.watch = hooks.Watch()
        hooks.install(self.watch)
        self.pristine = bytes(lives.new_flash(order["folder"]))
        self.data = bytearray(self.pristine)
        self.view = memoryview(self.data)
        self.current = memoryview(bytearray(self.pristine))

    @property
    def failed(self):
        """Enough is known."""
        return len(self.violations) >= _VIOLATIONS_MAX

    @property
    def enough(self):
        """No further cut is wanted."""
        done = self.cuts >= self.order["cuts"] or self.failed
        return done and not self.order["only"]

    def work(self):
        """Lives until there are enough cuts."""
        number, step = self.order["lives"]
        while not self.failed and (self.cuts < self.order["cuts"] or self.order["only"]):
            self.name = (number, 0)
            seed = self.order["seed"] * 1_000_003 + number
            cabinet = lives.new_cabinet(4, self.order["occupied"])
            try:
                self.cut_life(lives.live(self.watch, self.pristine, cabinet, seed), seed)
            except Surprise as error:
                self.report((checks.UNBOOTABLE, f"without a cut: {error}"))
            if self.order["only"]:
                break
            number += step

    def cut_life(self, life, seed):
        """A cut at every operation of a life."""
        self.view[:] = self.current[:] = life.image
        now = Moment(life.ledger, life.cabinet, [], 1)
        only = self.order["only"]
        cut = 0
        for event in life.events:
            if event[0] not in _OPERATIONS:
                now.pass_by(event)
                continue
            cut += 1
            self.name = (self.name[0], cut)
            if self.enough:
                return
            if only in (0, cut):
                random.seed(seed * 8191 + cut)
                self.cut_operation(now, event)
            at, after = event[1:3]
            self.current[at : at + len(after)] = after
            self.write(at, after)
        for problem in now.ledger.broken:
            self.report(problem)

    def cut_operation(self, now, operation):
        """Once, or in several ways where what people do in the dark decides."""
        for _ in range(_UNDECIDED if now.cabinet.is_somebody_about_to_pull() else 1):
            if not self.enough:
                self.cut(now, operation)

    def cut(self, now, operation):
        """The power goes in this operation."""
        self.cuts += 1
        site = operation[0] + " " + operation[3]
        self.sites[site] = self.sites.get(site, 0) + 1
        form, at, after = torn(self.data, operation)
        self.write(at, after)
        cabinet = now.cabinet.copy()
        lives.in_the_dark(cabinet)
        then = Moment(now.ledger, cabinet.copy(), now.writes + [(at, after)], now.depth + 1)
        events = self.start(now.ledger, cabinet, f"{form} {site}")
        self.put_back(then.writes, [event[1] for event in events if event[0] in _OPERATIONS])
        wanted = self.order["only"] or self.cuts < self.order["cuts"]
        if wanted and now.depth < _DEEPEST and not random.randrange(_RECOVERY_OF):
            self.cut_start(then, events)
        self.put_back(now.writes, [at])

    def start(self, ledger, cabinet, what):
        """Power on, let people come, check; what happened."""
        story = people.settles
        if not random.randrange(_AGAIN_OF):
            story = lives.again
            self.again += 1
        run = Run(self.watch, self.data, cabinet)
        problems = []
        try:
            run.play(story)
            problems += checks.after_boot(ledger, run, hooks.SEGMENTS)
        except Surprise as error:
            problems.append((checks.UNBOOTABLE, f"after the start: {error}"))
        run.close()
        later = ledger.copy()
        for event in run.events:
            later.take(event)
        for problem in problems + later.broken:
            self.report(problem, what)
        return run.events

    def cut_start(self, then, events):
        """A cut at some operation of the start that has just been seen."""
        operations = [index for index, event in enumerate(events) if event[0] in _OPERATIONS]
        if not operations:
            return
        chosen = random.choice(operations)
        now = Moment(then.ledger.copy(), then.cabinet, list(then.writes), then.depth)
        for event in events[:chosen]:
            if event[0] in _OPERATIONS:
                now.writes.append(event[1:3])
                self.write(*event[1:3])
            else:
                now.pass_by(event)
        self.cut(now, events[chosen])
        self.put_back(then.writes, [at for at, _ in now.writes])

    def write(self, at, after):
        """Bytes onto the flash that is cut."""
        self.view[at : at + len(after)] = after

    def put_back(self, writes, addresses):
        """The sectors of these addresses as they were: the life's, with the writes on top."""
        touched = set([at // SECTOR for at in addresses])
        for sector in touched:
            at = sector * SECTOR
            self.write(at, self.current[at : at + SECTOR])
        for at, after in writes:
            if at // SECTOR in touched:
                self.write(at, after)

    def flip(self):
        """Lives until enough bits have flipped at the end of each."""
        number, step = self.order["lives"]
        while sum(self.rot.values()) < self.order["flips"]:
            self.name = (number, 0)
            random.seed(self.order["seed"] * 1_000_003 + number)
            cabinet = lives.new_cabinet(4, self.order["occupied"])
            life = lives.live(self.watch, self.pristine, cabinet, random.getrandbits(30))
            data = bytearray(life.end)
            _, truth = rot.start(self.watch, data, cabinet)
            data[:] = life.end
            for index in range(_FLIPS_OF_A_LIFE):
                if sum(self.rot.values()) < self.order["flips"]:
                    self.name = (number, index + 1)
                    kind, text, told = rot.flip(self.watch, data, cabinet, truth)
                    self.rot[kind] = self.rot.get(kind, 0) + 1
                    if kind == rot.SILENT:
                        self.unnoticed.append([text, f"{number}.{index + 1}", life.told, told])
            number += step

    def report(self, problem, what=""):
        """A promise was broken."""
        kind, text = problem
        self.counts[kind] += 1
        self.violations.append([kind, text, self.name[0], self.name[1], what])

    def answer(self):
        """What was found."""
        return {
            "cuts": self.cuts,
            "again": self.again,
            "sites": self.sites,
            "rot": self.rot,
            "unnoticed": self.unnoticed,
            "counts": self.counts,
            "violations": self.violations,
        }


def main():
    """Take the order, do it, answer."""
    with open(sys.argv[1]) as file:
        order = json.load(file)
    worker = Worker(order)
    worker.work()
    worker.flip()
    with open(order["out"], "w") as file:
        json.dump(worker.answer(), file)


main()
