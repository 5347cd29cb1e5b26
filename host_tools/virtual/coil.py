"""A release solenoid: current through R and L, pull-in and drop-out, and the heat it keeps.

Closed forms instead of a time step, so that the answer does not depend on how often somebody
looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, log

_COPPER_PER_K = 0.0039
# A short, up to the supply's limit, until an electronic fuse opens for the rest of the pulse. What
# heat it makes is in the wires and left out.
_SHORT_A = 5.0
_TRIP_MS = 15.0


@dataclass(frozen=True, slots=True)
class CoilSpec:
    """A common 12 V cabinet-lock solenoid, rated 10 % duty."""

    supply_v: float = 12.0
    ohm_at_20c: float = 8.0
    henry: float = 0.032
    pull_in_a: float = 0.8
    drop_out_a: float = 0.25
    travel_ms: float = 10.0
    heat_j_per_k: float = 25.0
    kelvin_per_watt: float = 12.0


class Coil:
    """One coil. Times in ms, currents in A, temperatures in degrees C."""

    def __init__(self, spec: CoilSpec | None = None, ambient_c: float = 20.0) -> None:
        self.spec = spec or CoilSpec()
        self.ambient_c = ambient_c
        self.on = False
        self.cut = False
        self.short = False
        self._since_ms = 0.0
        self._start_a = 0.0
        self._start_c = ambient_c

    def switch(self, now_ms: float, on: bool) -> None:
        """Voltage on or off; after off the current dies through the flyback diode, same L/R."""
        current, celsius = self.current_a(now_ms), self.celsius(now_ms)
        self._since_ms, self._start_a, self._start_c = now_ms, current, celsius
        self.on = on

    def current_a(self, now_ms: float) -> float:
        if self.short and self.on and not self.cut:
            return _SHORT_A if now_ms - self._since_ms < _TRIP_MS else 0.0
        target = self._target_a()
        return target + (self._start_a - target) * exp(-(now_ms - self._since_ms) / self._tau_ms())

    def celsius(self, now_ms: float) -> float:
        """Winding temperature: cooled since the last switching, plus the energy let in since."""
        dt_ms = now_ms - self._since_ms
        warm = self._start_c - self.ambient_c
        keep = exp(-dt_ms / 1000 / (self.spec.heat_j_per_k * self.spec.kelvin_per_watt))
        return self.ambient_c + warm * keep + self._joule(dt_ms) / self.spec.heat_j_per_k

    def pull_in_at(self) -> float:
        """When the plunger is fully back after this switching on.

        Inf when the current never gets there.
        """
        at = self._reaches(self.spec.pull_in_a)
        return at + self.spec.travel_ms

    def drop_out_at(self) -> float:
        """When the spring wins again after this switching off."""
        return self._reaches(self.spec.drop_out_a) + self.spec.travel_ms / 2

    def _ohm(self) -> float:
        return self.spec.ohm_at_20c * (1 + _COPPER_PER_K * (self._start_c - 20.0))

    def _tau_ms(self) -> float:
        return 1000 * self.spec.henry / self._ohm()

    def _target_a(self) -> float:
        pulls = self.on and not self.cut and not self.short
        return self.spec.supply_v / self._ohm() if pulls else 0.0

    def _reaches(self, amps: float) -> float:
        target, start = self._target_a(), self._start_a
        if (start - amps) * (target - amps) >= 0:
            settled = target >= amps if self.on else start <= amps
            return self._since_ms if settled else inf
        return self._since_ms + self._tau_ms() * log((target - start) / (target - amps))

    def _joule(self, dt_ms: float) -> float:
        # Integral of i(t)^2 R with i = target + swing * exp(-t / tau).
        tau, target = self._tau_ms(), self._target_a()
        swing = self._start_a - target
        fade = exp(-dt_ms / tau)
        charge = target * target * dt_ms
        charge += (
            2 * target * swing * tau * (1 - fade) + swing * swing * tau * (1 - fade * fade) / 2
        )
        return charge * self._ohm() / 1000
