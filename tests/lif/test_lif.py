"""LIF neurons with fixed weights: their arithmetic, their dealing out, their costs."""

import re
from pathlib import Path

import numpy as np
import pytest

from experiments import lif_costs
from firmware_models.lif import Lif, LifParameters
from spinn2sim import load_scenario
from spinn2sim.costs.writing import table_text
from spinn2sim.errors import MissingFileError, SpecError
from spinn2sim.feasibility import check
from spinn2sim.firmware import Frame, PEContext, WorkloadShape, load_cost_table
from spinn2sim.firmware.network import LifNetwork, Projection, load_network, random_network
from spinn2sim.firmware.untimed import run_untimed

N_TIMESTEPS = 40


def two_populations(seed=4):
    """7 inputs to 6 neurons, these to 5 others, and these to themselves."""
    rng = np.random.default_rng(seed)

    def draw(*shape):
        return rng.normal(size=shape).astype(np.float32)

    projections = (
        Projection(0, 0, draw(7, 6), from_inputs=True),
        Projection(0, 6, draw(6, 5) + 1),
        Projection(6, 6, draw(5, 5) / 2),
    )
    alpha, drive, threshold, reset = rng.random((4, 11), np.float32)
    return LifNetwork(7, 5, alpha, drive / 5, 1 + threshold, reset / 2, projections)


def run(network, path, n_pe, seed=1):
    """Spikes by neuron, and voltages, after frames of noise; and what the run counted."""
    network.save(path)
    sizes = {"n_in": network.n_in, "n_rec": network.n_neurons, "n_out": network.n_out}
    parameters = LifParameters(**sizes, network=str(path))
    shape = WorkloadShape(1, N_TIMESTEPS, network.n_in, 1)
    firmwares = [Lif(parameters, PEContext(pe, n_pe, seed, shape, 5)) for pe in range(n_pe)]
    counted = run_untimed(firmwares, [Frame(x, 0) for x in noise(network.n_in)])
    spikes, v = np.zeros(network.n_neurons, int), np.zeros(network.n_neurons, np.float32)
    for firmware in firmwares:
        spikes[firmware.own], v[firmware.own] = firmware.n_spikes, firmware.v
    return spikes, v, counted, firmwares


def noise(n_in):
    return np.random.default_rng(9).random((N_TIMESTEPS, n_in), np.float32)


def by_the_book(network):
    """The same in float64, with whole matrices: v = alpha v + drive + currents."""
    w_in = np.zeros((network.n_in, network.n_neurons))
    w_rec = np.zeros((network.n_neurons, network.n_neurons))
    for each in network.projections:
        n_pre, n_post = each.weight.shape
        whole = w_in if each.from_inputs else w_rec
        whole[
            each.first_pre : each.first_pre + n_pre, each.first_post : each.first_post + n_post
        ] += each.weight
    v, z = np.zeros(network.n_neurons), np.zeros(network.n_neurons)
    n_spikes = np.zeros(network.n_neurons, int)
    for x in noise(network.n_in):
        v = network.alpha * v + network.drive + x @ w_in + z @ w_rec
        z = (v > network.threshold).astype(float)
        v = np.where(z > 0, network.reset, v)
        n_spikes += z.astype(int)
    return n_spikes, v


def test_it_does_what_the_equations_say(tmp_path):
    network = two_populations()
    spikes, v, _, _ = run(network, tmp_path / "n.npz", 1)
    expected_spikes, expected_v = by_the_book(network)
    assert np.array_equal(spikes, expected_spikes)
    assert np.allclose(v, expected_v, atol=1e-4)
    assert (spikes[:6].sum(), spikes[6:].sum()) > (20, 20)
    assert spikes.max() < N_TIMESTEPS


@pytest.mark.parametrize("n_pe", [2, 5, 11])
def test_spikes_and_voltages_are_to_the_bit_the_same_on_any_number_of_pes(tmp_path, n_pe):
    network = two_populations()
    alone, dealt = (run(network, tmp_path / f"{n}.npz", n) for n in (1, n_pe))
    assert np.array_equal(alone[0], dealt[0])
    assert np.array_equal(alone[1], dealt[1])


def test_a_pe_holds_the_rows_that_lead_to_its_own_neurons(tmp_path):
    *_, firmwares = run(two_populations(), tmp_path / "n.npz", 5)
    weights = [v.n_bytes for each in firmwares for v in each.layout if v.is_weight]
    assert sum(weights) == 4 * (7 * 6 + 6 * 5 + 5 * 5)
    first = {v.name: v.shape for v in firmwares[0].layout if v.is_weight}  # neurons 0, 5 and 10
    assert first == {"w_0": (7, 2), "w_1": (6, 1), "w_2": (5, 1)}
    assert firmwares[0].sizes == {"L": 3, "I": 7, "N": 11, "W": 14, "S": 11}


def test_a_step_costs_what_the_table_says(tmp_path):
    *_, counted, firmwares = run(two_populations(), tmp_path / "n.npz", 5)
    cycles = counted.cycles[0]
    assert cycles["input_current"] == N_TIMESTEPS * (25 + 11 * 3 + 10 * 14)
    assert cycles["recurrent_current"] == N_TIMESTEPS * (25 + 14 * 3 + 10 * 11)
    assert set(cycles) == {term.label for term in firmwares[0].costs.terms}


def test_its_cost_table_is_what_the_script_writes():
    assert lif_costs.TABLE.read_text() == table_text(lif_costs.table())


def test_its_costs_are_those_of_e_prop_measured():
    eprop = load_cost_table("measured", lif_costs.MODELS / "eprop" / "costs")
    lif = load_cost_table("measured", lif_costs.MODELS / "lif" / "costs")
    sizes = {"L": 10, "I": 80, "R": 120, "O": 12}
    ours = {"L": 10, "I": 80, "N": 120, "W": 10 * 80, "S": 10 * 120}
    theirs, own = (
        {function: sum(c.cycles for c in charges) for function, charges in found.items()}
        for found in (
            eprop.charges(sizes, "step", n_pe=12, pe=0),
            lif.charges(ours, "step", n_pe=12, pe=0),
        )
    )
    own["alif_update"] = own.pop("lif_update")
    assert own == {function: theirs[function] for function in own}


def test_without_a_file_the_network_is_drawn_from_the_seed_and_can_be_checked():
    overrides = ("name=lif", "n_pe=4", "firmware=firmware_models.lif:Lif", "parameters.n_rec=40")
    found = check(load_scenario(preset="fpga-prototype", overrides=overrides))
    assert found.summary.n_weights == (80 + 40) * 40
    assert found.largest.memory < found.largest.time
    one, same, other = (random_network(3, 4, 1, seed).projections[0].weight for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_a_saved_network_is_read_back(tmp_path):
    network = two_populations()
    network.save(tmp_path / "n.npz")
    found = load_network(tmp_path / "n.npz")
    assert (found.n_in, found.n_out, found.n_neurons) == (7, 5, 11)
    assert np.array_equal(found.threshold, network.threshold)
    for one, other in zip(found.projections, network.projections, strict=True):
        places = (one.first_pre, one.first_post, one.from_inputs)
        assert places == (other.first_pre, other.first_post, other.from_inputs)
        assert np.array_equal(one.weight, other.weight)


def test_a_file_that_is_no_network_is_refused(tmp_path):
    (tmp_path / "n.npz").write_bytes(b"no network")
    with pytest.raises(SpecError, match="is no network as `spinn2sim network` writes it"):
        load_network(tmp_path / "n.npz")
    with pytest.raises(MissingFileError, match="network not found"):
        load_network(Path("none.npz"))


def test_other_sizes_than_those_of_the_file_are_refused(tmp_path):
    path = tmp_path / "n.npz"
    two_populations().save(path)
    context = PEContext(0, 1, 1, WorkloadShape(1, 1, 7, 1), 5)
    problem = f"n_in, n_rec, n_out = (7, 12, 5): the network in {path} has (7, 11, 5)"
    with pytest.raises(SpecError, match=re.escape(problem)):
        Lif(LifParameters(n_in=7, n_rec=12, n_out=5, network=str(path)), context)
    with pytest.raises(SpecError, match="n_in = 8: the workload has 7 inputs per time step"):
        Lif(LifParameters(n_in=8, n_rec=12, n_out=5), context)


def test_a_table_of_other_functions_is_refused():
    context = PEContext(0, 1, 1, WorkloadShape(1, 1, 80, 1), 5)
    table = str(lif_costs.MODELS / "eprop" / "costs" / "measured.yaml")
    with pytest.raises(SpecError, match="missing or unknown functions: alif_update, e_prop, "):
        Lif(LifParameters(cost_table=table), context)
