"""The PEs that wait at a barrier, and how they are woken: all by one event where that is exact."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import simpy

from spinn2sim.hw.wake import Wake
from spinn2sim.units import Ticks

if TYPE_CHECKING:
    from spinn2sim.hw.pe import PE


class Barrier:
    """Open for the next PE to arrive. One object serves all barriers of a run."""

    def __init__(self, env: simpy.Environment, n_pe: int) -> None:
        self._env, self._n_pe = env, n_pe
        self._gone = simpy.Event(env)
        self._arrived: list[PE] = []

    def arrive(self, pe: PE) -> simpy.Event:
        """What the process of *pe* must yield next, to be woken when the barrier lets it go."""
        self._arrived.append(pe)
        return self._gone

    def let_go(self, wakes: Sequence[tuple[PE, Ticks]]) -> None:
        """Wake the PEs of *wakes*, some of those that wait, in this order at these ticks.

        They are told their tick by ``PE.resumes_at``. If all go before anything else can happen,
        and before the first of them can do anything to the others, one event does: a core keeps
        its own time, so the shared time need not follow each of them.
        """
        callbacks = self._gone.callbacks
        assert callbacks is not None
        resume = {pe.pe: each for pe, each in zip(self._arrived, callbacks, strict=True)}
        last = wakes[-1][1]
        if (
            len(wakes) == self._n_pe
            and last < self._env.peek()
            and all(last <= tick + pe.lookahead for pe, tick in wakes)
        ):
            gone, self._gone, self._arrived = self._gone, simpy.Event(self._env), []
            gone.callbacks = [resume[pe.pe] for pe, _ in wakes]
            for pe, tick in wakes:
                pe.resumes_at = tick
            gone.succeed()
            return
        for pe, tick in wakes:
            pe.resumes_at = tick
            wake = Wake(self._env)
            wake.callbacks.append(resume[pe.pe])
            wake.at(tick)
            place = self._arrived.index(pe)
            del self._arrived[place], callbacks[place]
