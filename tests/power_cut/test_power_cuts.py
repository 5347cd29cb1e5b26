"""`make power-cuts` and `make bit-rot` with little work, and that they can fail."""

import re
import subprocess
import sys

import pytest

RESULT = re.compile(
    r"cuts=(\d+) sites=(\d+) lost=(\d+) replayed=(\d+) mixed=(\d+) unbootable=(\d+)\n\Z"
)
ROT = re.compile(
    r"flips=(\d+) refused=(\d+) named=(\d+) harmless=(\d+)"
    r" seen_by_host=(\d+) silently_used=(\d+)\n\Z"
)
AGAIN = re.compile(r"make power-cuts SEED=42 ONLY=(\d+\.\d+)")
KINDS = ("lost", "replayed", "mixed", "unbootable")


def power_cuts(*arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "power_cut", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=600, check=False)
    return done.returncode, done.stdout


def test_no_cut_breaks_a_promise() -> None:
    code, said = power_cuts("--cuts", "1000", "--sites")
    found = RESULT.search(said)
    assert found and code == 0, said
    cuts, sites, *broken = (int(text) for text in found.groups())
    assert (cuts, broken) == (1000, [0, 0, 0, 0])
    listed = {line.split(maxsplit=1)[1] for line in said.splitlines() if " > " in line}
    assert sites > 30 and len(listed) > 25
    for site in ("Cells.save", "Journal._append", "BootCount._write"):
        assert any(name.endswith(site) for name in listed), site
    assert "program swap.finish" in said


@pytest.mark.parametrize(
    ("broken", "kind"),
    [
        ("late_claim", "unbootable"),  # the journal knows of it, and the station stays locked
        ("late_lockout", "lost"),
        ("unkept_boot", "replayed"),
        ("one_copy", "unbootable"),
        ("two_steps", "mixed"),
        ("unseen_file", "unbootable"),  # a mixed version is refused, its code.crc does not fit
        ("blind_start", "lost"),
    ],
)
def test_what_is_broken_on_purpose_is_seen(broken: str, kind: str) -> None:
    code, said = power_cuts("--cuts", "800", "--break", broken)
    found = RESULT.search(said)
    assert found and code == 1, said
    assert int(found[3 + KINDS.index(kind)]) > 0
    assert f"FAILED, {kind}: " in said


def test_a_failure_can_be_seen_again() -> None:
    _, said = power_cuts("--cuts", "600", "--break", "late_claim")
    named = AGAIN.search(said)
    assert named, said
    code, said = power_cuts("--only", named[1], "--break", "late_claim")
    assert code == 1 and "FAILED, unbootable: " in said
    assert power_cuts("--only", named[1])[0] == 0


def test_the_seed_alone_decides() -> None:
    runs = [power_cuts("--cuts", "150", "--seed", seed, "--sites")[1] for seed in ("7", "7", "8")]
    first, again, other = (run.splitlines()[:-2] for run in runs)
    assert first == again != other


def test_flipped_bits_are_sorted_by_what_becomes_of_them() -> None:
    # One in 25 is named, and which ones also follows from the times in littlefs.
    code, said = power_cuts("--flips", "500")
    found = ROT.search(said)
    assert found and code == 0, said
    flips, *fates = (int(text) for text in found.groups())
    assert flips == sum(fates) == 500
    assert fates[0] and fates[1], "some must be refused, some be named"
    assert fates[-1] == 0, "and none be used"


def test_flipped_bits_that_nobody_looks_for_are_used() -> None:
    code, said = power_cuts("--flips", "900", "--break", "no_crc")
    assert code == 1
    assert "FAILED, silently_used: record" in said


def test_a_folder_that_falls_back_is_used_when_the_other_does_not_know() -> None:
    code, said = power_cuts("--flips", "1000", "--seed", "2", "--break", "no_anchors")
    assert code == 1
    assert "FAILED, silently_used: cell " in said


def test_altered_code_is_used_when_no_start_checks_it() -> None:
    code, said = power_cuts("--flips", "600", "--break", "unchecked_code")
    assert code == 1
    assert "FAILED, silently_used: code is another" in said
