"""umqtt.simple for the firmware on CPython."""

from simulation.vendored import use_umqtt

use_umqtt()
