from locker.drivers.keypad import KEYS, Keypad
from ports import FakeMatrix

SCAN_MS = 10


def play(keypad, matrix, timeline, until_ms, start_ms=0):
    """Scan every 10 ms; timeline: (ms, "down" or "up", key). Returns the keys reported."""
    keys = ""
    for ms in range(0, until_ms, SCAN_MS):
        for at_ms, what, key in timeline:
            if at_ms == ms:
                (matrix.down.add if what == "down" else matrix.down.discard)(key)
        keypad.scan((start_ms + ms) & 0x3FFFFFFF)
        keys += keypad.take()
    return keys


def test_each_key_is_reported_once_when_pressed():
    for key in "123456789*0#?":
        matrix = FakeMatrix()
        timeline = ((20, "down", key), (200, "up", key))
        assert play(Keypad(matrix), matrix, timeline, 400) == key


def test_one_scan_is_no_key_press():
    matrix = FakeMatrix()
    assert play(Keypad(matrix), matrix, ((20, "down", "5"), (30, "up", "5")), 100) == ""


def test_bouncing_on_press_and_release_gives_one_press():
    matrix = FakeMatrix()
    bounce = []
    for start in (20, 200):
        for i in range(6):
            bounce.append((start + 10 * i, "down" if i % 2 == 0 else "up", "7"))
    bounce.append((80, "down", "7"))
    bounce.append((260, "up", "7"))
    assert play(Keypad(matrix), matrix, bounce, 400) == "7"


def test_typing_twelve_keys_a_second_loses_none():
    matrix = FakeMatrix()
    text = "0123456789*#?1122334455"
    timeline = []
    for i, key in enumerate(text):
        timeline.append((80 * i + 10, "down", key))
        timeline.append((80 * i + 50, "up", key))
    assert play(Keypad(matrix), matrix, timeline, 80 * len(text) + 100) == text


def test_overlapping_keys_come_in_order():
    matrix = FakeMatrix()
    timeline = ((10, "down", "1"), (50, "down", "2"), (80, "up", "1"), (100, "down", "8"))
    timeline += ((120, "up", "2"), (180, "up", "8"))
    assert play(Keypad(matrix), matrix, timeline, 300) == "128"


def test_two_keys_in_one_scan_are_both_reported():
    matrix = FakeMatrix()
    assert play(Keypad(matrix), matrix, ((10, "down", "4"), (10, "down", "9")), 100) == "49"


def test_three_corners_give_no_phantom_key():
    matrix = FakeMatrix()
    timeline = ((10, "down", "1"), (50, "down", "3"), (90, "down", "7"))
    assert play(Keypad(matrix), matrix, timeline, 300) == "13"


def test_real_key_is_taken_when_the_ghost_is_gone():
    matrix = FakeMatrix()
    timeline = ((10, "down", "1"), (50, "down", "3"), (90, "down", "7"), (150, "up", "1"))
    assert play(Keypad(matrix), matrix, timeline, 300) == "137"


def test_keys_that_nobody_takes_are_bounded():
    matrix = FakeMatrix()
    keypad = Keypad(matrix)
    for i in range(200):
        matrix.down = {KEYS[i // 4 % 3]} if i % 4 < 2 else set()
        keypad.scan(10 * i)
    taken = ""
    while key := keypad.take():
        taken += key
    assert taken == "123" * 4, "the first twelve, in their order"


def test_keys_pressed_in_a_long_step_are_taken_after_it():
    matrix = FakeMatrix()
    keypad = Keypad(matrix)
    for i in range(12):
        matrix.down = {"7"} if i % 4 < 2 else set()
        keypad.scan(10 * i)
    assert [keypad.take() for _ in range(4)] == ["7", "7", "7", ""]


def test_a_key_is_stuck_from_thirty_seconds_on_until_it_is_let_go():
    matrix = FakeMatrix()
    keypad = Keypad(matrix)
    play(keypad, matrix, ((0, "down", "6"),), 29_000)
    assert keypad.stuck == ""
    play(keypad, matrix, (), 2_000, 29_000)
    assert keypad.stuck == "6"
    play(keypad, matrix, (), 40_000, 31_000)
    assert keypad.stuck == "6"
    play(keypad, matrix, ((0, "up", "6"),), 1_000, 71_000)
    assert keypad.stuck == ""


def test_typing_goes_on_beside_a_stuck_key():
    matrix = FakeMatrix()
    keypad = Keypad(matrix)
    play(keypad, matrix, ((0, "down", "*"),), 31_000)
    timeline = ((0, "down", "1"), (60, "up", "1"), (90, "down", "5"), (150, "up", "5"))
    assert play(keypad, matrix, timeline, 300, 31_000) == "15"


def test_stuck_time_survives_the_wrap_of_ticks():
    matrix = FakeMatrix()
    keypad = Keypad(matrix)
    play(keypad, matrix, ((0, "down", "6"),), 31_000, (1 << 30) - 15_000)
    assert keypad.stuck == "6"


class Interrupting:
    """A matrix whose look at the keys a timer interrupts with another scan."""

    def __init__(self, matrix):
        self._matrix = matrix
        self.keypad = None
        self.depth = 0

    def any_down(self):
        self.depth += 1
        assert self.depth == 1, "what the rows are at would be another's"
        self.keypad.scan(0)
        self.depth -= 1
        return self._matrix.any_down()

    def columns(self, row):
        return self._matrix.columns(row)

    def help_down(self):
        return self._matrix.help_down()


def test_a_scan_is_not_interrupted_by_another():
    matrix = FakeMatrix()
    interrupting = Interrupting(matrix)
    interrupting.keypad = Keypad(interrupting)
    assert play(interrupting.keypad, matrix, ((20, "down", "5"), (90, "up", "5")), 200) == "5"


def test_a_scan_that_fails_is_not_the_last():
    matrix = FakeMatrix()
    keypad = Keypad(matrix)
    matrix.any_down = None
    try:
        keypad.scan(0)
        raise AssertionError("nothing to call")
    except TypeError:
        pass
    del matrix.any_down
    assert play(keypad, matrix, ((20, "down", "5"), (90, "up", "5")), 200, 100) == "5"
