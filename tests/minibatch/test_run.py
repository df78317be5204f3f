"""Mini-batches over groups of PEs: what is learned, and when it happens."""

from pathlib import Path

import numpy as np
import pytest

import spinn2sim.minibatch.run
from spinn2sim import load_scenario, simulate
from spinn2sim.elaboration import scenario_workload
from spinn2sim.errors import PlacementError, SpecError, SramOverflowError
from spinn2sim.minibatch import simulate_batches, summarise_batches
from spinn2sim.minibatch.placement import alone
from spinn2sim.minibatch.verification import host_difference
from spinn2sim.workload import Workload
from tests.minibatch.machine import BOARD, difference, host_weights, scenario_of, workload_of

SCENARIOS = Path(__file__).parents[2] / "experiments" / "scenarios"


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"feedback": "adaptive"},
        {"feedback": "random", "n_lif": 5, "optimiser": "rmsprop"},
        {"optimiser": "sgd", "learning_rate": 0.1, "decay": 0.5, "decay_every": 3, "l2": 0.01},
    ],
    ids=["plain", "adaptive", "lif", "decay"],
)
def test_groups_learn_what_the_host_learns_from_mini_batches(given):
    scenario = scenario_of(**given)
    workload = workload_of(scenario, n_batches=2)
    run = simulate_batches(scenario, workload)
    assert difference(run.weights, host_weights(scenario, workload)) < 1e-6
    assert difference(run.weights, host_weights(scenario, workload, 4)) > 1e-4
    assert host_difference(run, workload) == difference(
        run.weights, host_weights(scenario, workload)
    )


def test_more_groups_than_a_chip_holds_go_on_the_next_ones():
    overrides = ["board.group_pes=4", "board.placement=whole", *BOARD]
    scenario = scenario_of(*overrides, groups=7)
    workload = workload_of(scenario)
    run = simulate_batches(scenario, workload)
    assert difference(run.weights, host_weights(scenario, workload)) < 1e-6
    assert summarise_batches(run).n_chips == 2
    # Groups 5 and 6 are on the second chip: one sum crosses each way, on four PEs of 3 neurons.
    beats = 4 * sum(-(-3 * n // 4) for n in (7, 12, 5))
    links = run.batches[0][1].n_link_bits
    # Of other packets there are few: what is ready, from PE to PE.
    assert (links - 2 * beats * 192) % 96 == 0
    assert 0 < (links - 2 * beats * 192) // 96 <= 4 * 8


@pytest.mark.parametrize("place", [0, 2])
def test_a_group_alone_is_what_the_simpy_machine_makes_of_it(place):
    scenario = scenario_of()
    workload = workload_of(scenario)
    run = simulate_batches(scenario, workload)
    group = run.batches[0][0][place]
    seen = alone(scenario, place).with_changes(batch=None)
    sample = Workload(workload.samples[place : place + 1], workload.classes)
    trace = simulate(seen, sample, timing="simpy")
    steps = trace.tables["steps"]
    finished = [steps["finished"][steps["pe"] == pe].max() for pe in range(4)]
    assert group.finished.tolist() == [tick - steps["released"].min() for tick in finished]
    cycles = trace.tables["segments"]
    by_segment = np.bincount(cycles["segment"], cycles["cycles"])
    assert group.n_cycles == by_segment[trace.tables["work"]["segment"]].sum()
    assert trace.tables["spikes"]["key"].size > 0


def test_the_outcome_does_not_depend_on_who_simulates_which_groups(monkeypatch):
    scenario = scenario_of()
    workload = workload_of(scenario, n_batches=2)
    digests = set()
    for share in (1, 3, 10):
        monkeypatch.setattr(spinn2sim.minibatch.run, "GROUPS_AT_A_TIME", share)
        digests.add(simulate_batches(scenario, workload).digest())
    assert len(digests) == 1
    other = simulate_batches(scenario.with_changes(seed=1), workload)
    assert other.digest() not in digests


@pytest.mark.slow
def test_the_outcome_does_not_depend_on_the_number_of_processes(monkeypatch):
    monkeypatch.setattr(spinn2sim.minibatch.run, "GROUPS_AT_A_TIME", 1)
    scenario = scenario_of()
    workload = workload_of(scenario)
    alone_, several = (simulate_batches(scenario, workload, workers=n) for n in (1, 3))
    assert alone_.digest() == several.digest()
    assert difference(alone_.weights, several.weights) == 0


def test_progress_is_told_when_gradients_are_there_and_added_up():
    scenario, told = scenario_of(groups=2), []
    simulate_batches(scenario, workload_of(scenario, n_batches=2), progress=told.append)
    assert told == [0.25, 0.5, 0.75, 1.0]


@pytest.mark.slow
def test_the_mini_batch_of_1200_pes_learns_what_the_host_learns():
    scenario = load_scenario(SCENARIOS / "minibatch_1200pe.yaml")
    workload = scenario_workload(scenario)
    run = simulate_batches(scenario, workload)
    assert difference(run.weights, host_weights(scenario, workload, n_classes=12)) < 1e-5
    assert difference(run.weights, host_weights(scenario, workload, 0, n_classes=12)) > 1e-4
    found = summarise_batches(run)
    assert (found.n_pe, found.n_chips, found.n_groups) == (1_200, 9, 100)
    assert found.fits
    assert found.batch_s == 1.0
    assert 0 < found.all_reduce_share < 0.01
    assert found.sram_bytes_max_pe <= found.sram_bytes_available


# What is refused


def refusal(scenario, workload=None):
    with pytest.raises(SpecError) as refused:
        simulate_batches(scenario, workload or workload_of(scenario))
    return str(refused.value)


def test_more_groups_than_the_machine_holds_are_refused():
    scenario = scenario_of(groups=5)
    with pytest.raises(PlacementError, match=r"20 PEs do not fit .* has 16"):
        simulate_batches(scenario, workload_of(scenario))


def test_a_batch_size_that_is_not_the_number_of_groups_is_refused():
    assert refusal(scenario_of(update_every=3)) == (
        "parameters: update_every = 3: a mini-batch over 4 groups of PEs has a sample for each; "
        "set update_every to 4"
    )


def test_groups_that_share_a_qpe_are_refused():
    assert refusal(scenario_of(n_pe=3)) == (
        "batch: n_pe = 3: a group fills whole QPEs; use a multiple of 4"
    )


def test_a_board_whose_groups_are_others_is_refused():
    assert refusal(scenario_of(*BOARD)) == (
        "batch: board.group_pes = 1, board.placement = whole: a group has a chip to itself in one "
        "piece; use 4 and whole"
    )


def test_half_a_mini_batch_is_refused():
    assert refusal(scenario_of("workload.n_samples=6")) == (
        "batch: workload.n_samples = 6: not whole mini-batches of batch.groups = 4 samples; use a "
        "multiple"
    )


def test_a_scenario_without_groups_is_refused():
    scenario = scenario_of().with_changes(batch=None)
    with pytest.raises(SpecError, match="has no groups"):
        simulate_batches(scenario)


def test_simulate_does_not_pass_over_the_groups():
    scenario = scenario_of()
    with pytest.raises(SpecError, match="use `spinn2sim batch`"):
        simulate(scenario, workload_of(scenario))


def test_what_a_mini_batch_adds_to_the_memory_of_a_pe_is_checked():
    scenario = scenario_of()
    workload = workload_of(scenario)
    needed = simulate_batches(scenario, workload).sram_bytes
    given = scenario.chip.pe.sram
    room = given.with_changes(reserved_bytes=given.data_bytes - needed + 4)
    chip = scenario.chip.with_changes(pe=scenario.chip.pe.with_changes(sram=room))
    with pytest.raises(SramOverflowError, match=f"{needed:,} B do not fit in {needed - 4:,} B"):
        simulate_batches(scenario.with_changes(chip=chip), workload)
