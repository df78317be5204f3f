"""DVFS: a core that changes its clock, by a policy between time steps or at once by its firmware.

A policy decides when a time step begins and when it ends. With both of them a core sleeps at the
lowest level. ``race_to_idle`` works at the highest one; ``lowest_that_meets_deadline`` at the
lowest in which the work of the step before, with what it had to wait, would end before the deadline
of this one. A step that is longer than the one before, such as one that updates weights, is not
foreseen (decision 0009). A level that firmware sets stays as it is, asleep or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from spinn2sim.firmware import Charge, Policy
from spinn2sim.hw.core import Core
from spinn2sim.trace import Cause
from spinn2sim.units import Clock, Ticks

#: The level in which cores sleep, if a policy chooses.
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
        self, *, levels: Sequence[Clock], policy: Policy, switch: Ticks, **wiring: Any
    ) -> None:
        super().__init__(**wiring)
        self.levels, self.policy, self.switch = levels, policy, switch
        self.level = next(n for n, clock in enumerate(levels) if clock.hz == self.clock.hz)
        self.shortest_cycle = levels[-1].ticks_per_cycle
        self.followers: list[Follower] = []
        # Of the step before, all of which is expected of the next one: cycles, their ticks (at
        # more than one level, perhaps), and the ticks that it waited.
        self._busy_cycles = self._busy = 0
        self._waited = Ticks(0)
        self._began = Ticks(0)

    def work(self, charges: tuple[Charge, ...], cycles: int) -> None:
        """Be busy, and remember for how long."""
        self._busy_cycles += cycles
        self._busy += cycles * self._ticks_per_cycle
        super().work(charges, cycles)

    def set_level(self, level: int) -> None:
        """Go on at *level*, and stay there until told otherwise."""
        self.policy = "fixed"
        self._switch_to(level)

    def choose_policy(self, policy: Policy) -> None:
        """Have *policy* decide from the end of this time step on."""
        self.policy = policy

    def open_timestep(self, release: Ticks) -> bool:
        """Take the interrupt, at the level that this step is given."""
        asleep = super().open_timestep(release)
        self._switch_to(self._wanted())
        self._began, self._busy_cycles, self._busy = self.time, 0, 0
        return asleep

    def close_timestep(self) -> None:
        """The work of the open time step, if any, is done; a policy has it sleep at the lowest."""
        super().close_timestep()
        if self.timestep < 0:
            return
        self._waited = Ticks(self.time - self._began - self._busy)
        sleeps = self._released + self.period - self.time
        if self.policy != "fixed" and self.level != LOWEST and sleeps > 2 * self.switch:
            self._run_at(LOWEST)

    def _wanted(self) -> int:
        """The level for the step that begins now."""
        highest = len(self.levels) - 1
        if self.policy == "fixed":
            return self.level
        if self.policy == "race_to_idle" or not self.timestep:
            return highest
        left = self._released + self.period - self.time
        for level, clock in enumerate(self.levels):
            switch = self.switch if level != self.level else 0
            if switch + self._waited + clock.ticks(self._busy_cycles) <= left:
                return level
        return highest

    def _switch_to(self, level: int) -> None:
        """Stop for a switch to *level*, if it is another; go on at an edge of its clock."""
        if level != self.level:
            self._run_at(level)
            self.wait_until(self.clock.edge(self.time + self.switch), Cause.CLOCK)

    def _run_at(self, level: int) -> None:
        """Switch to *level*: from now on it is its power that the PE draws."""
        self.level, self.clock = level, self.levels[level]
        self._ticks_per_cycle = self.clock.ticks_per_cycle
        for follower in self.followers:
            follower.run_at(self.clock)
        self.recorder.rows["levels"].append((self.pe, self.time, level))
