"""Graphs of LIF neurons out of NIR files."""

import json

import nir
import numpy as np
import pytest

from firmware_models.lif import Lif, LifParameters
from spinn2sim.errors import SpecError
from spinn2sim.firmware import Frame, PEContext, WorkloadShape
from spinn2sim.firmware.untimed import run_untimed
from spinn2sim.nir_graph import network_of, read_nir

MS = 1e-3


def neurons(n, tau_ms=20.0, **changed):
    values = {"r": 8.0, "v_leak": 0.1, "v_threshold": 1.0, "v_reset": 0.25, **changed}
    return nir.LIF(
        tau=np.full(n, tau_ms * MS), **{name: np.full(n, value) for name, value in values.items()}
    )


def draw(*shape):
    return np.random.default_rng(sum(shape)).normal(size=shape)


def graph(**changed):
    """4 inputs to 3 hidden neurons with a recurrent projection, and to 2 output neurons."""
    nodes = {
        "input": nir.Input(np.array([4])),
        "out": neurons(2, tau_ms=5.0),
        "w_in": nir.Affine(draw(3, 4), np.array([0.5, 0.0, -0.5])),
        "hidden": neurons(3),
        "w_rec": nir.Linear(draw(3, 3)),
        "w_out": nir.Linear(draw(2, 3) + 2),
        "output": nir.Output(np.array([2])),
        **changed,
    }
    edges = [
        ("input", "w_in"),
        ("w_in", "hidden"),
        ("hidden", "w_rec"),
        ("w_rec", "hidden"),
        ("hidden", "w_out"),
        ("w_out", "out"),
        ("out", "output"),
    ]
    return nodes, edges


def spikes_of(network, values):
    """Spikes by neuron of the firmware on one PE, for frames *values*."""
    parameters = {"n_in": network.n_in, "n_rec": network.n_neurons, "n_out": network.n_out}
    shape = WorkloadShape(1, len(values), network.n_in, 1)
    firmware = Lif(LifParameters(**parameters), PEContext(0, 1, 1, shape, 5))
    firmware.alpha[:], firmware.drive[:] = network.alpha, network.drive
    firmware.threshold[:], firmware.reset[:] = network.threshold, network.reset
    firmware._rows = tuple(
        (
            each.from_inputs,
            each.first_pre,
            slice(each.first_post, each.first_post + each.weight.shape[1]),
            each.weight,
        )
        for each in network.projections
    )
    run_untimed([firmware], [Frame(x, 0) for x in values])
    return firmware.n_spikes


def euler(nodes, values, timestep_s, n_substeps=400):
    """Spikes of the graph by small Euler steps of its differential equation, step by step."""
    populations = {"hidden": nodes["hidden"], "out": nodes["out"]}
    v = {name: np.zeros(len(node.r)) for name, node in populations.items()}
    z = {name: np.zeros(len(node.r)) for name, node in populations.items()}
    count = {name: np.zeros(len(node.r), int) for name, node in populations.items()}
    for x in values:
        current = {
            "hidden": nodes["w_in"].weight @ x
            + nodes["w_in"].bias
            + nodes["w_rec"].weight @ z["hidden"],
            "out": nodes["w_out"].weight @ z["hidden"],
        }
        for name, node in populations.items():
            for _ in range(n_substeps):
                slope = (node.v_leak - v[name] + node.r * current[name]) / node.tau
                v[name] = v[name] + slope * timestep_s / n_substeps
            z[name] = (v[name] > node.v_threshold).astype(float)
            v[name] = np.where(z[name] > 0, node.v_reset, v[name])
            count[name] += z[name].astype(int)
    return np.concatenate([count["hidden"], count["out"]])


def test_its_neurons_spike_as_the_differential_equation_says():
    nodes, edges = graph()
    values = np.random.default_rng(3).random((40, 4), np.float32)
    network = network_of(nodes, edges, 2 * MS, "graph")
    expected = euler(nodes, values, 2 * MS)
    assert expected.min() < expected.max()
    assert expected[3:].any()
    assert np.array_equal(spikes_of(network, values), expected)


def test_populations_are_numbered_with_the_output_last():
    network = network_of(*graph(), 2 * MS, "graph")
    assert (network.n_in, network.n_neurons, network.n_out) == (4, 5, 2)
    places = [
        (p.from_inputs, p.first_pre, p.first_post, p.weight.shape) for p in network.projections
    ]
    assert places == [(True, 0, 0, (4, 3)), (False, 0, 0, (3, 3)), (False, 0, 3, (3, 2))]


def test_a_file_gives_what_its_graph_does(tmp_path):
    nodes, edges = graph()
    nir.write(tmp_path / "g.nir", nir.NIRGraph(nodes, edges))
    found, direct = read_nir(tmp_path / "g.nir", MS), network_of(nodes, edges, MS, "")
    assert (found.n_in, found.n_neurons, found.n_out) == (4, 5, 2)
    shapes = [sorted(each.weight.sum().item() for each in n.projections) for n in (found, direct)]
    assert shapes[0] == pytest.approx(shapes[1])


def test_what_is_not_supported_is_named():
    nodes, edges = graph(hidden=nir.IF(np.ones(3), np.ones(3)))
    with pytest.raises(SpecError) as refused:
        network_of(nodes, edges, MS, "g.nir")
    assert str(refused.value) == (
        "g.nir: node 'hidden' is a IF; supported are Input, Output, LIF, Linear, Affine"
    )


def test_weights_that_lead_elsewhere_are_named():
    nodes, edges = graph()
    wrong = [*edges, ("w_in", "w_out")]
    with pytest.raises(SpecError, match="node 'w_in': has an edge with 'w_out', a Linear"):
        network_of(nodes, wrong, MS, "g.nir")


def test_weights_of_another_shape_are_named():
    nodes, edges = graph(w_rec=nir.Linear(draw(3, 2)))
    with pytest.raises(SpecError, match=r"node 'w_rec': weights of \(3, 2\), expected \(3, 3\)"):
        network_of(nodes, edges, MS, "g.nir")


def test_a_graph_without_neurons_before_its_output_is_refused():
    nodes, edges = graph()
    with pytest.raises(SpecError, match="expected one Input, and LIF neurons that lead to the Out"):
        network_of(nodes, [*edges[:-1], ("w_out", "output")], MS, "g.nir")


def test_the_command_maps_it_and_checks_time_and_memory(cli, tmp_path):
    nodes, edges = graph()
    nir.write(tmp_path / "model.nir", nir.NIRGraph(nodes, edges))
    options = ("--pes", 2, "--set", "timestep=1ms")
    code, out, err = cli("network", "model.nir", *options, "--json")
    assert (code, err) == (0, "")
    content = json.loads(out)
    assert (content["format"], content["folder"]) == ("spinn2sim/network/1", "model")
    assert (content["fits"], content["n_pe"]) == (True, 2)
    assert content["n_weights"] == 4 * 3 + 3 * 3 + 3 * 2
    assert content["period_cycles"] == 150_000
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == [
        "network.npz",
        "scenario.yaml",
    ]
    code, out, err = cli("network", "model.nir", *options)
    assert (code, out, err) == (2, "", "error: output model: exists; choose another --out\n")
    code, out, _ = cli("network", "model.nir", *options, "--out", "again")
    assert code == 0
    assert "recurrent_current" in out


def test_a_graph_that_cannot_be_mapped_leaves_no_folder(cli, tmp_path):
    nir.write(tmp_path / "model.nir", nir.NIRGraph(*graph()))
    code, out, err = cli("network", "model.nir", "--pes", 153)
    assert (code, out) == (2, "")
    assert err.startswith("error: n_pe: 153 PEs do not fit on chip 'spinnaker2', which has 152")
    assert not (tmp_path / "model").exists()


def test_a_folder_is_no_graph(cli, tmp_path):
    (tmp_path / "graphs").mkdir()
    assert cli("network", "graphs") == (
        2,
        "",
        "error: NIR graph not found: graphs; name a file that holds one, as model.nir\n",
    )


@pytest.mark.parametrize(
    ("content", "problem"),
    [(None, "NIR graph not found: m.nir"), (b"no HDF5", "m.nir: cannot be read as NIR: ")],
)
def test_a_file_that_is_none_is_refused(cli, tmp_path, content, problem):
    if content is not None:
        (tmp_path / "m.nir").write_bytes(content)
    code, out, err = cli("network", "m.nir")
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {problem}")
    assert not (tmp_path / "m").exists()
