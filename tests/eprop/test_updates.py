"""When weights change: after a sample, after a mini-batch, or after each time step."""

import itertools

import numpy as np
import pytest

from firmware_models.eprop import Eprop, gather
from firmware_models.eprop.training.learner import NO_OTHERS, Learner
from spinn2sim.errors import SpecError
from spinn2sim.validated import validate
from tests.eprop.networks import (
    context_of,
    firmwares_of,
    learn_sample,
    parameters_of,
    sample_of,
    slice_of,
    train,
)


def trajectory(parameters, n_samples):
    """w_in before and after each sample, and the gradients of each."""
    net, weights, gradients = slice_of(parameters), [], []
    weights.append(net.state.w_in.copy())
    for seed in range(n_samples):
        learn_sample(net, *sample_of(parameters, seed=seed))
        weights.append(net.state.w_in.copy())
        gradients.append(net.state.dw_in.copy())
    return weights, gradients


# Mini-batches


def test_a_batch_follows_the_mean_of_its_gradients_and_changes_nothing_before():
    parameters = parameters_of(update_every=3, optimiser="sgd", learning_rate=0.1)
    weights, gradients = trajectory(parameters, 7)
    changed = [not np.array_equal(*pair) for pair in itertools.pairwise(weights)]
    assert changed == [False, False, True, False, False, True, False]
    for end in (3, 6):
        mean = sum(gradients[end - 3 : end]) / 3
        assert weights[end] == pytest.approx(weights[end - 1] - 0.1 * mean, rel=1e-5, abs=1e-8)


def test_a_batch_of_the_same_sample_is_one_step_along_its_gradient():
    outcomes = []
    for update_every in (1, 4):
        parameters = parameters_of(update_every=update_every, precision="float64")
        net = slice_of(parameters)
        for _ in range(update_every):
            learn_sample(net, *sample_of(parameters))
        outcomes.append(net.state.weights())
    for name, w in outcomes[0].items():
        assert outcomes[1][name] == pytest.approx(w, rel=1e-9)


@pytest.mark.parametrize("feedback", ["symmetric", "adaptive"])
def test_a_batch_costs_an_array_per_weight(feedback):
    single, batch = (
        firmwares_of(parameters_of(update_every=n, feedback=feedback), 1)[0].layout for n in (1, 2)
    )
    n_out = 12 * 5 * (2 if feedback == "adaptive" else 1)
    assert batch.n_bytes - single.n_bytes == 4 * (7 * 12 + 12 * 12 + n_out)


def test_the_optimiser_is_charged_once_in_a_batch_and_accumulation_each_time():
    _, run = train(parameters_of(update_every=2), 1, n_timesteps=1, n_samples=4)
    _, single = train(parameters_of(), 1, n_timesteps=1, n_samples=4)
    cycles, alone = run.cycles[0], single.cycles[0]
    assert 2 * cycles["weight_update.adam"] == alone["weight_update.adam"]
    assert cycles["weight_update.gradient"] == alone["weight_update.gradient"]
    assert cycles["weight_update.accumulate"] > 0
    assert "weight_update.accumulate" not in alone


def test_the_schedule_counts_samples_not_batches():
    given = {"optimiser": "sgd", "learning_rate": 0.1, "decay": 0.1, "decay_every": 2}
    parameters = parameters_of(update_every=2, precision="float64", **given)
    weights, gradients = trajectory(parameters, 4)
    step = weights[3] - weights[4]
    assert step == pytest.approx(0.01 * (gradients[2] + gradients[3]) / 2, rel=1e-9)


# Time steps


def steps_of(parameters, n_timesteps=6):
    net = slice_of(parameters, n_timesteps)
    x, target = sample_of(parameters, n_timesteps)
    net.state.reset()
    return net, x, target


def test_a_time_step_is_learned_as_a_sample_of_its_own_with_the_traces_so_far():
    parameters = parameters_of(
        "authors-exact",
        update_every="timestep",
        optimiser="sgd",
        learning_rate=0.1,
        l2=1e-3,
        precision="float64",
    )
    net, x, target = steps_of(parameters, 20)
    state, changes = net.state, 0
    for values in x:
        net.neuron_step(values)
        net.trace_step(NO_OTHERS)
        net.sum_output()
        y = (state.w_out * state.zbar).sum(axis=1)
        pi = np.exp(y) / np.exp(y).sum()
        loss = net.form_error(target).loss
        error = pi - np.eye(5)[target]
        expected = {
            "w_in": (state.w_out.T @ error)[:, None] * state.e_bar_in + 2e-3 * state.w_in,
            "w_out": np.outer(error, state.zbar) + 2e-3 * state.w_out,
        }
        before = state.weights()
        net.learn()
        assert loss == pytest.approx(-np.log(pi[target]), rel=1e-9)
        for name, gradient in expected.items():
            step = (before[name] - state.weights()[name]) / 0.1
            assert step == pytest.approx(gradient, rel=1e-8, abs=1e-10)
            changes += bool(np.abs(gradient).max() > 0.01)
    assert changes > 10


@pytest.mark.parametrize("n_pe", [2, 5])
def test_updates_in_each_time_step_leave_the_same_bits_on_any_number_of_pes(n_pe):
    parameters = parameters_of(update_every="timestep", learning_rate=0.01)
    alone, together = (train(parameters, n, n_samples=2) for n in (1, n_pe))
    weights = [gather([f.readout() for f in firmwares]) for firmwares, _ in (alone, together)]
    for name, w in weights[0].items():
        assert np.array_equal(w, weights[1][name]), name
    noted = [
        [(e.name, e.value) for e in run.log if e.name != "spikes"] for _, run in (alone, together)
    ]
    assert noted[0] == noted[1]
    assert [name for name, _ in noted[0]] == 2 * ["loss", "correct", "approximate"]


@pytest.mark.parametrize("form", ["online", "reference"])
def test_the_host_learns_each_time_step_to_the_bit(form):
    parameters = parameters_of(update_every="timestep", learning_rate=0.01)
    firmwares, run = train(parameters, 3, n_samples=2)
    learner = Learner(parameters, n_timesteps=40, n_classes=5, seed=1, form=form)
    judgements = [learner.learn(*sample_of(parameters, seed=seed)) for seed in (0, 1)]
    logged = {name: [e.value for e in run.log if e.name == name] for name in ("loss", "correct")}
    assert [judgement.loss for judgement in judgements] == logged["loss"]
    assert [judgement.correct for judgement in judgements] == logged["correct"]
    chip = gather([firmware.readout() for firmware in firmwares])
    assert all(np.array_equal(chip[name], w) for name, w in learner.weights().items())


def test_judging_changes_no_weight():
    parameters = parameters_of(update_every="timestep", learning_rate=0.01)
    learner = Learner(parameters, n_timesteps=40, n_classes=5, seed=1, form="online")
    before = learner.weights()
    learner.judge(*sample_of(parameters))
    assert all(np.array_equal(before[name], w) for name, w in learner.weights().items())


def test_the_prediction_of_a_sample_is_the_class_with_the_largest_output_over_its_time_steps():
    steps, whole = (
        Learner(parameters_of(update_every=n), n_timesteps=40, n_classes=5, seed=1, form="online")
        for n in ("timestep", 1)
    )
    samples = [sample_of(parameters_of(), seed=seed) for seed in range(12)]
    found, expected = ([net.judge(*sample) for sample in samples] for net in (steps, whole))
    assert [each.predicted for each in found] == [each.predicted for each in expected]
    assert len({each.predicted for each in found}) > 1
    for judgement, (_, target) in zip(found, samples, strict=True):
        assert judgement.correct == (judgement.predicted == target)


def test_each_time_step_is_charged_the_exchange_and_the_update():
    _, run = train(parameters_of(update_every="timestep"), 3, n_timesteps=4)
    _, once = train(parameters_of(), 3, n_timesteps=4)
    for label in ("weight_update.adam", "learning_signal", "reduce_output"):
        assert run.cycles[0][label] == 4 * once.cycles[0][label]
    assert run.cycles[0]["e_prop.eps_v.multiply"] == once.cycles[0]["e_prop.eps_v.multiply"]
    # 5 words of the error take 2 packets.
    spikes = [e.value for e in run.log if e.name == "spikes"]
    assert run.n_packets == (spikes[0] + 4 * 2, spikes[1], spikes[2])


def test_on_the_papers_network_it_doubles_the_cycles_as_the_paper_says():
    def cycles(update_every):
        parameters = parameters_of("authors", 80, 120, 12, update_every=update_every)
        _, run = train(parameters, 12, n_timesteps=100)
        return sum(run.cycles[5].values())

    assert cycles("timestep") / cycles(1) == pytest.approx(2, rel=0.03)


def test_the_program_says_that_the_gradient_is_approximate():
    parameters = parameters_of("authors-exact", update_every="timestep")
    assert Eprop(parameters, context_of(parameters)).approximations == (
        "update_every: eligibilities hold what older weights did",
    )
    exact = parameters_of("authors-exact")
    assert Eprop(exact, context_of(exact)).approximations == ()


def test_the_authors_set_says_what_is_approximate_in_it():
    parameters = parameters_of("authors", rate_weight=0.1)
    assert [reason.partition(":")[0] for reason in parameters.approximations()] == [
        "eligibility",
        "zero_recurrent_diagonal",
        "rate_weight",
    ]


def test_the_fast_form_refuses_updates_within_its_sample():
    parameters = parameters_of(update_every="timestep")
    with pytest.raises(SpecError) as refused:
        Learner(parameters, n_timesteps=4, n_classes=5, seed=1, form="fast")
    assert str(refused.value) == (
        "parameters: update_every = 'timestep': the form fast needs the whole sample; use online"
    )


@pytest.mark.parametrize("value", [0, -1, "step", 1.5])
def test_other_rhythms_are_refused(value):
    with pytest.raises(SpecError, match="update_every"):
        validate(type(parameters_of()), {"update_every": value}, "parameters")
