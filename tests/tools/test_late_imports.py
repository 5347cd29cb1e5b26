"""The order in which a station that runs brings in its network."""

from pathlib import Path

from locker.app import online
from lockerctl import imports
from lockerctl.build import FIRMWARE, _Sources

START = (FIRMWARE / "locker" / "app" / "compose.py",)
# What only a locked station, or one with an option, imports within a function.
OPTIONAL = ("locked_report", "sntp_task")


def is_ours(module: str) -> bool:
    return module.startswith("locker.")


def file(module: str) -> Path:
    return FIRMWARE.joinpath(*module.split(".")).with_suffix(".py")


def early() -> set[Path]:
    """What the start of a station that runs needs: without that which is imported within
    functions of online.py, and what is optional.
    """
    text = Path(online.__file__).read_text().split("    def _report")[0]

    def source(path: Path) -> str:
        if path.name == "online.py":
            return text
        source = path.read_text()
        for module in OPTIONAL:
            source = source.replace(f"from locker.app.{module} import", "pass  #")
        return source

    return imports.reached(FIRMWARE, START, source)


def late_with(module: str) -> set[Path]:
    """A module and all that it brings in."""
    found = imports.reached(FIRMWARE, [file(module)]) | {file(module)}
    return {path for path in found if path.stem != "__init__"}


def test_a_step_brings_in_one_bundle_and_no_other_with_it():
    place = _Sources("pico_w", FIRMWARE)._program.place
    known = early()
    bundles = []
    for module in filter(is_ours, online._MODULES):
        needed = late_with(module) - known
        assert {place[name] for name in place if file(name) in needed} == {place[module]}, module
        bundles.append(place[module])
        known |= {file(name) for name in place if place[name] == place[module]}
    assert len({*bundles}) == len(bundles)


def test_nothing_of_the_network_is_left_for_the_last_step_or_needed_at_the_start():
    late = set().union(*map(late_with, filter(is_ours, online._MODULES))) - early()
    starts = [file(f"locker.app.{module}") for module in OPTIONAL]
    optional = imports.reached(FIRMWARE, starts) | {*starts}
    package = FIRMWARE / "locker" / "net" / "__init__.py"
    every = imports.reached(FIRMWARE, START) - (optional - late - {package})
    assert every - early() - late == {package}
    assert not [path for path in early() if path.parent.name == "net"]
