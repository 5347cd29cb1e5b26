"""Where the vendored umqtt.simple lies, and how CPython can import it."""

from lockerctl.trusted import REPO
from simulation.vendored import umqtt_folder, use_umqtt

__all__ = ("REPO", "umqtt_folder", "use_umqtt")
