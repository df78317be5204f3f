"""check(): does it fit, what limits it, and how large could the network be, in a blink.

The same simulation as a run, on noise instead of speech, because cycles do not depend on what is
heard, and of a short sample: its last step has the weight update, and the input buffers are
refilled once. Only if that is late, or the host hardly keeps pace, does a whole sample tell what
becomes of it. The largest network is found by runs of two steps. No second model could disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from spinn2sim.elaboration import lending_of, load_firmware, make_firmware
from spinn2sim.errors import SpecError
from spinn2sim.report import Summary, real_time, summarise
from spinn2sim.sim import simulate
from spinn2sim.spec import Scenario
from spinn2sim.trace import Trace
from spinn2sim.validated import validate
from spinn2sim.workload import FeatureSettings, Sample, Workload

#: The largest N_rec that is looked for.
MAX_N_REC = 16_384

#: What a firmware calls the sizes of its network.
SIZES = ("n_in", "n_rec", "n_out")

#: Time steps of a sample: a second of audio.
N_TIMESTEPS = FeatureSettings().n_frames

#: Time steps that tell how long one takes, without the weight update and with it.
N_TIMED = 2

#: Blocks of input that are there before the first step: ping and pong.
N_FILLED = 2

#: Periods that a step may take: one of the largest network on one PE does.
PATIENCE_STEPS = 1_000_000

#: Share of its time that the host needs to refill all buffers from which on it may delay a step.
BUSY_HOST = 0.9


@dataclass(frozen=True, slots=True)
class LargestNetwork:
    """The largest N_rec by each limit; None if not even the smallest network is within it."""

    time: int | None
    """Every step ends in its period, the one with the weight update too."""
    time_without_update: int | None
    """Every step without weight update ends in its period."""
    memory: int | None
    """The arrays of each PE fit its SRAM."""

    @property
    def both(self) -> int | None:
        """In time and in memory."""
        if self.time is None or self.memory is None:
            return None
        return min(self.time, self.memory)

    def as_dict(self) -> dict[str, int | None]:
        """Plain JSON."""
        return {
            "time": self.time,
            "time_without_update": self.time_without_update,
            "memory": self.memory,
            "both": self.both,
        }


@dataclass(frozen=True, slots=True)
class Check:
    """Summary of a short run, and the largest network on the same PEs at the same clock.

    Figures per step and per update, slack and memory are those of any run; energy, host load and
    counts are of the time steps that were simulated (``n_steps``).
    """

    trace: Trace
    summary: Summary
    largest: LargestNetwork

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {**self.summary.as_dict(), "largest_n_rec": self.largest.as_dict()}


def check(scenario: Scenario) -> Check:
    """Check *scenario*, whose firmware takes ``n_in``, ``n_rec`` and ``n_out``.

    Memory is reported, not enforced: a network that does not fit gets a verdict, not an error.

    :raises SpecError: it takes no such parameters, or one is above MAX_N_REC.
    """
    trace = short_run(scenario)
    n_timed = N_TIMESTEPS if _host_load(trace) > BUSY_HOST else N_TIMED
    return Check(trace, summarise(trace), largest_network(scenario, n_timed))


def short_run(scenario: Scenario) -> Trace:
    """What ``check`` looks at: three blocks of input and a step more, or a whole sample.

    Memory is reported, not enforced.

    :raises SpecError: as ``check``.
    """
    wanted = relaxed(scenario)
    for name, size in zip(SIZES, _network_sizes(wanted), strict=True):
        if size > MAX_N_REC:
            problem = f"{name} = {size:,}: networks of up to {MAX_N_REC:,} can be checked"
            raise SpecError("check", (problem,))
    n_short = (N_FILLED + 1) * wanted.host.steps_per_buffer + 1
    if n_short < N_TIMESTEPS:
        trace = simulate(wanted, noise(wanted, n_short))
        if not real_time(trace).overruns and _host_load(trace) <= BUSY_HOST:
            return trace
    return simulate(wanted, noise(wanted, N_TIMESTEPS))


def largest_network(scenario: Scenario, n_timesteps: int = N_TIMED) -> LargestNetwork:
    """The largest N_rec by time and by memory; each is confirmed, and one more is too many.

    *n_timesteps* are run for each size. Two are enough if the host keeps pace; its load does not
    depend on N_rec.
    """
    wanted = relaxed(scenario)

    @lru_cache
    def late_cycles(n_rec: int) -> tuple[int, int]:
        return _late_cycles(_with_n_rec(wanted, n_rec), n_timesteps)

    smallest = scenario.n_pe  # a neuron for each PE
    return LargestNetwork(
        time=_largest(lambda n_rec: max(late_cycles(n_rec)), smallest),
        time_without_update=_largest(lambda n_rec: late_cycles(n_rec)[0], smallest),
        memory=_largest_in_memory(wanted, smallest),
    )


def _largest_in_memory(scenario: Scenario, smallest: int) -> int | None:
    """By the first and the last PE, one of which is as a rule the fullest; if not, by all."""

    def excess_bytes(n_rec: int, pes: Iterable[int]) -> int:
        return most_excess_bytes(_with_n_rec(scenario, n_rec), pes)

    all_pes = range(scenario.n_pe)
    outer = sorted({all_pes[0], all_pes[-1]})
    largest = _largest(lambda n_rec: excess_bytes(n_rec, outer), smallest)
    if largest is None or excess_bytes(largest, all_pes[1:-1] or outer) <= 0:
        return largest
    return _largest(lambda n_rec: excess_bytes(n_rec, all_pes), smallest)


def most_excess_bytes(scenario: Scenario, pes: Iterable[int]) -> int:
    """By how much the SRAM of any of *pes* is too small, or, with far arrays, of any lender."""
    workload = noise(scenario, N_TIMED)
    made = {pe: make_firmware(scenario, workload, scenario.n_pe, pe) for pe in pes}
    excess = max(each.layout.n_bytes for each in made.values())
    excess -= scenario.chip.pe.sram.variable_bytes
    if not any(each.layout.far for each in made.values()):
        return excess
    for pe in set(range(scenario.n_pe)) - made.keys():  # they share the lenders
        made[pe] = make_firmware(scenario, workload, scenario.n_pe, pe)
    lending = lending_of(scenario, [made[pe] for pe in range(scenario.n_pe)])
    return max(excess, lending.excess_bytes) if lending else excess


def relaxed(scenario: Scenario) -> Scenario:
    """*scenario*, where too little memory and late steps, however late, are only reported."""
    sram = scenario.chip.pe.sram.with_changes(check="relaxed")
    pe = scenario.chip.pe.with_changes(sram=sram)
    chip = scenario.chip.with_changes(pe=pe)
    return scenario.with_changes(chip=chip, strict=False, patience_steps=PATIENCE_STEPS)


def noise(scenario: Scenario, n_timesteps: int) -> Workload:
    """One sample of noise, shaped for the network of *scenario*.

    :raises SpecError: its firmware does not take the sizes of a network.
    """
    n_in, _, n_out = _network_sizes(scenario)
    values = np.random.default_rng(scenario.seed).random((n_timesteps, n_in), np.float32)
    classes = tuple(f"class {number}" for number in range(n_out))
    return Workload((Sample("noise", values, 0),), classes, ("noise, for timing only",))


def _network_sizes(scenario: Scenario) -> tuple[int, ...]:
    given = load_firmware(scenario.firmware).Parameters
    parameters = validate(given, scenario.parameters, "parameters")
    missing = [name for name in SIZES if not hasattr(parameters, name)]
    if missing:
        problem = f"its parameters lack {', '.join(missing)}, which check varies; use run"
        raise SpecError(f"firmware {scenario.firmware}", (problem,))
    return tuple(getattr(parameters, name) for name in SIZES)


def _host_load(trace: Trace) -> float:
    """Most time for one refill of all buffers, as a share of the time in which they are read."""
    refills = trace.tables["refills"]
    steps_per_buffer = trace.meta["scenario"]["host"]["steps_per_buffer"]
    refilled = range(N_FILLED, int(refills["block"].max(initial=0)) + 1)
    spans = (
        refills["finished"][refills["block"] == block].max()
        - refills["started"][refills["block"] == block].min()
        for block in refilled
    )
    return max((int(span) for span in spans), default=0) / int(steps_per_buffer * trace.period)


def _late_cycles(scenario: Scenario, n_timesteps: int) -> tuple[int, int]:
    """Cycles by which the worst plain step, and the worst with weight update, miss the deadline.

    Negative if they are in time.
    """
    slack = real_time(simulate(scenario, noise(scenario, n_timesteps))).slack
    return -int(slack[:, :-1].min()), -int(slack[:, -1].min())


def _with_n_rec(scenario: Scenario, n_rec: int) -> Scenario:
    return scenario.with_changes(parameters={**scenario.parameters, "n_rec": n_rec})


def _largest(excess: Callable[[int], int], smallest: int) -> int | None:
    """The largest number up to MAX_N_REC whose *excess*, a growing function, is not above zero.

    The number fits and the next one does not: both are tried. In between, the secant through the
    two ends says where to look; an end that stays put loses half its weight (the Illinois rule),
    so that both ends close in.
    """
    low, high = smallest, min(smallest * 2, MAX_N_REC)
    if (below := excess(low)) > 0:
        return None
    while (above := excess(high)) <= 0:
        if high == MAX_N_REC:
            return high
        low, below, high = high, above, min(high * 2, MAX_N_REC)
    weight_below, weight_above = float(-below), float(above)
    while high - low > 1:
        share = weight_below / (weight_below + weight_above)
        middle = min(max(low + round(share * (high - low)), low + 1), high - 1)
        found = excess(middle)
        if found <= 0:
            low, weight_below, weight_above = middle, float(-found), weight_above / 2
        else:
            high, weight_above, weight_below = middle, float(found), weight_below / 2
    return low
