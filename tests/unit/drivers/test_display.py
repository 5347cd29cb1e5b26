from locker.drivers.display import Display
from ports import FakeBus, FakeLcd

STEP_MS = 10


def run(display, from_ms, until_ms, step_ms=STEP_MS):
    more = True
    for now in range(from_ms, until_ms, step_ms):
        more = display.step(now)
    return more


def make(columns=20, rows=4):
    lcd = FakeLcd(columns, rows)
    bus = FakeBus(lcd=lcd)
    return Display(bus, lcd.address, columns, rows, 0), lcd, bus


def padded(lines, columns=20, rows=4):
    return [(lines[i] if i < len(lines) else "") + " " * columns for i in range(rows)]


def shows(lcd, lines):
    expected = [line[: lcd.columns] for line in padded(lines, lcd.columns, lcd.rows)]
    return lcd.on and lcd.lines_shown() == expected


def test_text_appears_on_both_geometries():
    for columns, rows in ((20, 4), (16, 2)):
        display, lcd, _bus = make(columns, rows)
        lines = ["abcdefghijklmnopqrst"[:columns], "second", "", "fourth line"][:rows]
        display.show(lines)
        assert run(display, 0, 400) is False
        assert display.ok and shows(lcd, lines)


def test_start_follows_the_data_sheet():
    display, lcd, bus = make()
    sent_at = []
    for now in range(120):
        before = len(bus.transfers)
        display.step(now)
        if len(bus.transfers) > before:
            sent_at.append(now)
    assert lcd.instructions[:8] == [0x30, 0x30, 0x30, 0x20, 0x28, 0x06, 0x01, 0x0C]
    assert sent_at[0] >= 40 and sent_at[1] - sent_at[0] >= 5


def test_one_step_never_holds_the_bus_for_5_ms_at_100_khz():
    display, _lcd, bus = make()
    for text in ("x", "y", "abc"):
        display.show([text * 20] * 4)
        run(display, 0, 500)
    assert max(bus.transfers) * 9 * 10 <= 5_000


def test_each_step_makes_at_most_one_transfer():
    display, _lcd, bus = make()
    display.show(["hello"] * 4)
    for now in range(0, 500, STEP_MS):
        before = len(bus.transfers)
        display.step(now)
        assert len(bus.transfers) - before <= 1


def test_only_what_changed_is_sent():
    display, lcd, bus = make()
    display.show(["Door 1", "code: ____"])
    run(display, 0, 400)
    before = len(bus.transfers)
    display.show(["Door 1", "code: *___"])
    assert display.step(400) is False
    assert shows(lcd, ["Door 1", "code: *___"])
    assert bus.transfers[before:] == [9]  # address byte, set-address, one character


def test_characters_that_the_display_lacks_become_question_marks():
    display, lcd, _bus = make()
    display.show(["caf\u00e9 \u2713 \n~", "tab\there"])
    run(display, 0, 400)
    assert shows(lcd, ["caf? ? ??", "tab?here"])


def test_long_and_surplus_lines_are_cut():
    display, lcd, _bus = make(16, 2)
    display.show(["0123456789abcdefXYZ", "two", "three", "four", "five"])
    run(display, 0, 400)
    assert shows(lcd, ["0123456789abcdef", "two"])


def test_missing_display_is_retried_every_5_s_and_comes_back():
    display, lcd, bus = make()
    lcd.present = False
    display.show(["waiting"])
    assert run(display, 0, 10_000) is False
    assert not display.ok
    assert len(bus.transfers) == 2
    lcd.present = True
    run(display, 10_000, 16_000)
    assert display.ok and shows(lcd, ["waiting"])


def test_display_that_is_unplugged_while_idle_is_noticed():
    display, lcd, _bus = make()
    display.show(["hello"])
    run(display, 0, 400)
    lcd.present = False
    run(display, 400, 3_000)
    assert not display.ok
    lcd.present = True
    lcd.power_cycle()
    run(display, 3_000, 9_000)
    assert display.ok and shows(lcd, ["hello"])


def test_lost_half_byte_is_healed_within_a_minute():
    display, lcd, _bus = make()
    display.show(["hello"])
    run(display, 0, 400)
    lcd._nibble(0x4, 1)
    display.show(["world", "again"])
    run(display, 400, 600)
    assert not shows(lcd, ["world", "again"])
    run(display, 600, 62_000)
    assert display.ok and shows(lcd, ["world", "again"])


def test_blank_cells_are_not_sent_at_the_start_and_nobody_sees_a_resynchronisation():
    display, lcd, bus = make()
    display.show(["hello"])
    run(display, 0, 400)
    assert len(bus.transfers) == 3 + 1 + 1 + 1, "bytes of the start, display on, the text"
    for now in range(400, 62_000, STEP_MS):
        display.step(now)
        assert shows(lcd, ["hello"])
    assert lcd.instructions.count(0x0C) == 2


def test_error_in_the_middle_of_a_text_sends_the_whole_text_again():
    display, lcd, _bus = make()
    display.show(["first line", "second line"])
    run(display, 0, 140)
    lcd.present = False
    display.show(["another", "text"])
    run(display, 140, 400)
    lcd.present = True
    run(display, 400, 6_000)
    assert shows(lcd, ["another", "text"])


def test_works_across_the_wrap_and_after_weeks_without_a_change():
    display, lcd, _bus = make()
    display.show(["hello"])
    start = (1 << 30) - 60
    for ms in range(0, 400, STEP_MS):
        display.step((start + ms) & 0x3FFFFFFF)
    assert shows(lcd, ["hello"])
    display.show(["later"])
    for ms in range(0, 400, STEP_MS):
        display.step((start + (1 << 29) + 5_000 + ms) & 0x3FFFFFFF)
    assert shows(lcd, ["later"])


def test_drawn_letters_are_sent_before_the_text_and_again_after_a_restart():
    display, lcd, bus = make()
    shapes = bytes([1, 2, 3, 4, 5, 6, 7, 0, 8, 9, 10, 11, 12, 13, 14, 0])
    display.draw(shapes)
    display.show(["\x00ber \x01"])
    assert run(display, 0, 400) is False
    assert bytes(lcd.glyphs[:16]) == shapes and shows(lcd, ["\x00ber \x01"])
    assert max(bus.transfers) * 9 * 10 <= 5_000
    lcd.power_cycle()
    lcd.present = False
    run(display, 400, 3_000)
    lcd.present = True
    run(display, 3_000, 9_000)
    assert bytes(lcd.glyphs[:16]) == shapes and shows(lcd, ["\x00ber \x01"])


def test_a_language_without_letters_of_its_own_sends_none():
    display, lcd, _bus = make()
    display.show(["plain"])
    run(display, 0, 400)
    assert not any(instruction & 0xC0 == 0x40 for instruction in lcd.instructions)
