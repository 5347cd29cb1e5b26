"""Wear: counted, and how many years it leaves."""

from locker.core.wear import Wear

DAY_S = 86_400


def test_a_journal_write_is_an_erase_and_ten_cell_writes_are():
    wear = Wear(500)
    wear.count(journal_writes=30, cell_writes=25)
    assert wear.total == 532


def test_years_follow_from_the_rate_since_boot():
    wear = Wear(0)
    wear.blocks = 150
    wear.count(1000, 0)
    assert wear.years_left(3599) == -1
    assert wear.years_left(DAY_S) == 41  # 15 million erases, a thousand a day
    wear.count(0, 0)
    assert wear.years_left(DAY_S) == 999


def test_without_a_count_of_the_blocks_nothing_is_said():
    wear = Wear(0)
    wear.count(1000, 0)
    assert wear.years_left(DAY_S) == -1


def test_a_worn_out_flash_has_none_left():
    wear = Wear(20_000_000)
    wear.blocks = 150
    wear.count(10, 0)
    assert wear.years_left(DAY_S) == 0
