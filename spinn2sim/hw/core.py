"""The ARM core of a PE: its own time, the work it has done, and the time step it is in.

The core knows no SimPy. Its time runs ahead of the shared time while it works (see ``pe``), so that
work costs an addition and a record, not an event.
"""

from __future__ import annotations

from spinn2sim.errors import OverrunError, StarvationError
from spinn2sim.firmware import Charge
from spinn2sim.trace import Cause, Recorder
from spinn2sim.units import Clock, Ticks


class Core:
    """Before its first time step (``timestep`` is -1), or in one.

    *n_timesteps* is the length of the input. A core that works for *patience_steps* periods without
    taking a timer interrupt, or still wants one so long after the end of its input, is stuck.
    """

    def __init__(
        self,
        *,
        pe: int,
        clock: Clock,
        period: Ticks,
        n_timesteps: int,
        patience_steps: int,
        strict: bool,
        recorder: Recorder,
    ) -> None:
        self.pe, self.clock, self.period, self.recorder = pe, clock, period, recorder
        # Bound once: these are called for every op.
        self._ticks_per_cycle = clock.ticks_per_cycle
        self.shortest_cycle = clock.ticks_per_cycle
        """Ticks of a cycle at the highest clock that this core may have."""
        rows = recorder.rows
        self._record_work, self._record_wait = rows["work"].append, rows["waits"].append
        self._record_step = rows["steps"].append
        self.strict, self.patience_steps = strict, patience_steps
        self.time = Ticks(0)
        self.timestep = -1
        self._patience = self._patience_ends = patience_steps * period
        self._max_timesteps = n_timesteps + patience_steps
        self._released = self._started = Ticks(0)
        self._latest_work: tuple[Charge, ...] = ()

    def work(self, charges: tuple[Charge, ...], cycles: int) -> None:
        """Be busy for *cycles*, the sum of *charges*.

        :raises StarvationError: the program has forgotten the timer.
        """
        if cycles:
            self._record_work((self.pe, self.timestep, self.time, charges))
            self.time += cycles * self._ticks_per_cycle  # type: ignore[assignment]  # Ticks, too
            self._latest_work = charges
            if self.time > self._patience_ends:
                self._refuse_to_wait()

    def stall(self, cycles: int) -> None:
        """Be held up in memory for *cycles*."""
        self.wait_until(self.time + self.clock.ticks(cycles), Cause.SRAM)

    def wait_until(self, tick: int, cause: Cause) -> None:
        """Do nothing until the first clock edge at or after *tick*, if that is still to come."""
        began = self.time
        if tick > began:  # which is an edge
            self.time = edge = self.clock.edge(tick)
            self._record_wait((self.pe, self.timestep, cause, began, edge))

    def open_timestep(self, release: Ticks) -> bool:
        """Take the interrupt that the timer raises at *release*; whether the core was asleep then.

        The step counts from the clock edge at which the core can see the interrupt. Latched: a late
        core finds it pending and goes on at once.

        :raises StarvationError: the program wants time steps long after the end of its input.
        """
        self._released = edge = self.clock.edge(release)
        asleep = self.time <= edge
        if self.time < edge:
            if self.timestep >= 0:  # Before, no slack is recorded: the timer did not run.
                self._record_wait((self.pe, self.timestep, Cause.TIMER, self.time, edge))
            self.time = edge
        self.timestep += 1
        self._started = self.time
        # From when it was taken, not released: a late core falls behind but is not stuck.
        self._patience_ends = self.time + self._patience
        if self.timestep >= self._max_timesteps:
            doing = f"it waits for the timer {self.patience_steps:,} time steps after its input"
            remedy = "end it with its input or raise patience_steps"
            raise StarvationError(self.pe, self.timestep, doing, remedy)
        return asleep

    def close_timestep(self) -> None:
        """The work of the open time step, if any, is done.

        :raises OverrunError: in strict mode, it is done too late.
        """
        if self.timestep < 0:
            return
        self._record_step((self.pe, self.timestep, self._released, self._started, self.time))
        late = self.time - self._released - self.period
        if late > 0 and self.strict:
            cycles = -(-late // self.clock.ticks_per_cycle)
            raise OverrunError(self.pe, self.timestep, cycles, self._latest_function())

    def _refuse_to_wait(self) -> None:
        doing = f"it has not waited for the timer in {self.patience_steps:,} time steps"
        remedy = "wait for it in each one or raise patience_steps"
        raise StarvationError(self.pe, self.timestep, doing, remedy)

    def _latest_function(self) -> str:
        worked = [charge.label for charge in self._latest_work if charge.cycles]
        return worked[-1].partition(".")[0] if worked else "no work"
