"""Time as exact integers: cycles belong to a clock, ticks belong to the simulation.

One tick is 1/lcm(all clock rates) seconds, so an edge of any clock falls on a whole tick and two
events that coincide in silicon compare equal in the event queue. For 65 MHz and 300 MHz the tick
rate is 3.9 GHz: 60 and 13 ticks a cycle.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import NewType

from spinn2sim.errors import TimebaseError

Hz = NewType("Hz", int)
Cycles = NewType("Cycles", int)
Ticks = NewType("Ticks", int)

#: Above this tick rate an hour of simulated time no longer fits a 64-bit column of a trace.
MAX_TICK_RATE = 10**15


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock domain: the only place where cycles become ticks and ticks become cycles."""

    hz: Hz
    ticks_per_cycle: int

    def ticks(self, cycles: int) -> Ticks:
        """Length of *cycles* in ticks."""
        return cycles * self.ticks_per_cycle  # type: ignore[return-value]  # Ticks() takes longer

    def cycles(self, ticks: int) -> Cycles:
        """Whole cycles elapsed after *ticks*."""
        return Cycles(ticks // self.ticks_per_cycle)

    def edge(self, ticks: int) -> Ticks:
        """First clock edge at or after *ticks*."""
        return -(-ticks // self.ticks_per_cycle) * self.ticks_per_cycle  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Timebase:
    """The tick rate of one simulation."""

    hz: Hz

    @classmethod
    def for_clocks(cls, *rates: int) -> Timebase:
        """The slowest tick rate at which every one of *rates* (Hz) has whole-tick periods."""
        hz = math.lcm(*rates)
        if hz > MAX_TICK_RATE:
            raise TimebaseError(tuple(sorted(set(rates))), hz, MAX_TICK_RATE)
        return cls(Hz(hz))

    def clock(self, hz: int) -> Clock:
        """The clock of *hz*, which must be one of those the timebase was made for."""
        ticks_per_cycle, rest = divmod(self.hz, hz)
        assert not rest, f"a {hz} Hz clock has no whole number of {self.hz} Hz ticks"
        return Clock(Hz(hz), ticks_per_cycle)

    def ticks(self, seconds: Fraction) -> Ticks:
        """*seconds* in ticks, rounded up: nothing asynchronous arrives early."""
        return Ticks(math.ceil(seconds * self.hz))

    def seconds(self, ticks: int) -> float:
        """*ticks* in seconds, for reports only."""
        return ticks / self.hz
