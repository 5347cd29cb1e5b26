from locker.drivers.hc595 import GatedCoils, ShiftRegister
from ports import FakeCoils


class Line:
    """A pin object; tells the chain when its level changes."""

    def __init__(self, changed=None):
        self.level = 0
        self.changed = changed
        self.stuck = None

    def value(self, level=None):
        if level is None:
            return self.level if self.stuck is None else self.stuck
        rises = level and not self.level
        self.level = level
        if rises and self.changed and self.stuck is None:
            self.changed()
        return None


class Chain:
    """74HC595s in a row, at gate level: flip-flops, storage and QH'. Powers up with noise."""

    def __init__(self, chips=3):
        self.stages = 0xA5C396 & (1 << 8 * chips) - 1
        self.top = 8 * chips - 1
        self.stored = self.stages
        self.data = Line()
        self.clock = Line(self._shift)
        self.latch = Line(self._store)
        self.back = Line()
        self._show()

    @property
    def pins(self):
        return (self.data, self.clock, self.latch, self.back)

    def _shift(self):
        self.stages = (self.stages << 1 | self.data.value()) & ((2 << self.top) - 1)
        self._show()

    def _store(self):
        self.stored = self.stages

    def _show(self):
        self.back.level = self.stages >> self.top & 1


class Pulse(FakeCoils):
    """The fire line. Notes what stands in the storage register when the outputs open."""

    def __init__(self, chain):
        super().__init__()
        self.chain = chain
        self.opened = []
        self.warnings = []  # that a pulse is to come

    def fire(self, mask, on_ms):
        FakeCoils.fire(self, mask, on_ms)
        self.opened.append(self.chain.stored)


def make(doors=24):
    chain = Chain((doors + 7) // 8)
    pulse = Pulse(chain)
    before = pulse.warnings.append
    return chain, pulse, GatedCoils(pulse, ShiftRegister(chain.pins, doors), lambda: before(1))


def error_of(call, *arguments):
    try:
        call(*arguments)
    except (OSError, ValueError) as error:
        return type(error)
    return None


def test_nothing_is_chosen_after_power_on():
    chain, _, _ = make()
    assert chain.stored == 0


def test_each_door_is_alone_when_the_outputs_open():
    for doors in (1, 8, 9, 20, 24):
        chain, pulse, coils = make(doors)
        for door in range(doors):
            coils.fire(1 << door, 60)
            assert pulse.opened[-1] == 1 << door
            pulse.time += 60
            assert not coils.busy() and chain.stored == 0
            pulse.time += 600
        assert [shot[:2] for shot in pulse.fired] == [(1, 60)] * doors
        assert len(pulse.warnings) == doors


def test_masks_that_are_not_one_door_are_refused():
    chain, pulse, coils = make(20)
    for mask in (0, 3, -1, 1 << 20, 1 << 23, 1 << 24, 0xFFFFFF):
        assert error_of(coils.fire, mask, 60) is ValueError
    assert not pulse.fired and chain.stored == 0


def test_the_shift_register_holds_zeros_while_a_coil_is_on():
    chain, _, coils = make()
    coils.fire(1 << 5, 60)
    assert chain.stored == 1 << 5 and chain.stages == 0 and chain.data.level == 0


def test_any_line_that_is_stuck_is_found_before_firing():
    for name in ("data", "clock", "back"):
        for level in (0, 1):
            chain, pulse, coils = make()
            getattr(chain, name).stuck = level
            for door in (0, 7, 8, 23):
                assert error_of(coils.fire, 1 << door, 60) is OSError, (name, level, door)
            assert not pulse.fired


def test_a_wrong_number_of_registers_is_found_before_firing():
    for chips in (1, 2, 4):
        chain = Chain(chips)
        pulse = Pulse(chain)
        coils = GatedCoils(pulse, ShiftRegister(chain.pins, 24), lambda: None)
        for door in range(24):
            assert error_of(coils.fire, 1 << door, 60) is OSError
        assert not pulse.fired


def test_one_wrong_bit_is_found_and_leaves_nothing_chosen():
    for lost in range(12, 24):  # an earlier one has left the register by the end
        chain, pulse, coils = make()
        shift = chain.clock.changed
        count = [0]

        def spiky(chain=chain, shift=shift, count=count, lost=lost):
            if count[0] == lost:
                chain.stages ^= 1 << 11
            count[0] += 1
            shift()

        chain.clock.changed = spiky
        assert error_of(coils.fire, 1 << 3, 60) is OSError
        assert not pulse.fired and chain.stored == 0
        chain.clock.changed = shift
        coils.fire(1 << 3, 60)
        assert pulse.opened == [1 << 3]


def test_a_latch_line_that_breaks_leaves_no_earlier_door_ready():
    chain, pulse, coils = make()
    coils.fire(1 << 3, 60)
    pulse.time += 60
    assert not coils.busy()
    chain.latch.stuck = 0
    coils.fire(1 << 9, 60)  # QH' cannot see the storage register
    assert pulse.opened == [1 << 3, 0]


def test_a_running_pulse_keeps_its_door():
    chain, pulse, coils = make()
    coils.fire(1 << 2, 60)
    pulse.time += 30
    assert coils.busy()
    assert error_of(coils.fire, 1 << 4, 60) is OSError
    assert chain.stored == 1 << 2 and len(pulse.fired) == 1


def test_when_the_pulse_hardware_refuses_no_door_stays_chosen():
    chain, pulse, coils = make()
    pulse.broken = True
    assert error_of(coils.fire, 1 << 2, 60) is OSError
    assert chain.stored == 0


def test_abort_ends_the_pulse_and_chooses_nothing():
    chain, pulse, coils = make()
    coils.fire(1 << 2, 60)
    coils.abort()
    assert pulse.aborted == 1 and not coils.busy() and chain.stored == 0


def test_the_limit_is_that_of_the_pulse():
    assert make()[2].limit_ms == 200
