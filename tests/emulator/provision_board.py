"""A host program for test_provision.py: `lockerctl provision` by a host that dies on the way."""

import sys
import time

from deploy_folder import Doomed

from lockerctl import enrol
from lockerctl.device import connect
from lockerctl.provision import Setup
from lockerctl.store import Store


def main(url: str, name: str, die_at: str) -> None:
    """Dies when it has sent so many scripts."""
    Doomed.left = int(die_at)
    setup = Setup(clock_set_s=int(time.time()))
    with connect(url, Doomed) as device:
        enrol.enrol(device, Store(), enrol.Wanted(name, ("127.0.0.1", 1), setup))


if __name__ == "__main__":
    main(*sys.argv[1:])
