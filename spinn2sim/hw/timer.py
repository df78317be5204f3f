"""The timer interrupt that opens each time step, on all PEs at once."""

from __future__ import annotations

import simpy

from spinn2sim.units import Ticks


class Timer:
    """Stopped until the host has filled the first buffers; then ticks for ever.

    Latched: the interrupt of a step stays pending until its PE takes it, so a late PE goes on at
    once and no step is skipped.
    """

    def __init__(self, *, env: simpy.Environment, period: Ticks) -> None:
        self.env, self.period = env, period
        self.started = env.event()
        self._start = 0
        self._interrupts: dict[int, simpy.Event] = {}

    def start(self) -> None:
        """Release time step 0 now."""
        self._start = int(self.env.now)
        self.started.succeed()

    def release(self, timestep: int) -> Ticks:
        """When *timestep* opens; defined once the timer has started."""
        return Ticks(self._start + timestep * self.period)

    def interrupt(self, timestep: int) -> simpy.Event:
        """The event of *timestep*'s release in the future, shared by all PEs that wait for it."""
        pending = self._interrupts.get(timestep)
        if pending is None:
            pending = self.env.timeout(self.release(timestep) - self.env.now)
            self._interrupts = {timestep: pending}  # nobody waits for an earlier one
        return pending
