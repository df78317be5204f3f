"""DVFS: a core whose clock a governor sets, at the beginning and at the end of a time step.

With both policies a core sleeps at the lowest level. ``race_to_idle`` works at the highest one;
``lowest_that_meets_deadline`` at the lowest in which the work of the step before, with what it had
to wait, would end before the deadline of this one. A step that is longer than the one before, such
as one that updates weights, is not foreseen (decision 0009).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from spinn2sim.firmware import Charge
from spinn2sim.hw.core import Core
from spinn2sim.spec.chip import Dvfs
from spinn2sim.trace import Cause
from spinn2sim.units import Clock, Ticks

#: The level in which cores sleep.
LOWEST = 0


class Follower(Protocol):
    """A part of the PE that runs on the clock of its core."""

    def run_at(self, clock: Clock) -> None:
        """From now on the clock is *clock*."""


class GovernedCore(Core):
    """A core at one of *levels*, slowest first; a switch takes *switch* ticks and stops the core.

    A core that falls asleep switches while it sleeps, if it sleeps long enough to get back.
    """

    def __init__(
        self, *, levels: Sequence[Clock], policy: Dvfs, switch: Ticks, **wiring: Any
    ) -> None:
        super().__init__(**wiring)
        self.levels, self.policy, self.switch = levels, policy, switch
        self.level = next(n for n, clock in enumerate(levels) if clock.hz == self.clock.hz)
        self.followers: list[Follower] = []
        self._busy_cycles = 0
        self._waited = Ticks(0)
        """In the step before: with its cycles, what is expected of the next one."""
        self._began = Ticks(0)

    def work(self, charges: tuple[Charge, ...], cycles: int) -> None:
        """Be busy, and remember for how long."""
        self._busy_cycles += cycles
        super().work(charges, cycles)

    def open_timestep(self, release: Ticks) -> bool:
        """Take the interrupt, at the level that this step is given."""
        asleep = super().open_timestep(release)
        level = self._wanted()
        if level != self.level:
            self._run_at(level)
            self.wait_until(self.time + self.switch, Cause.CLOCK)
        self._began, self._busy_cycles = self.time, 0
        return asleep

    def close_timestep(self) -> None:
        """The work of the open time step, if any, is done; sleep at the lowest level."""
        super().close_timestep()
        if self.timestep < 0:
            return
        busy = self.clock.ticks(self._busy_cycles)
        self._waited = Ticks(self.time - self._began - busy)
        sleeps = self._released + self.period - self.time
        if self.level != LOWEST and sleeps > 2 * self.switch:
            self._run_at(LOWEST)

    def _wanted(self) -> int:
        """The level for the step that begins now."""
        highest = len(self.levels) - 1
        if self.policy == "race_to_idle" or not self.timestep:
            return highest
        left = self._released + self.period - self.time
        for level, clock in enumerate(self.levels):
            switch = self.switch if level != self.level else 0
            if switch + self._waited + clock.ticks(self._busy_cycles) <= left:
                return level
        return highest

    def _run_at(self, level: int) -> None:
        """Switch to *level*: from now on it is its power that the PE draws."""
        self.level, self.clock = level, self.levels[level]
        self._ticks_per_cycle = self.clock.ticks_per_cycle
        for follower in self.followers:
            follower.run_at(self.clock)
        self.recorder.rows["levels"].append((self.pe, self.time, level))
