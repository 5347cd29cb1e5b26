"""Whatever is typed, and wherever the clock goes: a person's step is taken once, and only with a
code of that person.
"""

from hashlib import sha1

from hypothesis import given
from hypothesis import strategies as st

from locker.core import access, faults, people, window
from locker.core.mac import Mac

ROOT = bytes(range(32))
NOW = 210_000_000
GENERATION = 2

offsets = st.integers(-40, 40)  # steps around NOW, of the clock and of the app
attempts = st.lists(
    st.tuples(offsets, offsets, st.booleans(), st.booleans(), st.integers(0, 1500)), max_size=12
)


def shown(step: int, silent: bool) -> str:
    mac = Mac(people.key(ROOT, 3, GENERATION, silent), sha1)
    return f"{people.rotating_code(mac, step):08d}"


@given(attempts)
def test_a_step_is_taken_once_wherever_the_clock_goes(tries):
    memory = bytearray(people.BYTES)
    row = (people.STAFF, GENERATION, NOW + 86_400, 127, 0, 96, 0, people.UNLIMITED)
    people.write(memory, 3, people.Grant(row), 0)
    taken: set[int] = set()
    for clock_at, app_at, silent, pair, uncertainty in tries:
        now_s = NOW + clock_at * window.STEP_S
        step = NOW // window.STEP_S + app_at
        digits = "903" + shown(step, silent) + (shown(step + 1, silent) if pair else "")
        entry = access.parse(digits, 8)[1]
        assert entry is not None
        grant, mark = people.read(memory, 3)
        moment = access.Moment(now_s, uncertainty, True)
        fault, used, alarm = people.judge(entry, ROOT, grant, mark, moment)
        if fault:
            assert fault in (faults.WRONG_CODE, faults.CODE_REPLAYED)
            continue
        steps = {step, step + 1} if pair else {step}
        assert used == max(steps) and alarm == silent and not steps & taken
        assert used > mark
        assert min(steps) in people.steps(entry, moment)
        taken |= steps
        people.write(memory, 3, grant, used)


@given(st.integers(0, 10**8 - 1), st.integers(1, 9), st.integers(0, 600))
def test_a_code_of_somebody_else_is_of_no_use(code, place, uncertainty):
    entry = access.parse(f"90{place}{code:08d}", 8)[1]
    assert entry is not None
    moment = access.Moment(NOW, uncertainty, True)
    row = (people.STAFF, GENERATION, NOW + 86_400, 127, 0, 96, 0, people.UNLIMITED)
    fault, step, _ = people.judge(entry, ROOT, people.Grant(row), 0, moment)
    mine = {
        people.rotating_code(Mac(people.key(ROOT, place, GENERATION, silent), sha1), at)
        for silent in (False, True)
        for at in people.steps(entry, moment)
    }
    assert (fault == faults.NONE) == (code in mine) == bool(step)
