"""check(): does it fit, what limits it, and how large could the network be, in a blink.

The same simulation as a full run, only shorter: as many time steps as it takes to fill and refill
the input buffers once, with the weight update at the end, on noise instead of speech. There is no
second model that could disagree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from spinn2sim.errors import SpecError
from spinn2sim.report import Summary, real_time, summarise
from spinn2sim.sim import load_firmware, make_firmware, simulate
from spinn2sim.spec import Scenario
from spinn2sim.trace import Trace
from spinn2sim.validated import validate
from spinn2sim.workload import Sample, Workload

#: The largest N_rec that is looked for.
MAX_N_REC = 16_384

#: Blocks of input in a check: ping, pong, and the first one that depends on a refill.
N_BLOCKS = 3


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
    """Summary of a short run, and the largest network on the same PEs at the same clock."""

    trace: Trace
    summary: Summary
    largest: LargestNetwork

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {**self.summary.as_dict(), "largest_n_rec": self.largest.as_dict()}


def check(scenario: Scenario) -> Check:
    """Check *scenario*, whose firmware takes ``n_in``, ``n_rec`` and ``n_out``.

    Memory is reported, not enforced: a network that does not fit gets a verdict, not an error.
    """
    relaxed = _relaxed(scenario)
    n_timesteps = N_BLOCKS * scenario.host.steps_per_buffer + 1
    trace = simulate(relaxed, noise(relaxed, n_timesteps))
    return Check(trace, summarise(trace), largest_network(relaxed))


def largest_network(scenario: Scenario) -> LargestNetwork:
    """The largest N_rec by time and by memory; each is confirmed, and one more is too many."""
    relaxed = _relaxed(scenario)

    def in_time(n_rec: int) -> bool:
        return _responses(relaxed, n_rec)[1] <= 0

    def in_time_without_update(n_rec: int) -> bool:
        return _responses(relaxed, n_rec)[0] <= 0

    def in_memory(n_rec: int) -> bool:
        wanted = _with_n_rec(relaxed, n_rec)
        firmware = make_firmware(wanted, noise(wanted, 2), wanted.n_pe, 0)
        return firmware.layout.n_bytes <= wanted.chip.pe.sram.variable_bytes

    smallest = scenario.n_pe  # a neuron for each PE
    return LargestNetwork(
        *(_largest(fits, smallest) for fits in (in_time, in_time_without_update, in_memory))
    )


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
    sizes = ("n_in", "n_rec", "n_out")
    missing = [name for name in sizes if not hasattr(parameters, name)]
    if missing:
        problem = f"its parameters lack {', '.join(missing)}, which check varies; use run"
        raise SpecError(f"firmware {scenario.firmware}", (problem,))
    return tuple(getattr(parameters, name) for name in sizes)


def _responses(scenario: Scenario, n_rec: int) -> tuple[int, int]:
    """Cycles by which the worst plain step and the worst step with weight update are late."""
    wanted = _with_n_rec(scenario, n_rec)
    times = real_time(simulate(wanted, noise(wanted, 2)))
    plain, update = (-times.slack).max(axis=0)
    return int(plain), int(update)


def _with_n_rec(scenario: Scenario, n_rec: int) -> Scenario:
    return scenario.with_changes(parameters={**scenario.parameters, "n_rec": n_rec})


def _relaxed(scenario: Scenario) -> Scenario:
    chip = scenario.chip
    sram = chip.pe.sram.with_changes(check="relaxed")
    relaxed = chip.with_changes(pe=chip.pe.with_changes(sram=sram))
    return scenario.with_changes(chip=relaxed, strict=False)


def _largest(fits: Callable[[int], bool], smallest: int) -> int | None:
    """The largest number that *fits*, a predicate that holds up to some number and not above."""
    if not fits(smallest):
        return None
    low, high = smallest, smallest * 2
    while fits(high):
        low, high = high, high * 2
        if low >= MAX_N_REC:
            return low
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low
