"""What a power cut may leave of a flash operation."""

import random
import sys
from pathlib import Path

import pytest

import power_cut

sys.path.append(str(Path(power_cut.__file__).parent / "on_unix"))

from flash import ERASE, PAGE, PROGRAM, SECTOR, Flash, both, torn  # noqa: E402
from ledger import BOOTED, STAGED, STAGING, SWAPPED, Ledger  # noqa: E402

OLD = bytes(range(256))
NEW = bytes(value & 0x5A for value in OLD)


def forms(data: bytearray, operation: tuple, count: int = 60) -> dict[str, bytes]:
    random.seed(1)
    found = {}
    for _ in range(count):
        form, at, after = torn(data, operation)
        assert at == operation[1] and len(after) == len(operation[2])
        found[form] = after
    return found


def test_programming_clears_bits_and_sets_none() -> None:
    assert both(b"\xff" * 4, b"\x12\x34\x56\x78") == b"\x12\x34\x56\x78"
    assert both(b"\x0f\xf0", b"\xff\x3c") == b"\x0f\x30"


def test_a_torn_program_lies_between_before_and_after() -> None:
    found = forms(bytearray(OLD), (PROGRAM, 0, NEW, "here"))
    assert set(found) == {"not_begun", "first_part", "some_bits", "not_told"}
    assert found["not_begun"] == OLD and found["not_told"] == NEW
    for form in ("first_part", "some_bits"):
        assert found[form] not in (OLD, NEW)
        assert all(
            n & ~t == 0 and t & ~o == 0 for o, t, n in zip(OLD, found[form], NEW, strict=True)
        )


def test_a_torn_erase_leaves_ruins() -> None:
    data = bytearray(OLD * (SECTOR // len(OLD)))
    found = forms(data, (ERASE, 0, b"\xff" * SECTOR, "here"))
    assert set(found) == {"not_begun", "first_part", "some_bits", "all_zero", "not_told"}
    assert found["all_zero"] == bytes(SECTOR)
    assert all(t & o == o for o, t in zip(data, found["some_bits"], strict=True))


def test_the_device_puts_down_each_page_and_who_wrote_it() -> None:
    flash = Flash(bytearray(b"\xff" * (2 * SECTOR)), lambda: "here")
    flash.writeblocks(1, b"\x11" * (2 * PAGE), PAGE)
    flash.ioctl(6, 1)
    assert [(kind, at, len(after)) for kind, at, after, _ in flash.trace] == [
        (PROGRAM, SECTOR + PAGE, PAGE),
        (PROGRAM, SECTOR + 2 * PAGE, PAGE),
        (ERASE, SECTOR, SECTOR),
    ]
    assert flash.data == b"\xff" * (2 * SECTOR)


def test_a_boot_that_reads_for_ever_ends() -> None:
    flash = Flash(bytearray(b"\xff" * SECTOR), lambda: "")
    buffer = bytearray(1)
    with pytest.raises(BaseException) as ended:
        while True:
            flash.readblocks(0, buffer)
    assert type(ended.value).__name__ == "Endless"


OF_1, OF_2 = ({"station.json": b'{"crc":"%d"}' % n, "main.py": b"%d" % n} for n in (1, 2))


@pytest.mark.parametrize(
    ("events", "files"),
    [
        (((STAGED, OF_2), (SWAPPED,), (BOOTED, 5, "2")), OF_2),
        (((SWAPPED,), (BOOTED, 5, "2")), OF_2),  # cut in the commit, which had come through
        (((BOOTED, 5, "1"),), OF_1),  # which had not
        (((BOOTED, 5, "2"),), OF_2),  # which had, and the next cut was in the last move
    ],
)
def test_which_version_a_station_owes(events: tuple, files: dict[str, bytes]) -> None:
    """Found by cut 603.580 of seed 2026: three cuts one after the other."""
    ledger = Ledger()
    for event in ((STAGING, OF_2, OF_1), *events):
        ledger.take(event)
    assert (ledger.files, ledger.staging, ledger.staged) == (files, {}, {})
