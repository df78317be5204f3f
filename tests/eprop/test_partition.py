"""The number of PEs changes the time a sample takes, and not one bit of what is learned."""

import numpy as np
import pytest

from firmware_models.eprop import gather
from firmware_models.eprop.partition import own_neurons
from spinn2sim.errors import FirmwareError
from tests.eprop.networks import learn_sample, parameters_of, sample_of, train


def outcome(parameters, n_pe, **length):
    """Weights, losses, and the number of spikes of each sample."""
    firmwares, run = train(parameters, n_pe, **length)
    noted = [entry.value for entry in run.log if entry.name in {"loss", "correct"}]
    spikes = np.array([entry.value for entry in run.log if entry.name == "spikes"])
    weights = gather([firmware.readout() for firmware in firmwares])
    return weights, noted, spikes.reshape(length["n_samples"], n_pe).sum(axis=1).tolist()


def assert_same(one, other):
    assert one[1:] == other[1:]
    assert one[0].keys() == other[0].keys()
    for name, matrix in one[0].items():
        assert np.array_equal(matrix, other[0][name]), name


@pytest.mark.parametrize("feedback", ["symmetric", "adaptive"])
@pytest.mark.parametrize("n_pe", [2, 3, 4, 5, 6, 12])
def test_three_samples_leave_the_same_bits_on_any_number_of_pes(n_pe, feedback):
    parameters = parameters_of("authors", n_in=9, n_rec=25, n_out=6, feedback=feedback)
    length = {"n_timesteps": 30, "n_samples": 3}

    alone = outcome(parameters, 1, **length)
    assert min(alone[2]) > 20
    assert_same(outcome(parameters, n_pe, **length), alone)


@pytest.mark.parametrize(
    "given",
    [
        {"n_lif": 9},
        {"n_lif": 25, "optimiser": "rmsprop"},
        {"optimiser": "momentum", "update_every": 2},
        {"optimiser": "sgd", "rate_weight": 0.2, "decay": 0.5, "decay_every": 1},
        {"update_every": "timestep"},
    ],
    ids=" ".join,
)
def test_every_way_to_learn_leaves_the_same_bits_on_1_and_4_pes(given):
    parameters = parameters_of("authors", n_in=9, n_rec=25, n_out=6, **given)
    length = {"n_timesteps": 30, "n_samples": 3}
    alone = outcome(parameters, 1, **length)
    assert min(alone[2]) > 20
    assert_same(outcome(parameters, 4, **length), alone)


def test_the_papers_network_leaves_the_same_bits_on_1_and_12_pes():
    parameters = parameters_of("authors", 80, 120, 12)
    length = {"n_timesteps": 100, "n_samples": 3}
    assert_same(outcome(parameters, 12, **length), outcome(parameters, 1, **length))


def test_weights_do_change_and_loss_falls_on_a_sample_seen_again():
    parameters = parameters_of("authors", learning_rate=0.01)
    firmwares, run = train(parameters, 1, n_samples=1)
    before = firmwares[0].net.state.weights()
    _, again = learn_sample(firmwares[0].net, *sample_of(parameters))

    assert again < next(entry.value for entry in run.log if entry.name == "loss")
    after = firmwares[0].net.state.weights()
    assert all((before[name] != after[name]).any() for name in before)


@pytest.mark.parametrize(("n_rec", "n_pe"), [(120, 12), (25, 12), (7, 7), (20, 1), (121, 12)])
def test_slices_cover_all_neurons_and_differ_by_at_most_one(n_rec, n_pe):
    slices = [own_neurons(n_rec, n_pe, pe) for pe in range(n_pe)]
    assert [j for own in slices for j in own] == list(range(n_rec))
    sizes = {len(own) for own in slices}
    assert max(sizes) - min(sizes) <= 1


def test_more_pes_than_neurons_are_refused():
    with pytest.raises(FirmwareError) as refused:
        own_neurons(5, 6, 0)
    assert str(refused.value) == (
        "PE 0: 5 recurrent neurons cannot be spread over 6 PEs; "
        "use 1 to 5 PEs or n_rec of at least 6"
    )


def test_gather_gives_matrices_post_by_pre():
    firmwares, _ = train(parameters_of(feedback="random"), 3, n_timesteps=2)
    network = gather([firmware.readout() for firmware in firmwares])
    shapes = {name: matrix.shape for name, matrix in network.items()}
    assert shapes == {"w_in": (12, 7), "w_rec": (12, 12), "w_out": (5, 12), "b_out": (5, 12)}
    assert np.array_equal(network["w_in"][4:8], firmwares[1].net.state.w_in)
    assert np.array_equal(network["w_out"][:, 4:8], firmwares[1].net.state.w_out)
