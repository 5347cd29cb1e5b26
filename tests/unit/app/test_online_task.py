"""People first, then the radio, then the network's modules; no step of it while a coil is on."""

from locker.app import boot_guard, online


class Station:
    """The parts that the task asks, in one; its link, panel and reactor too."""

    def __init__(self):
        self.hal = self.link = self.session = self.solenoid = self
        self.is_shown = self.is_on = self.is_open = False
        self.radio_shares_heap = False
        self.joins = 0
        self.error = None
        self.replaced = []

    def busy(self):
        return self.is_on

    def configure(self, wifi):
        self.wifi = wifi

    def join(self):
        assert not self.is_open, "nobody types yet"
        self.joins += 1
        if self.error:
            raise self.error

    def close(self):
        self.is_open = False

    def open(self):
        self.is_open = True

    def step(self, now):
        self.join()  # as the report task does that takes over

    def replace(self, task, by):
        self.replaced.append((task, by))


def make():
    station = Station()
    room, modules = boot_guard.room[:], online._MODULES
    task = online.OnlineTask(station, None, station, b"k", {"wifi": {"ssid": "net"}}, station)
    online._MODULES = ("sys",) * len(modules)
    task._report = lambda: station
    return station, task, (room, modules)


def put_back(kept):
    boot_guard.room[:], online._MODULES = kept


def run(task, now, steps):
    """As the reactor does: not after it has been replaced."""
    for step in range(steps):
        if not task._reactor.replaced:
            task.step(now + step * 10)


def test_the_radio_waits_for_the_display_and_people_for_the_radio():
    station, task, kept = make()
    run(task, 0, 50)
    assert station.joins == 0 and not station.is_open
    station.is_shown = True
    run(task, 500, 1)
    assert station.joins == 1 and station.is_open and station.wifi == {"ssid": "net"}
    assert task._joins_since == 500
    run(task, 510, 50)
    assert station.joins == 1 and station.replaced == [(task, station)]
    put_back(kept)


def test_no_step_while_a_coil_is_on_or_something_is_to_be_read():
    station, task, kept = make()
    station.is_shown = True
    run(task, 0, 2)
    for wait in ("is_on", "is_shown"):
        setattr(station, wait, wait == "is_on")
        before = task._stage
        run(task, 100, 50)
        assert task._stage == before
        setattr(station, wait, wait != "is_on")
    run(task, 700, 50)
    assert station.replaced
    put_back(kept)


def test_a_radio_that_refuses_is_left_to_the_keeper_of_the_link():
    station, task, kept = make()
    station.is_shown, station.error = True, OSError(5)
    run(task, 0, 50)
    assert station.is_open and task._joins_since is None and station.replaced
    put_back(kept)


def test_what_fails_is_tried_again_later_and_people_are_served():
    station, task, kept = make()
    station.is_shown = True

    def fails():
        raise MemoryError

    task._report = fails
    failed_at = None
    for now in range(0, 1_000, 10):
        try:
            task.step(now)
        except MemoryError:
            assert failed_at is None, "not at once"
            failed_at = now
            task.recover(now)
    task._report = lambda: station
    run(task, failed_at + 299_000, 50)
    assert station.is_open and not station.replaced
    run(task, failed_at + 300_000, 50)
    assert station.replaced and station.joins == 1
    put_back(kept)


def test_where_the_radio_shares_the_heap_it_comes_last():
    station, task, kept = make()
    station.is_shown = station.radio_shares_heap = True
    run(task, 0, 11)
    assert station.joins == 0 and not station.is_open and not station.replaced
    run(task, 120, 50)
    assert station.joins == 1 and station.is_open and station.replaced and station.wifi
    put_back(kept)
