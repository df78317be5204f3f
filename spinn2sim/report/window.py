"""A window of simulated time, as ``--window 0:50ms`` states it.

Its zero is the release of the first time step: before it the host fills the input buffers, which
takes tens of milliseconds on a large chip.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinn2sim.errors import SpecError
from spinn2sim.quantity import DURATION
from spinn2sim.trace import Trace
from spinn2sim.units import Ticks, Timebase

#: The end of a window that has none: no run lasts so long.
FOREVER = Ticks(2**62)


@dataclass(frozen=True, slots=True)
class Window:
    """From *start* to before *stop*, in ticks from the start of the run."""

    start: Ticks
    stop: Ticks

    def overlaps(self, start: NDArray[np.int64], stop: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of the stretches from *start* to *stop* reach into the window, (n,)."""
        reach: NDArray[np.bool_] = (start < self.stop) & (stop > self.start)
        return reach

    def holds(self, at: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of the moments *at* lie in the window, (n,)."""
        inside: NDArray[np.bool_] = (at >= self.start) & (at < self.stop)
        return inside


#: All of a run.
WHOLE = Window(Ticks(0), FOREVER)


def parse_window(text: str, trace: Trace) -> Window:
    """``0:50ms``, ``10:20ms``, ``250us:1ms``, ``90ms:``; a start without unit has that of the end.

    Without a start, it begins with the run.

    :raises SpecError: it is no window, or begins after the end of the run.
    """
    where = f"--window {text!r}"
    first, colon, last = (part.strip() for part in text.partition(":"))
    if not colon:
        raise SpecError(where, ("expected START:END, as in 0:50ms",))
    unit, zero = re.sub(r"[\d.,_\s]", "", last), first_release(trace)
    end = zero + _ticks(last, "", where, trace.timebase) if last else FOREVER
    begin = zero + _ticks(first, unit, where, trace.timebase) if first else 0
    if begin >= end:
        raise SpecError(where, ("the start is not before the end",))
    done = _end_of_run(trace)
    if begin >= done:
        problem = (
            f"the run ends {trace.timebase.seconds(done - zero) * 1e3:,.3f} ms after its start"
        )
        raise SpecError(where, (problem,))
    return Window(Ticks(begin), Ticks(end))


def first_release(trace: Trace) -> int:
    """When the timer released the first time step."""
    released = trace.tables["steps"]["released"]
    return int(released.min()) if released.size else 0


def _end_of_run(trace: Trace) -> int:
    """When the last PE ended its last time step; FOREVER if there was none."""
    finished = trace.tables["steps"]["finished"]
    return int(finished.max()) if finished.size else FOREVER


def _ticks(text: str, unit: str, where: str, timebase: Timebase) -> Ticks:
    bare = text.replace(".", "").isdecimal()
    try:
        nanoseconds: Any = DURATION.parse(f"{text}{unit}" if bare else text)
    except ValueError as error:
        raise SpecError(where, (f"{text}: {error}",)) from None
    return timebase.ticks(Fraction(nanoseconds, 10**9))
