"""The loop: what a run notes, and that an interrupted one ends as if it had never stopped."""

import numpy as np
import pytest

from spinn2sim.errors import CheckpointError, OutputError, SpecError, WorkloadError
from spinn2sim.training.checkpoint import BEST, LAST, load_checkpoint
from spinn2sim.training.job import Report
from spinn2sim.training.lock import locked
from spinn2sim.training.loop import Training, train
from spinn2sim.training.splits import sample_order
from tests.training.samples import (
    SILENT,
    features_of,
    job_of,
    last_state,
    parameters_of,
    same_state,
    without_speed,
)
from tests.training.scripted import Scripted, ScriptedParameters


class StoppedError(Exception):
    """Stands for whatever ends a process."""


def few_features():
    return features_of(n_train=12, n_validation=3, n_test=3)


def go_on(training):
    while training.epoch <= training.job.n_epochs:
        training.learn_epoch()
        training.close_epoch()


def interrupted(job, after):
    """*job* until it has learned *after* samples in this process."""
    job.folder.mkdir(exist_ok=True)
    training = Training(job, job.open_splits(), SILENT)
    training.resume()
    learn, seen = training.learner.learn, []

    def learn_or_stop(x, target):
        if len(seen) == after:
            raise StoppedError
        seen.append(target)
        return learn(x, target)

    training.learner.learn = learn_or_stop
    with pytest.raises(StoppedError):
        go_on(training)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that nothing has stopped."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, train(job_of(folder), SILENT)


@pytest.mark.parametrize("after", [0, 3, 7, 8, 39, 40, 41, 60, 79, 80, 95, 119])
def test_a_run_that_was_stopped_after_any_sample_ends_in_the_same_bits(whole, tmp_path, after):
    interrupted(job_of(tmp_path), after)
    outcome = train(job_of(tmp_path), SILENT)
    assert same_state(last_state(tmp_path), last_state(whole[0]))
    assert (outcome.confusion, outcome.test_loss_nats) == (
        whole[1].confusion,
        whole[1].test_loss_nats,
    )
    histories = [load_checkpoint(folder / LAST).history for folder in (tmp_path, whole[0])]
    assert without_speed(histories[0]) == without_speed(histories[1])


def test_a_run_that_is_stopped_again_and_again_ends_in_the_same_bits(whole, tmp_path):
    for _ in range(8):
        interrupted(job_of(tmp_path), 13)
    train(job_of(tmp_path), SILENT)
    assert same_state(last_state(tmp_path), last_state(whole[0]))


@pytest.mark.parametrize(("after", "kept"), [(6, None), (7, 7), (13, 7), (14, 14), (39, 35)])
def test_no_more_is_lost_than_one_checkpoint_interval(tmp_path, after, kept):
    interrupted(job_of(tmp_path), after)
    path = tmp_path / LAST
    assert (load_checkpoint(path).tally.n if path.exists() else None) == kept


@pytest.mark.parametrize(
    ("form", "given"),
    [
        ("fast", {"feedback": "adaptive", "update_every": 5}),
        ("reference", {"parameter_set": "authors-exact", "optimiser": "momentum"}),
        ("online", {"update_every": "timestep", "n_lif": 4}),
        ("bptt", {"decay": 0.5, "decay_every": 7}),
    ],
)
def test_every_kind_of_network_resumes_to_the_same_bits(tmp_path, form, given):
    def job(name):
        given_form = {"form": form, "parameters": parameters_of(**given)}
        return job_of(tmp_path / name, n_epochs=2, features=few_features, **given_form)

    train(job("whole"), SILENT)
    interrupted(job("stopped"), 18)
    train(job("stopped"), SILENT)
    assert same_state(last_state(tmp_path / "stopped"), last_state(tmp_path / "whole"))


def test_a_finished_run_that_is_resumed_says_the_same_and_learns_nothing(tmp_path, whole):
    train(job_of(tmp_path), SILENT)
    last = load_checkpoint(tmp_path / LAST)
    assert (last.epoch, last.tally.n) == (4, 0)
    before = (tmp_path / LAST).read_bytes()
    again = train(job_of(tmp_path), SILENT)
    assert (tmp_path / LAST).read_bytes() == before
    assert again.confusion == whole[1].confusion
    assert again.best._replace(samples_per_s=0) == whole[1].best._replace(samples_per_s=0)


def test_more_epochs_go_on_from_a_finished_run(tmp_path, whole):
    train(job_of(tmp_path, n_epochs=1), SILENT)
    train(job_of(tmp_path), SILENT)
    assert same_state(last_state(tmp_path), last_state(whole[0]))


def test_the_network_learns(whole):
    _, outcome = whole
    history = load_checkpoint(whole[0] / LAST).history
    assert history[-1].train_loss_nats < history[0].train_loss_nats
    assert outcome.test_accuracy > 0.6


def test_a_row_holds_the_figures_of_its_epoch(tmp_path):
    told = ScriptedParameters(right=(3,), spikes=21, loss=0.5)
    outcome = train(job_of(tmp_path, firmware_class=Scripted, parameters=told, n_epochs=1), SILENT)
    row = outcome.best
    assert (row.seed, row.epoch) == (1, 1)
    assert (row.train_loss_nats, row.train_accuracy) == (0.5, 1.0)
    assert (row.validation_loss_nats, row.validation_accuracy) == (0.5, 3 / 12)
    assert row.firing_rate_hz == pytest.approx(21 / (14 * 15 * 0.01))
    assert row.samples_per_s > 0


@pytest.mark.parametrize(
    ("right", "best"), [((3, 9, 5), 2), ((3, 9, 9), 2), ((7, 7, 7), 1), ((0, 1, 2), 3)]
)
def test_the_test_set_judges_the_first_epoch_with_the_best_validation(tmp_path, right, best):
    told = ScriptedParameters(right=right)
    job = job_of(tmp_path, firmware_class=Scripted, parameters=told)
    outcome = train(job, SILENT)
    assert outcome.best.epoch == best
    assert load_checkpoint(tmp_path / BEST).state["count"] == 40 * best
    assert outcome.test_accuracy == pytest.approx(right[best - 1] / 15)


def test_confusion_counts_test_samples_by_target_and_prediction(tmp_path):
    told = ScriptedParameters(right=(5,))
    job = job_of(tmp_path, firmware_class=Scripted, parameters=told, n_epochs=1)
    outcome = train(job, SILENT)
    expected = np.zeros((3, 4), int)  # The last column is for outputs that are no class.
    for k, target in enumerate(features_of().test.targets):
        expected[target, target if k < 5 else target + 1] += 1
    assert np.array_equal(outcome.confusion, expected)


def test_progress_says_how_far_it_is_and_what_is_left(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr("spinn2sim.training.progress.TELL_S", 0)
    report = Report(progress=seen.append, history=lambda _: None)
    train(job_of(tmp_path, n_epochs=2), report)
    assert [at.n_done for at in seen] == list(range(1, 81))
    assert {at.n_total for at in seen} == {80}
    assert [at.epoch for at in seen] == [1] * 40 + [2] * 40
    assert [at.validation_accuracy is None for at in seen] == [True] * 40 + [False] * 40
    assert seen[-1].left_s == 0
    assert seen[9].left_s == pytest.approx(70 / seen[9].samples_per_s)


def test_each_epoch_sees_every_sample_once_in_an_order_of_its_own():
    orders = [sample_order(seed, epoch, 50).tolist() for seed in (1, 2) for epoch in (1, 2, 3)]
    assert all(sorted(order) == list(range(50)) for order in orders)
    assert len({tuple(order) for order in orders}) == 6
    assert sample_order(1, 2, 50).tolist() == orders[1]


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"seed": 2}, "seed was 1 and is now 2"),
        ({"form": "fast"}, "form was 'online' and is now 'fast'"),
        (
            {"parameters": parameters_of(learning_rate=0.02)},
            "learning_rate was 0.01 and is now 0.02",
        ),
        ({"features": lambda: features_of(digest="x")}, "samples was 'synthetic' and is now 'x'"),
        ({"parameters": parameters_of(n_rec=15)}, "n_rec was 14 and is now 15"),
    ],
)
def test_a_checkpoint_of_another_run_is_refused(tmp_path, changed, problem):
    train(job_of(tmp_path, n_epochs=1), SILENT)
    with pytest.raises(CheckpointError) as error:
        train(job_of(tmp_path, **changed), SILENT)
    assert str(error.value) == (
        f"checkpoint {tmp_path / LAST}: is of another run: {problem}; resume with what it was "
        f"begun with"
    )


def test_two_runs_at_once_in_one_folder_are_refused(tmp_path):
    with locked(tmp_path), pytest.raises(OutputError) as error:
        train(job_of(tmp_path), SILENT)
    assert str(error.value) == (
        f"output {tmp_path}: another process trains in it; wait for it or choose another --out"
    )
    train(job_of(tmp_path, n_epochs=1), SILENT)


def test_a_network_with_fewer_outputs_than_classes_is_refused(tmp_path):
    with pytest.raises(SpecError, match="n_out = 2: the workload has 3 classes"):
        train(job_of(tmp_path, parameters=parameters_of(n_out=2)), SILENT)


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (
            lambda: features_of(n_validation=0),
            "workload validation set: is empty; give at least one sample",
        ),
        (
            lambda: features_of(n_test=0),
            "workload test set: is empty; give at least one sample",
        ),
    ],
)
def test_an_empty_set_is_refused(tmp_path, features, message):
    with pytest.raises(WorkloadError) as error:
        train(job_of(tmp_path, features=features), SILENT)
    assert str(error.value) == message


def test_features_of_another_width_are_refused(tmp_path):
    with pytest.raises(WorkloadError) as error:
        train(job_of(tmp_path, parameters=parameters_of(n_in=80)), SILENT)
    assert str(error.value) == (
        "workload train set: has features of shape (40, 15, 6), the network takes (40, 15, 80); "
        "set parameters.n_in or the derivative order"
    )
