"""Who runs when, and what a step that raises does to the others."""

from locker.app.reactor import Reactor


class Station:
    """A clock that only the tasks move, and what happened."""

    def __init__(self):
        self.now = 0
        self.log = []
        self.reactor = Reactor(lambda: self.now, self.failed)

    def failed(self, slot, error, now):
        self.log.append((slot.name, str(error), now))

    def add(self, name, period_ms, took_ms=0, raises=False):
        self.reactor.add(name, Task(self, name, period_ms, (took_ms, raises)))

    def names(self):
        """The log since the last call."""
        log, self.log[:] = list(self.log), []
        return log


class Task:
    def __init__(self, station, name, period_ms, manners):
        self.station = station
        self.name = name
        self.period_ms = period_ms
        self.took_ms, self.raises = manners

    def step(self, now):
        self.station.now += self.took_ms
        if self.raises:
            raise ValueError("no")
        self.station.log.append(self.name)
        return self.period_ms

    def recover(self, now):
        pass


def test_the_door_step_comes_first_and_again_when_it_is_due():
    station = Station()
    station.add("doors", 10)
    station.add("long", 100, took_ms=25)
    station.add("short", 20)
    assert station.reactor.round() == 10
    assert station.names() == ["doors", "long", "doors", "short"]
    station.now += 10
    assert station.reactor.round() == 10
    assert station.names() == ["doors"]


def test_a_step_that_raises_keeps_nobody_from_running():
    station = Station()
    station.add("doors", 10)
    station.add("bad", 10, took_ms=60, raises=True)
    station.add("good", 20)
    assert station.reactor.round() == 0
    assert station.names() == ["doors", ("bad", "no", 0)]
    bad = station.reactor.slots[1]
    assert (bad.due, bad.longest_ms, bad.overruns) == (10, 60, 1)
    station.reactor.slots[1].task.raises = False
    station.reactor.round()
    assert station.names() == ["doors", "bad", "doors", "good"]


def test_a_door_step_that_raises_is_tried_again_after_10_ms():
    station = Station()
    station.add("doors", 10, raises=True)
    station.add("good", 20)
    assert station.reactor.round() == 0
    assert station.reactor.round() == 10
    assert station.names() == [("doors", "no", 0), "good"]
