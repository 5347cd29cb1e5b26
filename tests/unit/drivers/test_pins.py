from locker.drivers.keypad import Keypad
from locker.drivers.pins import PinMatrix, PinSignals, fitted, gather, runs


class Wire:
    """A net with a pull-up: low when any open-drain output on it is low."""

    def __init__(self):
        self.level = 1
        self.joined = []

    def value(self, x=None):
        if x is None:
            return 0 if self.level == 0 or any([wire.level == 0 for wire in self.joined]) else 1
        self.level = x
        return None


class SlowWire(Wire):
    """Reads low a few times more after it was let go."""

    late = 0

    def value(self, x=None):
        level = Wire.value(self)
        if level == 0:
            self.late = 3
        elif self.late:
            self.late -= 1
            return 0
        return level


def matrix(column_type=Wire):
    rows = [Wire() for _ in range(4)]
    columns = [column_type() for _ in range(3)]
    help_wire = Wire()
    return PinMatrix(rows, columns, help_wire), rows, columns, help_wire


def test_neighbours_become_one_run():
    assert runs([6, 7, 8, 9]) == ((6, 15, 0),)
    assert runs([0, 1]) == ((0, 3, 0),)


def test_scattered_and_missing_pins():
    assert runs([9, 8]) == ((9, 1, 0), (8, 1, 1))
    assert runs([5, None, 7, 8]) == ((5, 1, 0), (7, 3, 2))
    assert runs([5, 6, None, 7]) == ((5, 3, 0), (7, 1, 3))
    assert runs([None, None]) == ()


def test_second_register():
    assert runs([34, 36], 32) == ((2, 1, 0), (4, 1, 1))
    assert runs([34, 4], 0) == ((4, 1, 1),)


def test_gather_agrees_with_reading_pin_by_pin():
    for pins in ([6, 7, 8, 9], [9, 8, 7, 6], [0, 28, 5, None, 6, 7], [27], list(range(24))):
        where = runs(pins)
        for level in (0, 0x3FFFFFFF, 0x15555555, 0x2AAAAAAA, 0x12345678):
            bits = 0
            for index, pin in enumerate(pins):
                if pin is not None and level >> pin & 1:
                    bits |= 1 << index
            assert gather(level, where) == bits


def test_fitted_marks_the_doors_that_have_a_pin():
    assert fitted([4, None, 0]) == 5


def test_matrix_reads_the_row_that_it_drives():
    keys, rows, columns, _help = matrix()
    columns[2].joined.append(rows[1])
    assert [keys.columns(row) for row in range(4)] == [0, 4, 0, 0]
    assert [row.level for row in rows] == [1, 1, 1, 1]


def test_one_look_at_all_rows_tells_that_nobody_types():
    keys, rows, columns, help_wire = matrix()
    assert not keys.any_down() and [row.level for row in rows] == [0, 0, 0, 0]
    columns[1].joined.append(rows[2])
    assert keys.any_down()
    assert [keys.columns(row) for row in range(4)] == [0, 0, 2, 0], "one row at a time again"
    assert keys.any_down(), "and all rows again"
    columns[1].joined.clear()
    assert not keys.any_down()
    help_wire.level = 0
    assert keys.any_down()


def test_keys_are_found_with_the_jumper_set():
    keys, rows, columns, help_wire = matrix()
    help_wire.joined.append(rows[3])
    columns[0].joined.append(rows[0])
    assert keys.any_down(), "help follows the last row, which is low"
    assert not keys.help_down(), "as the keypad asks for it, before the rows"
    assert [keys.columns(row) for row in range(4)] == [1, 0, 0, 0] and not keys.help_down()


def test_a_keypad_takes_the_jumper_for_no_key():
    keys, rows, columns, help_wire = matrix()
    help_wire.joined.append(rows[3])
    keypad = Keypad(keys)
    for ms in range(0, 40_000, 10):
        keypad.scan(ms)
    assert keypad.take() == keypad.stuck == ""
    columns[2].joined.append(rows[1])
    for ms in range(40_000, 40_050, 10):
        keypad.scan(ms)
    assert keypad.take() == "6" and keypad.take() == ""


def test_slow_column_does_not_leak_into_the_next_row():
    keys, rows, columns, _help = matrix(SlowWire)
    columns[0].joined.append(rows[0])
    assert [keys.columns(row) for row in range(4)] == [1, 0, 0, 0]


def test_column_stuck_low_does_not_hang():
    keys, _rows, columns, _help = matrix()
    columns[1].level = 0
    assert [keys.columns(row) for row in range(4)] == [2, 2, 2, 2]


def test_jumper_is_told_from_the_help_button():
    keys, rows, _columns, help_wire = matrix()
    assert not keys.jumper_set() and not keys.help_down()
    help_wire.joined.append(rows[3])
    assert keys.jumper_set() and not keys.help_down()
    help_wire.joined.clear()
    help_wire.level = 0
    assert keys.help_down() and not keys.jumper_set()
    assert rows[3].level == 1


def test_signals_are_active_high():
    red, green, beeper = Wire(), Wire(), Wire()
    signals = PinSignals(red, green, beeper)
    signals.lamps(True, False)
    signals.beep(False)
    assert (red.level, green.level, beeper.level) == (1, 0, 0)
