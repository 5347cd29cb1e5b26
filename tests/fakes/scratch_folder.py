"""An empty folder for one test, on CPython and MicroPython alike."""

import os


class scratch_folder:  # noqa: N801 - reads as a function
    """``with scratch_folder() as folder:``"""

    _made = 0

    def __enter__(self) -> str:
        while True:
            self.path = f"/tmp/latchwork-unit-{scratch_folder._made}"
            scratch_folder._made += 1
            try:
                os.mkdir(self.path)
                return self.path
            except OSError:
                continue

    def __exit__(self, *_: object) -> None:
        for name in os.listdir(self.path):
            os.remove(self.path + "/" + name)
        os.rmdir(self.path)
