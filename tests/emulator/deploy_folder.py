"""A host program for test_deploy.py: deploys a folder that holds a built version."""

import json
import os
import sys
from pathlib import Path

from lockerctl import deploy
from lockerctl.device import SerialDevice, connect


class Doomed(SerialDevice):
    """Dies as by SIGKILL when it has sent so many scripts, before any answer to the last."""

    left = 0

    def run(self, code: str, limit_s: float) -> str:
        """Device.run()."""
        self.left -= 1
        if self.left == 0:
            self._transport.exec_raw_no_follow(code)
            os._exit(9)
        return super().run(code, limit_s)


def main(url: str, folder: str, die_at: str = "0") -> None:
    """Prints what changed and the seconds as JSON."""
    Doomed.left = int(die_at)
    deploy._HASHING_S = 900.0  # an emulated chip on a busy computer hashes a whole build
    with connect(url, Doomed) as device:
        version = deploy.load(Path(folder))
        done = deploy.deploy(device, version, lambda *_: None)
        device.start()
    print(json.dumps({"changed": done.plan.changed, "seconds": done.seconds, "n": -device.left}))


if __name__ == "__main__":
    main(*sys.argv[1:])
