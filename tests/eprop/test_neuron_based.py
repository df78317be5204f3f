"""Neuron-based division: other PEs do other things, and not one bit of the result is different."""

import numpy as np
import pytest

from firmware_models.eprop import gather
from firmware_models.eprop.neuron_based.roles import overlap, roles
from spinn2sim import load_scenario, simulate
from spinn2sim.errors import DivergenceError, FirmwareError
from spinn2sim.feasibility import noise
from spinn2sim.firmware.untimed import run_untimed
from spinn2sim.recording import record
from spinn2sim.replay import time_programs
from spinn2sim.report import memory, real_time
from tests.eprop.networks import firmwares_of, frames_of, parameters_of, train

LENGTH = {"n_timesteps": 30, "n_samples": 3}


def outcome(parameters, n_pe):
    """Weights; losses and correct answers; spikes over all samples."""
    firmwares, run = train(parameters, n_pe, **LENGTH)
    noted = [entry.value for entry in run.log if entry.name in {"loss", "correct"}]
    n_spikes = sum(entry.value for entry in run.log if entry.name == "spikes")
    return gather([firmware.readout() for firmware in firmwares]), noted, n_spikes


def assert_same(one, other):
    assert one[1:] == other[1:]
    assert one[0].keys() == other[0].keys()
    for name, matrix in one[0].items():
        assert np.array_equal(matrix, other[0][name]), name


@pytest.mark.parametrize("n_pe", [3, 4, 7, 12])
@pytest.mark.parametrize("feedback", ["symmetric", "adaptive"])
def test_it_leaves_the_bits_of_the_other_division(n_pe, feedback):
    given = {"n_in": 9, "n_rec": 25, "n_out": 6, "feedback": feedback}
    alone = outcome(parameters_of("authors", **given), 1)
    assert alone[2] > 60
    assert_same(outcome(parameters_of("authors", division="neuron", **given), n_pe), alone)


@pytest.mark.parametrize(
    "given",
    [
        {"parameter_set": "authors-exact"},
        {"n_lif": 9},
        {"optimiser": "momentum", "update_every": 2},
        {"optimiser": "sgd", "rate_weight": 0.2, "decay": 0.5, "decay_every": 1},
        {"update_every": "timestep"},
        {"bfloat16": ("eps_v", "eps_a", "m"), "float16": ("w", "e_bar", "dw")},
    ],
    ids=" ".join,
)
def test_every_way_to_learn_leaves_the_same_bits(given):
    sizes = {"n_in": 9, "n_rec": 25, "n_out": 6}
    alone = outcome(parameters_of(**sizes, **given), 1)
    assert alone[2] > 60
    assert_same(outcome(parameters_of(division="neuron", **sizes, **given), 5), alone)


def test_it_begins_with_given_weights():
    given = {"n_in": 9, "n_rec": 25, "n_out": 6}
    trained = outcome(parameters_of("authors", **given), 1)[0]
    firmwares = firmwares_of(parameters_of("authors", division="neuron", **given), 5)
    for firmware in firmwares:
        firmware.load_weights(trained)
    found = gather([firmware.readout() for firmware in firmwares])
    assert all(np.array_equal(found[name], matrix) for name, matrix in trained.items())


@pytest.mark.parametrize("n_pe", [3, 4, 5, 12, 30])
def test_each_kind_has_a_pe_and_each_neuron_a_place_in_each_kind(n_pe):
    found = roles(80, 120, n_pe)
    assert [role.pe for role in found] == list(range(n_pe))
    for part in ("out", "rec", "in"):
        neurons = [j for role in found if role.part == part for j in role.own]
        assert neurons == list(range(120))


def test_pes_are_shared_in_proportion_to_synapses():
    parts = [role.part for role in roles(80, 120, 12)]
    assert (parts.count("out"), parts.count("rec"), parts.count("in")) == (1, 7, 4)


@pytest.mark.parametrize("n_pe", [1, 2])
def test_fewer_than_three_pes_are_refused(n_pe):
    with pytest.raises(FirmwareError) as refused:
        roles(80, 120, n_pe)
    assert str(refused.value) == (
        f"PE 0: {n_pe} PEs cannot share input, recurrent and readout neurons; use 3 or more, or "
        f"division: synapse"
    )


def test_slices_overlap_in_the_neurons_that_both_have():
    assert list(overlap(range(3, 9), range(7, 12))) == [7, 8]
    assert not overlap(range(3), range(3, 5))


def scenario(division, n_pe=12, **given):
    wanted = load_scenario(
        preset="paper-12pe", overrides=(f"n_pe={n_pe}", "chip.pe.sram.check=relaxed")
    )
    parameters = {**wanted.parameters, "division": division, **given}
    return wanted.with_changes(parameters=parameters)


@pytest.fixture(scope="module")
def traces():
    return {
        division: simulate(scenario(division), noise(scenario(division), 6))
        for division in ("synapse", "neuron")
    }


def test_the_machine_leaves_the_bits_of_the_other_division(traces):
    weights = [gather([trace.readout(pe) for pe in range(12)]) for trace in traces.values()]
    assert all(np.array_equal(weights[0][name], weights[1][name]) for name in weights[0])


def test_currents_and_pseudo_derivatives_move_n_rec_words_each_step(traces):
    dma = traces["neuron"].tables["dma"]
    # Currents there and psi back in each of 6 steps; signals of all neurons to both kinds once.
    assert dma["n_bytes"].sum() == 6 * 2 * 120 * 4 + 2 * 120 * 4
    # The other division: 12 outputs of 8 B from each PE but one, whatever N_rec is.
    assert traces["synapse"].tables["dma"]["n_bytes"].sum() == 11 * 12 * 8


def test_it_does_the_same_work_and_waits_more(traces):
    """Work but for what comes once per PE: synapses and neurons are computed once in both."""

    def cycles(trace, *functions):
        names, segments, work = trace.meta["labels"], trace.tables["segments"], trace.tables["work"]
        wanted = [number for number, name in enumerate(names) if name.split(".")[0] in functions]
        mine = np.isin(segments["label"], wanted)
        by_segment = np.bincount(
            segments["segment"][mine], segments["cycles"][mine], work["segment"].max() + 1
        )
        return int(by_segment[work["segment"]].sum())

    synapse, neuron = traces["synapse"], traces["neuron"]
    for functions in (
        ("e_prop",),
        ("input_current", "recurrent_current"),
        ("alif_update",),
        ("output",),
    ):
        assert cycles(neuron, *functions) == pytest.approx(cycles(synapse, *functions), rel=1e-4)
    waiting = {name: real_time(trace).waiting_for_others.mean() for name, trace in traces.items()}
    assert waiting["neuron"] > 10 * waiting["synapse"]


def test_no_array_is_held_twice(traces):
    def held(trace):
        rows = memory(trace).rows
        return {
            name: sum(row.n_elements for row in rows if row.name == name)
            for name in ("w_in", "w_rec", "w_out", "m_in", "e_bar_rec", "v", "zbar")
        }

    assert held(traces["neuron"]) == held(traces["synapse"])


def test_the_compiled_replay_says_the_same():
    wanted = scenario("neuron", 5, n_rec=20)
    workload = noise(wanted, 4)
    replayed = time_programs(wanted, workload, record(wanted, workload))
    assert replayed.digest() == simulate(wanted, workload, timing="simpy").digest()


def test_weights_that_are_no_numbers_end_the_run():
    parameters = parameters_of("authors", division="neuron")
    firmwares = firmwares_of(parameters, 4)
    firmwares[1].net.state.w_rec[:] = np.nan
    firmwares[3].net.state.w_in[:] = np.nan
    with pytest.raises(DivergenceError, match="membrane potentials are infinite or not a number"):
        run_untimed(firmwares, frames_of(parameters, 40, 1))
