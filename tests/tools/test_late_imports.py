"""The order in which a station that runs brings in its network."""

from pathlib import Path

from locker.app import online
from lockerctl import imports
from lockerctl.build import FIRMWARE

START = (FIRMWARE / "locker" / "app" / "compose.py",)
# What only a locked station, or one with an option, imports within a function.
OPTIONAL = ("locked_report", "sntp_task")


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


def test_a_step_brings_in_one_module_and_no_other_with_it():
    known = early()
    for module in online._MODULES:
        needed = imports.reached(FIRMWARE, [file(module)]) - known - {file(module)}
        assert {path for path in needed if path.stem != "__init__"} == set(), module
        known.add(file(module))


def test_nothing_of_the_network_is_left_for_the_last_step_or_needed_at_the_start():
    late = {file(module) for module in online._MODULES}
    starts = [file(f"locker.app.{module}") for module in OPTIONAL]
    optional = imports.reached(FIRMWARE, starts) | {*starts}
    package = FIRMWARE / "locker" / "net" / "__init__.py"
    every = imports.reached(FIRMWARE, START) - (optional - late - {package})
    assert every - early() - late == {package, file("locker.app.settled")}
    assert not [path for path in early() if path.parent.name == "net"]
