"""Steps that are left out change nothing: the same run with every step taken is the same run."""

import hashlib
from pathlib import Path

import pytest

from simulation import episode, plan, quiet
from simulation.plan import Event
from simulation.rig import Rig


def shortened(seed: str, hours: float, apart_ms: float) -> list[Event]:
    """The events of a plan, moved together: what is between them costs time and shows little."""
    events = plan.episode(seed, hours, 8)
    return [
        Event(i * apart_ms, e.do, e.door, min(e.for_ms, 30_000.0), e.n)
        for i, e in enumerate(events)
    ]


def play(monkeypatch: pytest.MonkeyPatch, seed: str, skips: bool) -> tuple[str, list[str]]:
    """What was on flash at the end, and everything that the bench saw."""
    flash = hashlib.sha256()
    seen: list[str] = []
    outcome = episode._Episode.outcome

    def and_look(self: episode._Episode) -> episode.Outcome:
        rig: Rig = self._rig
        for path in sorted(rig.folder.rglob("*")):
            if path.is_file():
                flash.update(path.name.encode() + path.read_bytes())
        cabinet = rig.bench.cabinet
        seen.extend(map(str, [*cabinet.pulses, *cabinet.movements, *rig.bench.signals.log]))
        seen.extend(f"{seq} {event}" for seq, event in sorted(self._host.heard.items()))
        seen.extend(rig.bench.display.lines())
        return outcome(self)

    monkeypatch.setattr(episode._Episode, "outcome", and_look)
    done = episode.play(seed, shortened(seed, 1, 8_000.0)[:40], 0.1, skips)
    monkeypatch.undo()
    return flash.hexdigest(), seen + done.diary + [str(v) for v in done.violations]


# In 1, 3 and 4 a message of the host is longer by a byte than what the station reads at once.
@pytest.mark.parametrize("seed", ["skip/1", "skip/2", "skip/3", "skip/4"])
def test_a_run_with_and_without_idle_steps_is_the_same(
    monkeypatch: pytest.MonkeyPatch, seed: str
) -> None:
    short = play(monkeypatch, seed, skips=True)
    whole = play(monkeypatch, seed, skips=False)
    assert len(short[1]) > 100
    for one, other in zip(short[1], whole[1], strict=False):
        assert one == other
    assert short == whole


def test_the_same_seed_plays_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    assert play(monkeypatch, "again", True) == play(monkeypatch, "again", True)


def test_every_rule_of_idleness_fits_the_firmware() -> None:
    quiet.misfits.clear()
    episode.play("fits", shortened("fits", 1, 8_000.0)[:20], 0.1)
    assert not quiet.misfits


def test_scenarios_hold(scenario: Path) -> None:
    """Files that reduce.py has written: each was a violation once."""
    from simulation import reduce

    assert reduce.play_file(scenario).violations == []


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "scenario" in metafunc.fixturenames:
        files = sorted((Path(__file__).parent / "scenarios").glob("*.json"))
        metafunc.parametrize("scenario", files, ids=[file.stem for file in files])
