"""What every firmware must hold to, whatever it computes; a new one joins FIRMWARES by a line."""

from collections import Counter
from functools import lru_cache

import numpy as np
import pytest

from spinn2sim import load_scenario, simulate
from spinn2sim.elaboration import elaborate
from spinn2sim.firmware import Frame
from spinn2sim.firmware.untimed import run_untimed
from spinn2sim.workload import Sample, Workload

#: Cycles that the machine adds under labels of its own; the rest is the firmware's.
HARDWARE_LABELS = {"interrupt", "dma_setup"}

N_IN, N_TIMESTEPS, N_SAMPLES = 6, 12, 2

EPROP = {"n_in": N_IN, "n_rec": 15, "n_out": 3, "parameter_set": "authors", "cost_table": "paper"}
MIXED = "tests.hw.programs:Mixed"

#: path, PEs, parameters
FIRMWARES = {
    "ping": ("firmware_models.ping:Ping", 5, {"n_rounds": 6}),
    "e-prop": ("firmware_models.eprop:Eprop", 5, EPROP),
    "e-prop alone": ("firmware_models.eprop:Eprop", 1, EPROP),
    "e-prop by kind of neuron": ("firmware_models.eprop:Eprop", 5, {**EPROP, "division": "neuron"}),
    "LIF": ("firmware_models.lif:Lif", 5, {"n_in": N_IN, "n_rec": 15, "n_out": 3}),
    "streaming from DRAM": ("firmware_models.streaming:Streaming", 5, {"n_blocks": 3}),
    "every op": (MIXED, 6, {}),
    "every op, two PEs": (MIXED, 2, {}),
}
USES_SEED = FIRMWARES.keys() - {"ping"}

MACHINES = {
    "150 MHz": ("chip.pe.clock=150MHz",),
    "300 MHz": ("chip.pe.clock=300MHz",),
    "odd clock": ("chip.pe.clock=66667kHz",),
    "fast NoC": ("chip.noc.clock=300MHz",),
    "slow NoC": ("chip.noc.clock=1MHz",),
    "deep FIFO": ("chip.comms.fifo_events=6000",),
    "shallow routers": ("chip.noc.fifo_flits=1",),
    "trees": ("chip.noc.multicast=tree",),
    "slow host": ("host.write_rate=20kbit/s",),
    "fast host": ("host.write_rate=500Mbit/s", "host.latency=0ns"),
    "two steps per buffer": ("host.steps_per_buffer=2",),
    "overloaded": ("timestep=100us",),
    "one PE per QPE": ("chip.pes_per_qpe=1", "chip.qpes=[[0,0],[3,0],[0,3],[3,3],[1,1],[2,0]]"),
}
#: The prototype has none in use.
DRAM = ("chip.dram.size_bytes=1MB", "chip.dram.rate=1Gbit/s", "chip.dram.latency=150ns")
#: A neighbour's SRAM is in reach within a QPE only.
NEEDS_QPES = {"every op", "every op, two PEs"}


def workload():
    rng = np.random.default_rng(3)
    samples = tuple(
        Sample(f"sample {n}", rng.random((N_TIMESTEPS, N_IN), np.float32), n % 3)
        for n in range(N_SAMPLES)
    )
    return Workload(samples, ("a", "b", "c"))


def scenario_of(name, *overrides):
    path, n_pe, parameters = FIRMWARES[name]
    fixed = (
        *DRAM,
        "name=contract",
        f"n_pe={n_pe}",
        f"firmware={path}",
        "seed=5",
        "patience_steps=100000",
    )
    scenario = load_scenario(preset="fpga-prototype", overrides=(*fixed, *overrides))
    return scenario.with_changes(parameters=parameters)


@lru_cache
def trace_of(name, *overrides):
    return simulate(scenario_of(name, *overrides), workload())


@lru_cache
def untimed(name):
    """The firmwares after the run, and what it counted."""
    given = workload()
    firmwares = elaborate(scenario_of(name), given)
    frames = [Frame(values, sample.target) for sample in given.samples for values in sample.values]
    return firmwares, run_untimed(firmwares, frames)


def log_of(trace, pe):
    log = trace.tables["log"]
    mine = log["pe"] == pe
    names = [trace.meta["log_names"][number] for number in log["name"][mine]]
    return list(zip(names, log["value"][mine].tolist(), strict=True))


def cycles_of(trace, pe):
    """Cycles of *pe* by label, those of the machine left out."""
    work, segments = trace.tables["work"], trace.tables["segments"]
    cycles = Counter()
    for segment in work["segment"][work["pe"] == pe].tolist():
        for row in np.flatnonzero(segments["segment"] == segment):
            label = trace.meta["labels"][segments["label"][row]]
            cycles[label] += int(segments["cycles"][row])
    return {label: n for label, n in cycles.items() if n and label not in HARDWARE_LABELS}


def same_arrays(one, other):
    return one.keys() == other.keys() and all(np.array_equal(one[k], other[k]) for k in one)


firmwares = pytest.mark.parametrize("name", FIRMWARES)


@firmwares
def test_it_logs_the_same_without_a_clock(name):
    trace, (_, run) = trace_of(name), untimed(name)
    for pe in range(trace.n_pe):
        assert log_of(trace, pe) == [(e.name, e.value) for e in run.log if e.pe == pe]


@firmwares
def test_it_charges_the_same_cycles_without_a_clock(name):
    trace, (_, run) = trace_of(name), untimed(name)
    for pe in range(trace.n_pe):
        assert cycles_of(trace, pe) == {label: n for label, n in run.cycles[pe].items() if n}


@firmwares
def test_it_leaves_the_same_in_sram_without_a_clock(name):
    trace, (firmwares_after, _) = trace_of(name), untimed(name)
    for pe, firmware in enumerate(firmwares_after):
        assert same_arrays(trace.readout(pe), firmware.readout())


@firmwares
@pytest.mark.parametrize("machine", MACHINES)
def test_timing_changes_no_result(name, machine):
    if machine == "one PE per QPE" and name in NEEDS_QPES:
        pytest.skip("it reads its neighbours' SRAM")
    usual, other = trace_of(name), simulate(scenario_of(name, *MACHINES[machine]), workload())
    assert same_arrays(usual.arrays, other.arrays)
    for pe in range(usual.n_pe):
        assert log_of(usual, pe) == log_of(other, pe)
        assert cycles_of(usual, pe) == cycles_of(other, pe)


@firmwares
def test_the_machines_make_a_difference_to_time(name):
    usual = trace_of(name).tables["steps"]
    faster = simulate(scenario_of(name, *MACHINES["300 MHz"]), workload())
    assert not np.array_equal(usual["finished"], faster.tables["steps"]["finished"])


@firmwares
def test_two_runs_have_equal_digests(name):
    assert trace_of(name).digest() == simulate(scenario_of(name), workload()).digest()


@pytest.mark.parametrize("name", sorted(USES_SEED))
def test_another_seed_gives_another_result(name):
    other = simulate(scenario_of(name, "seed=6"), workload())
    assert not same_arrays(trace_of(name).arrays, other.arrays)


@pytest.mark.parametrize("name", sorted(FIRMWARES.keys() - USES_SEED))
def test_a_seed_that_is_not_used_changes_no_result(name):
    other = simulate(scenario_of(name, "seed=6"), workload())
    assert same_arrays(trace_of(name).arrays, other.arrays)


@firmwares
def test_no_packet_is_lost_or_invented(name):
    trace, (_, run) = trace_of(name), untimed(name)
    sends, pes = trace.tables["sends"], trace.tables["pes"]
    n_sent = np.bincount(sends["pe"], sends["n_packets"], trace.n_pe).astype(int)
    assert n_sent.tolist() == list(run.n_packets)
    assert np.array_equal(pes["packets_expected"], pes["packets_delivered"])
    assert not pes["packets_dropped"].any()
    assert not pes["packets_overwritten"].any()
    # Beyond the packets of the others there are their sync flags and beats of DMA.
    assert (pes["packets_expected"] >= n_sent.sum() - n_sent).all()


@firmwares
def test_it_takes_each_time_step_once(name):
    trace, (_, run) = trace_of(name), untimed(name)
    steps = trace.tables["steps"]
    for pe in range(trace.n_pe):
        mine = steps["timestep"][steps["pe"] == pe].tolist()
        assert mine == list(range(run.n_timesteps[pe]))
        assert mine


@firmwares
def test_work_and_waits_follow_each_other_without_gap_or_overlap_once_the_timer_runs(name):
    trace = trace_of(name)
    cycle = trace.pe_clock.ticks_per_cycle
    work, segments, waits = (trace.tables[table] for table in ("work", "segments", "waits"))
    length = np.bincount(segments["segment"], segments["cycles"]).astype(int) * cycle
    for pe in range(trace.n_pe):
        mine = (work["pe"] == pe) & (work["timestep"] >= 0)
        idle = (waits["pe"] == pe) & (waits["timestep"] >= 0)
        spans = list(zip(work["start"][mine], length[work["segment"][mine]], strict=True))
        spans += list(
            zip(waits["start"][idle], (waits["stop"] - waits["start"])[idle], strict=True)
        )
        spans.sort()
        ends = [start + n for start, n in spans]
        assert ends[:-1] == [start for start, _ in spans[1:]]


@firmwares
def test_what_it_allocates_is_what_is_reported(name):
    trace, (firmwares_after, _) = trace_of(name), untimed(name)
    reported = trace.tables["pes"]["sram_bytes"].tolist()
    assert reported == [firmware.layout.n_bytes for firmware in firmwares_after]
