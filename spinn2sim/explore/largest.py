"""The largest network on given PEs, by time and by memory, found with few simulations.

``check`` asks the same of one scenario and takes up to twenty runs for it. Here the cost table says
where to look: the cycles of the busiest PE, counted without a run for three sizes, are off by its
waiting only. The answer is that of runs all the same: N is in time and N + 1 is late.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np

from spinn2sim.elaboration import make_firmware
from spinn2sim.explore.columns import Outputs
from spinn2sim.explore.variant import Variant
from spinn2sim.feasibility import (
    MAX_N_REC,
    N_TIMED,
    N_TIMESTEPS,
    most_excess_bytes,
    noise,
    relaxed,
    short_run,
)
from spinn2sim.firmware import Firmware
from spinn2sim.firmware.ops import Every
from spinn2sim.report import memory, real_time
from spinn2sim.sim import simulate
from spinn2sim.spec import Scenario

#: Neurons per PE of the networks whose cycles and bytes are counted to know where to look.
PROBED = (1, 4, 16)

EVERY: tuple[Every, ...] = ("step", "sample")

#: Columns of this fidelity.
LIMIT_OUTPUTS = (
    "n_rec_limit",
    "limited_by",
    "n_rec_time",
    "n_rec_time_without_update",
    "n_rec_memory",
    "n_rec_confirmed",
)


class Probe(NamedTuple):
    """What is known of a network without a run, of its fullest PE."""

    step_cycles: int
    """Of a plain step."""
    last_cycles: int
    """Of a step with weight update."""
    excess_bytes: int
    """Above zero if it does not fit."""


def limits(scenario: Scenario, variant: Variant) -> Outputs:
    """The columns LIMIT_OUTPUTS; null where not even a neuron per PE is within the limit.

    ``n_rec_confirmed``: a run as of ``check`` takes ``n_rec_limit`` and not one more; null if there
    is nothing to confirm.

    :raises Spinn2SimError: the scenario cannot be run at all.
    """
    found = Search(relaxed(scenario), variant, N_TIMED)
    if found.limit is not None and not found.confirmed:
        # The host or a long backlog tells only in a whole sample.
        found = Search(relaxed(scenario), variant, N_TIMESTEPS)
    return {
        "n_rec_limit": found.limit,
        "limited_by": found.limited_by,
        "n_rec_time": found.time,
        "n_rec_time_without_update": found.time_without_update,
        "n_rec_memory": found.memory,
        "n_rec_confirmed": None if found.limit is None else found.confirmed,
    }


class Search:
    """Limits of a scenario, by runs of *n_timesteps*."""

    def __init__(self, scenario: Scenario, variant: Variant, n_timesteps: int) -> None:
        self._scenario, self._variant, self._n_timesteps = scenario, variant, n_timesteps
        self._late_cycles = lru_cache(None)(self._run)
        n_pe = scenario.n_pe
        sizes = [n_pe * factor for factor in PROBED]
        probes = [self._probe(size) for size in sizes]
        period = scenario.chip.pe.clock * scenario.timestep // 10**9
        step, last, needed = (
            _root(sizes, [probe[part] for probe in probes], limit)
            for part, limit in enumerate((period, period, 0))
        )
        self.time = largest(lambda n: max(self._late_cycles(n)), last, n_pe)
        self.time_without_update = largest(lambda n: self._late_cycles(n)[0], step, n_pe)
        self.memory = largest(lambda n: self._probe(n).excess_bytes, needed, n_pe)

    @property
    def limit(self) -> int | None:
        """In time and in memory."""
        if self.time is None or self.memory is None:
            return None
        return min(self.time, self.memory)

    @property
    def limited_by(self) -> str:
        """``time`` or ``memory``, whichever ends first."""
        if self.time is None:
            return "time"
        return "memory" if self.memory is None or self.memory < self.time else "time"

    @cached_property
    def confirmed(self) -> bool:
        """Whether a run as of ``check`` takes the limit, and not one neuron more."""
        assert self.limit is not None
        return self._fits(self.limit) and (
            self.limit == MAX_N_REC or not self._fits(self.limit + 1)
        )

    def _fits(self, n_rec: int) -> bool:
        with self._variant.realised(_with_n_rec(self._scenario, n_rec)) as wanted:
            trace = short_run(wanted)
        used = memory(trace)
        return used.largest <= used.capacity and not real_time(trace).overruns

    def _run(self, n_rec: int) -> tuple[int, int]:
        """Cycles by which the worst plain step, and the worst with weight update, are late."""
        with self._variant.realised(_with_n_rec(self._scenario, n_rec)) as wanted:
            slack = real_time(simulate(wanted, noise(wanted, self._n_timesteps))).slack
        return -int(slack[:, :-1].min()), -int(slack[:, -1].min())

    def _probe(self, n_rec: int) -> Probe:
        with self._variant.realised(_with_n_rec(self._scenario, n_rec)) as wanted:
            workload = noise(wanted, N_TIMED)
            outer = sorted({0, wanted.n_pe - 1})  # one of them is the fullest
            made = [make_firmware(wanted, workload, wanted.n_pe, pe) for pe in outer]
            excess = most_excess_bytes(wanted, outer)
        step, last = (
            max(_cycles(each, every, wanted.n_pe, pe) for each, pe in zip(made, outer, strict=True))
            for every in EVERY
        )
        return Probe(step, step + last, excess)


def largest(excess: Callable[[int], int], guess: float, n_pe: int) -> int | None:
    """The largest number up to MAX_N_REC whose *excess*, a growing function, is not above zero.

    It and the next one are tried. None if not even *n_pe*, one for each PE, is good. The search
    begins at the multiple of *n_pe* below *guess*, since the busiest PE gets one neuron more right
    above it, and goes on in strides that double.
    """
    excess = lru_cache(None)(excess)
    begin = max(n_pe, int(min(guess, MAX_N_REC)) // n_pe * n_pe)
    stride = 1
    if excess(begin) > 0:
        high, low = begin, max(begin - stride, n_pe)
        while excess(low) > 0:
            if low == n_pe:
                return None
            stride = max(2 * stride, n_pe)
            high, low = low, max(low - stride, n_pe)
        return _between(excess, low, high)
    low, high = begin, min(begin + stride, MAX_N_REC)
    while excess(high) <= 0:
        if high == MAX_N_REC:
            return high
        stride = max(2 * stride, n_pe)
        low, high = high, min(high + stride, MAX_N_REC)
    return _between(excess, low, high)


def _between(excess: Callable[[int], int], low: int, high: int) -> int:
    """The last good number from *low*, which is good, to *high*, which is not.

    The secant through both ends says where to look; an end that stays put loses half its weight
    (the Illinois rule), so that both ends close in.
    """
    weight_below, weight_above = float(-excess(low)), float(excess(high))
    while high - low > 1:
        share = weight_below / (weight_below + weight_above)
        middle = min(max(low + round(share * (high - low)), low + 1), high - 1)
        if (found := excess(middle)) <= 0:
            low, weight_below, weight_above = middle, float(-found), weight_above / 2
        else:
            high, weight_above, weight_below = middle, float(found), weight_below / 2
    return low


def _root(sizes: Sequence[int], values: Sequence[int], limit: int) -> float:
    """Where the parabola through *values* at three *sizes* reaches *limit*."""
    curve = np.polyfit(sizes, np.array(values, float) - limit, 2)
    roots = np.roots(curve)
    real = roots[np.isreal(roots)].real
    return float(max(real, default=MAX_N_REC))


def _cycles(firmware: Firmware, every: Every, n_pe: int, pe: int) -> int:
    if firmware.costs is None:
        return 0
    charges = firmware.costs.charges(firmware.sizes, every, n_pe=n_pe, pe=pe)
    return sum(charge.cycles for parts in charges.values() for charge in parts)


def _with_n_rec(scenario: Scenario, n_rec: int) -> Scenario:
    return scenario.with_changes(parameters={**scenario.parameters, "n_rec": n_rec})
