"""The run of ``spinn2sim check`` without its search for the largest network.

A sweep asks for thousands of checks, mostly on the same PEs at the same clock, and would look for
the same largest network again at each point; who wants it sweeps with the fidelity ``limits``.
"""

from __future__ import annotations

from spinn2sim.errors import SpecError
from spinn2sim.explore.fields import field_value
from spinn2sim.feasibility import BUSY_HOST, MAX_N_REC, N_FILLED, N_TIMESTEPS, noise
from spinn2sim.report import real_time
from spinn2sim.sim import simulate
from spinn2sim.spec import Scenario
from spinn2sim.trace import Trace


def short_run(scenario: Scenario) -> Trace:
    """Three blocks of input and a step more, on noise; a whole sample if that does not tell.

    Memory is reported, not enforced.

    :raises Spinn2SimError: it cannot be run, or n_rec is above MAX_N_REC.
    """
    n_rec = field_value(scenario, "parameters.n_rec")
    if isinstance(n_rec, int) and n_rec > MAX_N_REC:
        problem = f"n_rec = {n_rec:,}: networks of up to {MAX_N_REC:,} can be checked"
        raise SpecError("check", (problem,))
    wanted = relaxed(scenario)
    n_short = (N_FILLED + 1) * wanted.host.steps_per_buffer + 1
    if n_short >= N_TIMESTEPS:
        return simulate(wanted, noise(wanted, N_TIMESTEPS))
    trace = simulate(wanted, noise(wanted, n_short))
    if real_time(trace).overruns or _host_load(trace, wanted) > BUSY_HOST:
        return simulate(wanted, noise(wanted, N_TIMESTEPS))
    return trace


def relaxed(scenario: Scenario) -> Scenario:
    """*scenario*, where memory that is too small and steps that are late are only reported."""
    sram = scenario.chip.pe.sram.with_changes(check="relaxed")
    pe = scenario.chip.pe.with_changes(sram=sram)
    return scenario.with_changes(chip=scenario.chip.with_changes(pe=pe), strict=False)


def _host_load(trace: Trace, scenario: Scenario) -> float:
    """Most time for one refill of all buffers, as a share of the time in which they are read."""
    refills = trace.tables["refills"]
    later = refills["block"] >= N_FILLED
    blocks = refills["block"][later]
    if not blocks.size:
        return 0.0
    started, finished = refills["started"][later], refills["finished"][later]
    longest = max(
        int(finished[blocks == block].max() - started[blocks == block].min())
        for block in set(blocks.tolist())
    )
    return longest / (scenario.host.steps_per_buffer * trace.period)
