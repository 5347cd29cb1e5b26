"""Runs the test_* functions of the given files on MicroPython: micropython THIS_FILE FILE..."""

import gc
import sys


def load(path):
    """The module of a test file, imported by its bare name from its own folder."""
    folder, _, name = path.rpartition("/")
    sys.path.insert(0, folder or ".")
    try:
        return __import__(name.rsplit(".", 1)[0])
    finally:
        sys.path.pop(0)


def failed(label, function):
    """Call it; True, after a report, when it raised."""
    gc.collect()
    try:
        function()
    except Exception as error:  # noqa: BLE001 - a test runner reports whatever a test raises
        print("FAILED", label)
        show(error)
        return True
    return False


def show(error):
    """The traceback, on either interpreter."""
    if hasattr(sys, "print_exception"):
        sys.print_exception(error, sys.stdout)
    else:
        sys.excepthook(type(error), error, error.__traceback__)


def run(paths):
    """(passed, failed) over all files. A file that cannot be imported is one failure."""
    total = failures = 0
    for path in paths:
        loaded = []
        if failed(path, lambda loaded=loaded, path=path: loaded.append(load(path))):
            total, failures = total + 1, failures + 1
            continue
        for name in sorted(dir(loaded[0])):
            if name.startswith("test_"):
                total += 1
                failures += failed(path + "::" + name, getattr(loaded[0], name))
    return total - failures, failures


def main(paths):
    """Exit code: 0 when something ran and nothing failed."""
    passed, failures = run(paths)
    print(f"{passed} passed, {failures} failed")
    return 0 if passed and not failures else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
