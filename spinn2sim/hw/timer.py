"""The timer interrupt that opens each time step, on all PEs at once."""

from __future__ import annotations

import simpy

from spinn2sim.units import Clock, Ticks


class Timer:
    """Stopped until the host has filled the first buffers; then ticks for ever.

    It counts the *reference*, so time steps open on edges of that clock. The grid is absolute: a
    late PE does not shift it, and no step is skipped.
    """

    def __init__(self, *, env: simpy.Environment, reference: Clock, period: Ticks) -> None:
        self.env, self.reference, self.period = env, reference, period
        self.started = env.event()
        self._start = 0
        self._interrupts: dict[int, simpy.Event] = {}

    def start(self) -> None:
        """Release time step 0 at the next edge of the reference."""
        self._start = self.reference.edge(int(self.env.now))
        self.started.succeed()

    @property
    def elapsed(self) -> Ticks:
        """Time since time step 0 was released; 0 before."""
        return Ticks(max(int(self.env.now) - self._start, 0) if self.started.triggered else 0)

    def release(self, timestep: int) -> Ticks:
        """When *timestep* opens; defined once the timer has started."""
        return self._start + timestep * self.period  # type: ignore[return-value]  # Ticks, too

    def interrupt(self, timestep: int) -> simpy.Event:
        """The event of *timestep*'s release in the future, shared by the PEs that wait for it."""
        pending = self._interrupts.get(timestep)
        if pending is None:
            pending = self.env.timeout(self.release(timestep) - self.env.now)
            # Only the latest is kept, to be shared; who waits for another holds its event.
            self._interrupts = {timestep: pending}
        return pending
