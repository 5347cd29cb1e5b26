"""umqtt.simple for the net tests on CPython."""

from vendored import use_umqtt

use_umqtt()
