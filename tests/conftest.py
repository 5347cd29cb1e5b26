"""For all tests: no skip passes in CI, and the summary says what ran on which interpreter."""

import gc
import os
import platform
import tomllib
from pathlib import Path

import pytest
from hypothesis import settings

IMAGES = Path(__file__).parents[1] / "boards" / "images.lock"

# Two cores that others use too: a slow example is no failure.
settings.register_profile("latchwork", deadline=None)
settings.load_profile("latchwork")


@pytest.fixture(autouse=True, scope="module")
def garbage_of_its_own():
    """The firmware collects garbage often: not through all that pytest and the tests before hold,
    which makes a scenario late in the run several times slower.
    """
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def pytest_addoption(parser):
    parser.addoption("--no-skips", action="store_true", help="a skip is a failure (CI=true too)")


def no_skips(config) -> bool:
    return config.getoption("--no-skips") or os.environ.get("CI") == "true"


def refuse_skip(config, report):
    """Turn a skip or an expected failure into a failure that names the reason."""
    if report.skipped and no_skips(config):
        why = report.longrepr[-1] if isinstance(report.longrepr, tuple) else "expected failure"
        vars(report).pop("wasxfail", None)
        text = f"{report.nodeid}: {why} (no test may be skipped here)"
        vars(report).update(outcome="failed", longrepr=text)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    return refuse_skip(item.config, (yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    return refuse_skip(collector.config, (yield))


def pytest_terminal_summary(terminalreporter):
    passed = terminalreporter.stats.get("passed", [])
    if passed:
        terminalreporter.section("what ran where")
        for line in where(passed):
            terminalreporter.write_line(line)


def where(passed):
    """One line for each interpreter that ran something to a good end."""
    on_unix = [dict(report.user_properties).get("micropython") for report in passed]
    on_unix = [ran for ran in on_unix if ran]
    on_pico = sum("emulator" in report.keywords for report in passed)
    yield f"CPython {platform.python_version()}: {len(passed) - len(on_unix) - on_pico} tests"
    if on_unix:
        version, heap_kb, _ = on_unix[0]
        functions = sum(ran[2] for ran in on_unix)
        yield (
            f"MicroPython {version}, unix port, {heap_kb} KB heap: "
            f"{functions} tests in {len(on_unix)} files"
        )
    if on_pico:
        image = tomllib.loads(IMAGES.read_text())["pico_w"]
        yield f"MicroPython {image['version']}, Pico W image in the emulator: {on_pico} tests"
