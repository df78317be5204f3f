"""What goes where on the machine, and when: counted in the trace of a run."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from experiments import memory_table
from experiments.paper import network, runs
from spinn2sim import Trace, load_scenario, simulate, summarise
from spinn2sim.claims import Found, Place
from spinn2sim.feasibility import N_TIMED, largest_network, noise, short_run
from spinn2sim.minibatch import simulate_batches, summarise_batches
from spinn2sim.report.memory import memory
from spinn2sim.report.realtime import real_time

KB = 1024

#: The scenarios that come with the project.
SCENARIOS = Path(__file__).parents[1] / "scenarios"

#: What makes the mapping of the presets neuron-based; whether it fits is asked elsewhere.
NEURON_BASED = ("parameters.division=neuron", "chip.pe.sram.check=relaxed")


def largest_in_memory() -> Found:
    """Neurons of the largest network whose arrays fit one PE."""
    largest = largest_network(runs.scenario(runs.SINGLE)).memory
    assert largest is not None
    used = runs.summary(runs.SINGLE).sram_bytes_max_pe / KB
    return Found(largest, f"20 neurons take {used:.1f} KB")


def sample_fits_single_pe() -> Found:
    """Whether the input of a whole sample fits beside the network of the single PE."""
    used = memory(runs.trace(runs.SINGLE))
    (buffer,) = (row for row in used.rows if row.name == "x")
    needed = used.total - buffer.n_bytes + runs.speech().samples[0].values.nbytes
    note = f"{needed / KB:.1f} KB of {used.capacity / KB:.0f} KB"
    return Found(needed <= used.capacity, note)


def buffered_steps() -> int:
    """Time steps of input that a PE holds, ping and pong."""
    (buffer,) = (row for row in memory(runs.trace(runs.SINGLE)).rows if row.name == "x")
    return buffer.shape[0]


def slices() -> str:
    """PEs and their own neurons."""
    found = Counter(sizes["L"] for sizes in runs.trace().meta["sizes"])
    return ", ".join(f"{n_pe} x {n_own}" for n_own, n_pe in found.items())


def pes_fed_by_host() -> int:
    """PEs into whose SRAM the host writes input."""
    return len(np.unique(runs.trace().tables["refills"]["pe"]))


def refill_bytes() -> int:
    """Bytes of one refill of the buffers of all PEs."""
    refills = runs.trace().tables["refills"]
    return int(refills["n_bytes"][refills["block"] == refills["block"].max()].sum())


def spike_targets() -> Found:
    """PEs that a spike arrives at: what a run with spikes receives more than a silent one."""
    lively, silent = runs.trace(), runs.silent()
    n_spikes = _n_sent(lively) - _n_sent(silent)
    n_received = _n_received(lively) - _n_received(silent)
    return Found(n_received / n_spikes, f"{n_received} receptions of {n_spikes} spikes")


def dma_transfers() -> Found:
    """DMA transfers of a sample, and where they go."""
    dma = runs.trace().tables["dma"]
    n_samples = runs.summary().n_samples
    to = ", ".join(f"PE {pe}" for pe in np.unique(dma["to"]))
    return Found(len(dma["pe"]) / n_samples, f"all to {to}")


def steps_with_dma() -> str:
    """Time steps, counted from 1, in which transfers take place."""
    trace = runs.trace()
    released = np.sort(np.unique(trace.tables["steps"]["released"]))
    steps = np.searchsorted(released, trace.tables["dma"]["started"], side="right")
    return ", ".join(str(step) for step in np.unique(steps))


def cycles_of_updates_each_step() -> Found:
    """Busy cycles of a time step with an update in each, by those of a plain step."""
    plain = runs.summary()
    changed = runs.scenario(runs.PAPER, "parameters.update_every=timestep")
    times = real_time(simulate(changed, noise(changed, N_TIMED)))
    busy = float(times.busy.mean())
    clock = plain.clock_hz / 1e6
    note = f"{busy:,.0f} busy cycles; {times.overruns:,} overruns at {clock:g} MHz"
    return Found(busy / plain.cycles_per_step, note)


def pes_of_a_batch(*, n_samples: int) -> Found:
    """PEs of *n_samples* groups, each of which runs the paper's network by itself in real time."""
    n_pe = next(
        n for n in range(runs.scenario().n_pe, runs.scenario().chip.n_pe + 1) if _keeps_up(n)
    )
    fewest = next(n for n in range(1, n_pe + 1) if _keeps_up(n))
    return Found(n_samples * n_pe, f"a group of {n_pe} keeps real time; {fewest} PEs would, too")


def pes_of_a_simulated_batch(_place: Place, *, scenario: str) -> Found:
    """PEs of all groups of *scenario*, if its mini-batch ends in real time; else none."""
    wanted = load_scenario(SCENARIOS / f"{scenario}.yaml")
    found = summarise_batches(simulate_batches(wanted))
    note = (
        f"{found.batch_s:.3f} s for {found.n_groups} samples on {found.n_chips} chips, the sum of "
        f"the gradients {found.all_reduce_share:.3%} of it; {found.last_slack_cycles:,} cycles left"
    )
    return Found(found.n_pe if found.fits else 0, note)


def neuron_based_is_uneven() -> Found:
    """Whether it has less equal load, more DMA and more waiting than the synapse-based mapping."""
    found = [_evenness(runs.trace(runs.PAPER, *change)) for change in (NEURON_BASED, ())]
    neuron, synapse = found
    note = (
        f"the busiest PE has {neuron[0]:.2f} times the work of the idlest (synapse-based "
        f"{synapse[0]:.2f}), {neuron[1]:,.0f} B by DMA in a step ({synapse[1]:,.0f}), a PE waits "
        f"{neuron[2]:,.0f} cycles ({synapse[2]:,.0f})"
    )
    return Found(all(one > other for one, other in zip(neuron, synapse, strict=True)), note)


def _evenness(trace: Trace) -> tuple[float, float, float]:
    """Of the plain steps: most work of a PE by least, bytes of DMA, cycles that a PE waits."""
    times, dma = real_time(trace), trace.tables["dma"]
    work = times.busy[:, :-1].sum(axis=1)
    released = trace.tables["steps"]["released"].max()  # of the last step, which has the update
    n_bytes = int(dma["n_bytes"][dma["started"] < released].sum())
    waiting = sum(times.waiting[cause][:, :-1].mean() for cause in ("sync", "dma"))
    n_plain = times.busy.shape[1] - 1
    return float(work.max() / work.min()), n_bytes / n_plain, float(waiting)


def _keeps_up(n_pe: int) -> bool:
    """Whether the paper's network runs on *n_pe* PEs in time and in memory."""
    n_rec = network.parameters().n_rec
    if memory_table.fullest_bytes(n_rec, n_pe) > memory_table.pe_bytes():
        return False
    return summarise(short_run(runs.scenario(runs.PAPER, f"n_pe={n_pe}"))).fits


def _n_sent(trace: Trace) -> int:
    return int(trace.tables["sends"]["n_packets"].sum())


def _n_received(trace: Trace) -> int:
    return int(trace.tables["pes"]["packets_delivered"].sum())
