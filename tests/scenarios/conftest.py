"""A whole station for each scenario; umqtt.simple for the firmware on CPython."""

from collections.abc import Callable
from pathlib import Path

import pytest

from vendored import use_umqtt

use_umqtt()

from granting import Host  # noqa: E402 - needs umqtt
from whole_station import WholeStation  # noqa: E402


@pytest.fixture
def station(tmp_path: Path) -> WholeStation:
    """Eight doors; parcels of tenancy 1 behind doors 2, 3 and 5."""
    return WholeStation(tmp_path, occupied=(2, 3, 5))


@pytest.fixture
def make_station(tmp_path: Path) -> Callable[..., WholeStation]:
    """A station with other options."""
    return lambda **options: WholeStation(tmp_path, **options)


@pytest.fixture
def host(station: WholeStation) -> Host:
    """Whoever grants and revokes there."""
    return Host(station)
