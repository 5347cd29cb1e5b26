"""Plays hours of faults against the firmware: python -m simulation --hours 50 --seed 7."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree

from lockerctl.build import FIRMWARE
from lockerctl.trusted import REPO
from simulation.breaks import BREAKS
from simulation.vendored import use_umqtt
from virtual import mutants

_EPISODE_H = 5.0
_ROT_EVERY = 5  # bits flip in every fifth episode only: afterwards much is excused
_REPORTS = REPO / "build" / "simulation"


@dataclass(frozen=True)
class Job:
    """One episode to play."""

    seed: str
    hours: float
    rot: bool
    reduces: bool


@dataclass(frozen=True)
class Done:
    """What a process reports of an episode. took_s, cpu_s: its own."""

    job: Job
    passed_s: float
    pickups: int
    faults: int
    moments: int
    violations: tuple[str, ...]
    misfits: frozenset[str]
    scenario: str
    took_s: float
    cpu_s: float


def jobs(seed: str, hours: float, reduces: bool) -> Iterator[Job]:
    """Episodes that last as long together."""
    number = 0
    while hours > 0:
        length = min(_EPISODE_H, hours)
        rot = number % _ROT_EVERY == _ROT_EVERY - 1
        yield Job(f"{seed}/{number}", length, rot, reduces)
        hours -= length
        number += 1


def play(job: Job) -> Done:
    """In a process of its own; what goes wrong is reduced to a scenario file there."""
    from simulation import (
        episode,
        plan,
        quiet,
        reduce,
    )  # the firmware, which a --break has changed

    events = plan.episode(job.seed, job.hours, 8, job.rot)
    began, cpu = time.perf_counter(), time.process_time()
    outcome = episode.play(job.seed, events, job.hours)
    took_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu
    path = ""
    if outcome.violations and job.reduces:
        seen = outcome.violations[0]
        few = reduce.shrink(job.seed, events, job.hours, seen)
        file = _REPORTS / f"{job.seed.replace('/', '-')}.json"
        reduce.write(file, job.seed, few, seen)
        path = str(file.relative_to(REPO))
    return Done(
        job,
        outcome.passed_ms / 1000,
        outcome.pickups,
        outcome.faults,
        outcome.moments,
        tuple(map(str, outcome.violations)),
        frozenset(quiet.misfits),
        path,
        took_s,
        cpu_s,
    )


def run(todo: list[Job], processes: int) -> int:
    """All episodes; 1 when there was a violation."""
    began = time.perf_counter()
    done: list[Done] = []
    with ProcessPoolExecutor(processes) as pool:
        for one in pool.map(play, todo):
            done.append(one)
            for text in one.violations:
                print(f"violation in episode {one.job.seed}: {text}")
            if one.scenario:
                print(f"  reduced to {one.scenario}: make simulate SCENARIO={one.scenario}")
    for text in sorted(set().union(*(one.misfits for one in done))):
        print(f"slow: simulation/quiet.py does not fit the firmware: {text}")
    _report(done, time.perf_counter() - began, processes)
    return int(any(one.violations for one in done))


def _report(done: list[Done], wall_s: float, processes: int) -> None:
    passed_s = sum(one.passed_s for one in done)
    took_s = sum(one.took_s for one in done)
    cpu_s = sum(one.cpu_s for one in done)
    print(
        f"by the clock on the wall: one process {passed_s / took_s:.0f}x real time, "
        f"{processes} together {passed_s / wall_s:.0f}x; below, one process by its CPU time"
    )
    print(
        f"hours={passed_s / 3600:.1f} pickups={sum(one.pickups for one in done)} "
        f"faults={sum(one.faults for one in done)} "
        f"violations={sum(len(one.violations) for one in done)} "
        f"speed={passed_s / cpu_s:.0f}x "
        f"events_per_s={sum(one.moments for one in done) / cpu_s:.0f}"
    )


def run_broken(name: str, arguments: list[str]) -> int:
    """The same with firmware that is wrong on purpose, in a process that imports it instead."""
    with tempfile.TemporaryDirectory(prefix="latchwork-break-") as place:
        source = Path(place) / "firmware"
        copytree(FIRMWARE, source)
        mutants.apply(mutants.named(name, BREAKS), source)
        env = os.environ | {"PYTHONPATH": os.pathsep.join((str(source), str(REPO / "host_tools")))}
        command = [sys.executable, "-m", "simulation", *arguments]
        return subprocess.run(command, env=env, check=False).returncode


def run_scenario(path: Path) -> int:
    """One scenario file."""
    from simulation import reduce

    outcome = reduce.play_file(path)
    for violation in outcome.violations:
        print(violation)
    print(f"scenario={path.name} violations={len(outcome.violations)}")
    return int(bool(outcome.violations))


def main() -> int:
    """See --help."""
    parser = argparse.ArgumentParser(prog="simulation", description=__doc__)
    parser.add_argument("--hours", type=float, default=50.0, help="station hours (default 50)")
    parser.add_argument("--seed", default="1", help="any text; the same one plays the same")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--break", dest="broken", choices=sorted(BREAKS), help="wrong firmware")
    parser.add_argument("--whole", action="store_true", help="reduce no failing episode")
    parser.add_argument("--scenario", type=Path, help="play this file instead")
    given = parser.parse_args()
    if given.broken:
        arguments = ["--hours", str(given.hours), "--seed", given.seed]
        arguments += ["--processes", str(given.processes)] + ["--whole"] * given.whole
        arguments += ["--scenario", str(given.scenario)] if given.scenario else []
        return run_broken(given.broken, arguments)
    use_umqtt()
    if given.scenario:
        return run_scenario(given.scenario)
    return run(list(jobs(given.seed, given.hours, not given.whole)), given.processes)


if __name__ == "__main__":
    sys.exit(main())
