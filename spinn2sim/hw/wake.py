"""An event whose time somebody else finds out."""

from __future__ import annotations

import simpy


class Wake(simpy.Event):
    """May happen, until ``at`` says when it will.

    SimPy's own ``succeed`` triggers an event now; a PE that waits for a packet must resume at the
    tick at which its core sees it, which the NoC knows beforehand.
    """

    def at(self, tick: int) -> None:
        """Happen at *tick*."""
        self._ok = True
        self._value = None
        self.env.schedule(self, delay=tick - self.env.now)
