"""An event whose time somebody else finds out."""

from __future__ import annotations

import simpy
from simpy.events import NORMAL


class Wake(simpy.Event):
    """May happen, until ``at`` says when it will.

    SimPy's own ``succeed`` triggers an event now; a PE that waits for a packet must resume at the
    tick at which its core sees it, which the NoC knows beforehand.
    """

    def at(self, tick: int, rank: int = 0) -> None:
        """Happen at *tick*; those of the same tick happen in order of *rank*."""
        self._ok = True
        self._value = None
        priority = NORMAL + rank if rank else NORMAL
        self.env.schedule(self, priority, tick - self.env.now)  # type: ignore[arg-type]
