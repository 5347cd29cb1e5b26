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
import ledger as ledgers
import life as lives
import people
from flash import ERASE, PROGRAM, SECTOR, torn
from power import Run

_AGAIN_OF = 6  # one start in so many goes on with people
_RECOVERY_OF = 3  # one cut in so many is followed by a cut of the start after it
_DEEPEST = 3
_VIOLATIONS_MAX = 20
_OPERATIONS = (ERASE, PROGRAM)


class Worker:
    """Counts, and the flash that is cut."""

    def __init__(self, order):
        self.order = order
        self.cuts = 0
        self.again = 0
        self.sites = {}
        self.counts = {kind: 0 for kind in checks.KINDS}
        self.violations = []
        breaks.apply(order["break"])
        self.watch = hooks.Watch()
        hooks.install(self.watch)
        self.pristine = bytes(lives.new_flash(order["folder"]))
        self.data = bytearray(self.pristine)
        self.view = memoryview(self.data)
        self.current_view = memoryview(bytearray(self.pristine))

    @property
    def failed(self):
        """Enough is known."""
        return len(self.violations) >= _VIOLATIONS_MAX

    def work(self):
        """Lives until there are enough cuts."""
        first, step = self.order["lives"]
        number = first
        while self.cuts < self.order["cuts"] or self.order["only"]:
            cabinet = lives.new_cabinet(4, self.order["occupied"])
            seed = self.order["seed"] * 1_000_003 + number
            try:
                one = lives.live(self.watch, self.pristine, cabinet, seed)
            except ValueError as error:
                self.report((checks.UNBOOTABLE, f"without a cut: {error}"), number, -1)
                one = None
            if one:
                self.cut_life(one, number, seed)
            if self.order["only"] or self.failed:
                break
            number += step

    def cut_life(self, one, number, seed):
        """A cut at every operation of a life."""
        now = one.ledger
        cabinet = one.cabinet
        self.data[:] = one.image
        self.current_view[:] = one.image
        only = self.order["only"]
        cut = 0
        for event in one.events:
            if event[0] not in _OPERATIONS:
                now.take(event)
                cabinet = event[1] if event[0] == ledgers.WORLD else cabinet
                continue
            cut += 1
            if not only and (self.cuts >= self.order["cuts"] or self.failed):
                return
            if only in (0, cut):
                random.seed(seed * 8191 + cut)
                self.cut(now, cabinet, [], event, (number, cut))
            at, after = event[1], event[2]
            self.current_view[at : at + len(after)] = after
            self.write(at, after)
        for problem in now.broken:
            self.report(problem, number, -1)

    def cut(self, ledger, cabinet, path, operation, name, depth=1):
        """The power goes in this operation. path: (address, bytes) written since ``current``."""
        self.cuts += 1
        site = operation[0] + " " + operation[3]
        self.sites[site] = self.sites.get(site, 0) + 1
        form, at, after = torn(self.data, operation)
        whole, path = path, path + [(at, after)]
        self.write(at, after)
        cabinet = cabinet.copy()
        lives.in_the_dark(cabinet)
        before = cabinet.copy()
        run = self.start(ledger, cabinet, name, f"{form} {site}")
        self.put_back(path, [event[1] for event in run.events if event[0] in _OPERATIONS])
        if depth < _DEEPEST and not random.randrange(_RECOVERY_OF):
            self.cut_start(ledger, before, path, run.events, name, depth)
        self.put_back(whole, [at])

    def start(self, ledger, cabinet, name, what):
        """Boot, let people come, check."""
        story = people.settles
        if not random.randrange(_AGAIN_OF):
            story = lives.again
            self.again += 1
        run = Run(self.watch, self.data, cabinet)
        problems = []
        later = ledger.copy()
        try:
            run.play(story)
            problems += checks.after_boot(ledger, run, hooks.SEGMENTS)
        except ValueError as error:
            problems.append((checks.UNBOOTABLE, f"after the start: {error}"))
        run.close()
        for event in run.events:
            later.take(event)
        for problem in problems + later.broken:
            self.report(problem, *name, what)
        return run

    def cut_start(self, ledger, cabinet, path, events, name, depth):
        """A cut at some operation of the start that has just been seen."""
        operations = [index for index, event in enumerate(events) if event[0] in _OPERATIONS]
        if not operations:
            return
        chosen = random.choice(operations)
        ledger = ledger.copy()
        writes = []
        for event in events[:chosen]:
            if event[0] in _OPERATIONS:
                writes.append(event[1:3])
                self.write(*event[1:3])
            else:
                ledger.take(event)
                cabinet = event[1] if event[0] == ledgers.WORLD else cabinet
        self.cut(ledger, cabinet, path + writes, events[chosen], name, depth + 1)
        self.put_back(path, [at for at, _ in writes])

    def write(self, at, after):
        self.view[at : at + len(after)] = after

    def put_back(self, path, addresses):
        """The sectors of these addresses as they were: ``current`` with the path on top."""
        touched = set([at // SECTOR for at in addresses])
        for sector in touched:
            at = sector * SECTOR
            self.write(at, self.current_view[at : at + SECTOR])
        for at, after in path:
            if at // SECTOR in touched:
                self.write(at, after)

    def report(self, problem, life, cut, what=""):
        kind, text = problem
        self.counts[kind] += 1
        self.violations.append([kind, text, life, cut, what])


def main():
    with open(sys.argv[1]) as file:
        order = json.load(file)
    worker = Worker(order)
    worker.work()
    answer = {
        "cuts": worker.cuts,
        "again": worker.again,
        "sites": worker.sites,
        "rot": {},
        "counts": worker.counts,
        "violations": worker.violations,
    }
    with open(order["out"], "w") as file:
        json.dump(answer, file)


main()
