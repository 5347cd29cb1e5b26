"""What a station.json may say: every key within its bounds, refused with its name otherwise."""

from locker.core import settings
from locker.core.door import SITE, Timers


def config(**changed):
    """One that passes, with some keys changed."""
    good = {
        "schema": 1,
        "station": "hall-7",
        "classes": ["24h"],
        "broker": {
            "host": "10.0.0.2", "port": 8883, "keepalive_s": 60, "user": "u", "password": "p",
        },
        "wifi": {"ssid": "net", "password": "secret", "country": "DE"},
        "heartbeat_s": 60,
    }  # fmt: skip
    good.update(changed)
    return good


def refused(key, value):
    problems = settings.check(config(**{key: value}))
    assert len(problems) == 1 and problems[0].startswith(key + ": "), (key, value, problems)


def test_a_good_one_passes_with_and_without_what_may_be_left_out():
    assert settings.check(config()) == []
    full = config(grace_h=0, language="fr", support="0800 123", timers={}, sntp="10.0.0.3")
    assert settings.check(full) == []


def test_what_is_no_object_is_refused():
    for value in (None, [], "x", 3):
        assert settings.check(value) == ["station.json: must be an object"]


def test_each_timer_has_bounds_and_its_default_lies_within_them():
    bounds = {"pull_s": (5, 120), "open_s": (20, 900), "alarm_s": (5, 300), "ajar_s": (10, 600)}
    assert sorted(name for name, _ in SITE) == sorted(bounds)
    for name, default_s in SITE:
        low, high = bounds[name]
        for good in (low, default_s, high):
            assert settings.check(config(timers={name: good})) == [], (name, good)
        for bad in (low - 1, high + 1, 0, -1, 2**40, 1.5, True, "15", None):
            refused("timers", {name: bad})


def test_timers_at_their_bounds_keep_the_doors_timers_in_range():
    for pick in (0, 1):
        site = {
            "pull_s": (5, 120)[pick], "open_s": (20, 900)[pick],
            "alarm_s": (5, 300)[pick], "ajar_s": (10, 600)[pick],
        }  # fmt: skip
        assert settings.check(config(timers=site)) == []
        assert max(Timers(site=site).state_ms) < 1 << 29, "ticks wrap"


def test_a_timer_that_there_is_not_is_refused():
    refused("timers", {"pulse_ms": 60})
    refused("timers", {"release_ms": 60})
    refused("timers", [])


def test_other_keys_have_bounds_too():
    for key, bad in (
        ("schema", 2),
        ("station", "Hall 7"),
        ("station", ""),
        ("station", "x" * 21),
        ("classes", []),
        ("classes", ["24h"] * 5),
        ("classes", ["?"]),
        ("heartbeat_s", 0),
        ("heartbeat_s", 3601),
        ("grace_h", 721),
        ("grace_h", -1),
        ("language", "xx"),
        ("support", "x" * 17),
        ("support", "a\\b"),
        ("sntp", "pool.example"),
        ("wifi", {"ssid": "net"}),
    ):
        refused(key, bad)
    for part, bad in (
        ("host", "broker.example"),
        ("port", 0),
        ("port", 65536),
        ("keepalive_s", 1),
        ("keepalive_s", 3),
        ("user", "x" * 65),
        ("more", 1),
    ):
        broker = dict(config()["broker"])
        broker[part] = bad
        refused("broker", broker)


def test_an_unknown_key_is_named():
    assert settings.check(config(pulse_ms=5)) == ["pulse_ms: is unknown"]
