"""The commands: what they write and print, and what they refuse."""

import csv
import dataclasses
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from spinn2sim.errors import Spinn2SimError
from spinn2sim.train_cli import train, validate
from tests.training.samples import features_of, last_state, same_state

NETWORK = str(Path(__file__).with_name("network.yaml"))
EPROP = ("--set", "firmware=firmware_models.eprop:Eprop")
COARSE = ("--set", "firmware=tests.training.scripted:CoarseEprop")
FILES = {
    *("scenario.yaml", "plan.json", "metrics.csv", "results.json", "confusion.csv"),
    *("confusion.png", "learning_curve.png"),
}


@pytest.fixture(autouse=True)
def synthetic(monkeypatch):
    def open_synthetic(source, *_, **__):
        return features_of(seed=0 if source.endswith("synthetic") else 3)

    monkeypatch.setattr("spinn2sim.training.run.open_source", open_synthetic)
    for slow in ("draw_confusion", "draw_learning_curves"):  # Drawn once, for ``done``.
        monkeypatch.setattr(f"spinn2sim.training.run.{slow}", lambda *_: None)


app = typer.Typer()
app.command()(train)
app.command()(validate)


def run(*arguments):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def trained(*options):
    return run("train", NETWORK, *EPROP, "--data", "synthetic", "--workers", 1, *options)


def refused(*arguments):
    with pytest.raises(Spinn2SimError) as error:
        run(*arguments)
    return str(error.value)


def rows_of(folder):
    return list(csv.DictReader((folder / "metrics.csv").read_text().splitlines()))


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A run of three seeds, and what it printed."""
    folder = tmp_path_factory.mktemp("done") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("spinn2sim.training.run.open_source", lambda *_, **__: features_of())
        result = trained("--epochs", 3, "--seeds", 3, "--out", folder, "--json")
    return folder, json.loads(result.stdout)


def test_a_run_leaves_all_its_files(done):
    folder, _ = done
    assert {file.name for file in folder.iterdir()} == FILES | {"seed-1", "seed-2", "seed-3"}
    for name in ("learning_curve.png", "confusion.png"):
        assert (folder / name).read_bytes().startswith(b"\x89PNG")


def test_metrics_have_a_row_for_each_seed_and_epoch_and_no_gaps(done):
    rows = rows_of(done[0])
    assert [(row["seed"], row["epoch"]) for row in rows] == [
        (str(seed), str(epoch)) for seed in (1, 2, 3) for epoch in (1, 2, 3)
    ]
    assert list(rows[0]) == [
        *("seed", "epoch", "train_loss_nats", "train_accuracy", "validation_loss_nats"),
        *("validation_accuracy", "firing_rate_hz", "samples_per_s"),
    ]
    assert all(float(value) > 0 for row in rows for value in row.values())


def test_results_are_the_mean_over_seeds_and_printed_as_they_are_written(done):
    folder, printed = done
    written = json.loads((folder / "results.json").read_text())
    assert printed == {"format": "spinn2sim/train/1", **written, "folder": str(folder)}
    accuracies = [row["test_accuracy"] for row in written["seeds"]]
    assert written["test_accuracy_mean"] == pytest.approx(sum(accuracies) / 3)
    assert [row["seed"] for row in written["seeds"]] == [1, 2, 3]
    assert 0.3 < written["majority_class_share"] < 0.6


def test_the_confusion_matrix_counts_each_test_sample_of_each_seed(done):
    header, *rows = csv.reader((done[0] / "confusion.csv").read_text().splitlines())
    assert header == ["target", "one", "two", "three", "no class"]
    assert [row[0] for row in rows] == ["one", "two", "three"]
    assert sum(int(cell) for row in rows for cell in row[1:]) == 3 * 15


def test_the_verdict_comes_first(tmp_path):
    out = trained("--epochs", 1, "--out", tmp_path / "run").stdout.splitlines()
    assert out[0].startswith("test accuracy ")
    assert out[-1] == f"results in {tmp_path / 'run'}"
    assert max(map(len, out[:-1])) <= 80


def test_more_epochs_are_given_to_a_finished_run_by_resume(tmp_path, done):
    trained("--epochs", 1, "--out", tmp_path / "run")
    run("train", "--resume", tmp_path / "run", "--epochs", 3)
    whole = last_state(done[0] / "seed-1")
    assert same_state(last_state(tmp_path / "run" / "seed-1"), whole)
    assert len(rows_of(tmp_path / "run")) == 3
    assert json.loads((tmp_path / "run" / "plan.json").read_text())["epochs"] == 3


def test_a_finished_run_that_is_resumed_prints_the_same(tmp_path):
    first = trained("--epochs", 2, "--out", tmp_path / "run", "--json")
    metrics = (tmp_path / "run" / "metrics.csv").read_text()
    assert run("train", "--resume", tmp_path / "run", "--json").stdout == first.stdout
    assert (tmp_path / "run" / "metrics.csv").read_text() == metrics


def test_every_training_sample_is_priced_with_time(tmp_path, done):
    result = trained("--epochs", 3, "--seeds", 2, "--time", "--out", tmp_path / "run", "--json")
    rows = list(csv.DictReader((tmp_path / "run" / "prices.csv").read_text().splitlines()))
    assert [(row["seed"], row["epoch"]) for row in rows] == [
        (seed, epoch) for seed in "12" for epoch in "123"
    ]
    assert [float(row["paced_s"]) for row in rows] == pytest.approx([40 * 15 * 0.01] * 6)
    assert all(0 < float(row["response_s"]) < float(row["paced_s"]) for row in rows)
    assert len({row["response_s"] for row in rows}) == 6  # Each epoch has its own spikes.
    of_machine = json.loads(result.stdout)["machine"]
    assert of_machine["n_epochs"] == 3
    assert of_machine["chip_j"] == pytest.approx(sum(float(row["chip_j"]) for row in rows) / 2)
    learned = (last_state(folder / "seed-1") for folder in (tmp_path / "run", done[0]))
    assert same_state(*learned)


def test_a_resumed_run_goes_on_pricing(tmp_path):
    trained("--epochs", 2, "--time", "--out", tmp_path / "whole")
    trained("--epochs", 1, "--time", "--out", tmp_path / "run")
    out = run("train", "--resume", tmp_path / "run", "--epochs", 2).stdout
    prices = [(tmp_path / name / "prices.csv").read_text() for name in ("run", "whole")]
    assert prices[0] == prices[1]
    assert "2 epochs on the machine, mean over the seeds:" in out.splitlines()
    assert max(map(len, out.splitlines()[:-1])) <= 80


def test_a_run_without_time_has_no_prices(done):
    folder, printed = done
    assert printed["machine"] is None
    assert not (folder / "prices.csv").exists()


def test_a_seed_that_fails_is_named_in_the_results_of_the_others(tmp_path):
    fails = ("--set", "firmware=tests.training.scripted:FailsForSeed2")
    message = refused(
        *("train", NETWORK, *fails, "--data", "synthetic", "--workers", 1),
        *("--epochs", 1, "--seeds", 3, "--out", tmp_path / "run"),
    )
    assert message == "seed 2: is not liked"
    results = json.loads((tmp_path / "run" / "results.json").read_text())
    assert [row["seed"] for row in results["seeds"]] == [1, 3]
    assert results["failed"] == [{"seed": 2, "error": "seed 2: is not liked"}]
    assert (tmp_path / "run" / "confusion.csv").exists()


def test_where_all_seeds_fail_there_are_no_results(tmp_path):
    dead = ("--set", "parameters.v_th=1000")
    message = refused(
        *("train", NETWORK, *EPROP, *dead, "--data", "synthetic", "--workers", 1),
        *("--epochs", 1, "--seeds", 2, "--out", tmp_path / "run"),
    )
    assert message.startswith("seed 1, epoch 1, after 40 of 40 samples: dead network")
    assert not (tmp_path / "run" / "results.json").exists()


def test_the_corpus_is_looked_at_once_for_all_seeds(tmp_path, monkeypatch):
    def open_cached(*_, **__):
        looked.append(1)
        return dataclasses.replace(features_of(), folder=tmp_path / "cache")

    looked, opened = [], []
    monkeypatch.setattr("spinn2sim.training.run.open_source", open_cached)
    monkeypatch.setattr(
        "spinn2sim.training.run.features_in",
        lambda folder: (opened.append(folder), features_of())[1],
    )
    trained("--epochs", 1, "--seeds", 3, "--out", tmp_path / "run")
    assert (len(looked), opened) == (1, [tmp_path / "cache"] * 3)


def test_start_from_takes_the_weights_of_a_checkpoint(tmp_path, done):
    best = done[0] / "seed-1" / "best.npz"
    new = ("train", NETWORK, *EPROP, "--data", "other", "--workers", 1, "--epochs", 1)
    run(*new, "--out", tmp_path / "a", "--start-from", best)
    run(*new, "--out", tmp_path / "b", "--start-from", best.parent)
    run(*new, "--out", tmp_path / "fresh")
    a, b, fresh = (last_state(tmp_path / name / "seed-1") for name in ("a", "b", "fresh"))
    assert same_state(a, b)
    assert not same_state(a, fresh)


def test_a_run_that_started_from_a_checkpoint_resumes_without_it(tmp_path):
    trained("--epochs", 1, "--out", tmp_path / "first")
    checkpoint = tmp_path / "first" / "seed-1" / "best.npz"
    given = ("--start-from", checkpoint)
    trained("--epochs", 2, "--out", tmp_path / "whole", *given)
    trained("--epochs", 1, "--out", tmp_path / "run", *given)
    checkpoint.unlink()
    run("train", "--resume", tmp_path / "run", "--epochs", 2)
    one, other = (last_state(tmp_path / name / "seed-1") for name in ("run", "whole"))
    assert same_state(one, other)


def test_a_used_folder_is_refused(done, tmp_path):
    message = refused("train", NETWORK, *EPROP, "--data", "x", "--out", done[0])
    assert message == (
        f"output {done[0]}: holds a training run; choose another --out, or go on with --resume"
    )
    (tmp_path / "x").write_text("")
    message = refused("train", NETWORK, *EPROP, "--data", "x", "--out", tmp_path)
    assert message == f"output {tmp_path}: is there already; choose another --out"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["train", NETWORK],
            "--data: name the samples: a folder or .tar.gz of Speech Commands, or embedded",
        ),
        (
            ["train", NETWORK, "--data", ""],
            "--data: name the samples: a folder or .tar.gz of Speech Commands, or embedded",
        ),
        (
            ["train", "--data", "x"],
            "scenario: name one file, or one preset with --preset",
        ),
        (
            ["train", NETWORK, *COARSE, "--data", "x", "--form", "fats"],
            "--form: no form 'fats' of the arithmetic; use online, fast",
        ),
        (
            ["train", NETWORK, "--data", "x", "--epochs", "0"],
            "train: epochs = 0: accepted range is 1 to 1,000,000 epoch",
        ),
        (
            ["train", "--resume", "x", "--form", "fast", "--seeds", "3"],
            "--resume: --form, --seeds cannot be changed; leave it out or begin a new run",
        ),
        (
            ["train", "--resume", "/no/such"],
            "training run not found: /no/such/plan.json; name a folder that `train` has made",
        ),
        (
            ["train", NETWORK, "--data", "x", "--start-from", "/no/such"],
            (
                "checkpoint not found: /no/such; name a best.npz or last.npz that `spinn2sim "
                "train` has written"
            ),
        ),
        (
            ["validate", NETWORK, "--pes", "1,x"],
            "--pes '1,x': expected whole numbers from 1, as in 1,2,5",
        ),
        (
            ["validate", NETWORK, "--pes", "0"],
            "--pes '0': expected whole numbers from 1, as in 1,2,5",
        ),
    ],
)
def test_mistakes_are_refused_in_one_message(arguments, message):
    assert refused(*arguments) == message


def test_a_damaged_plan_is_refused(tmp_path):
    trained("--epochs", 1, "--out", tmp_path / "run")
    plan = tmp_path / "run" / "plan.json"
    plan.write_text(plan.read_text().replace('"epochs": 1', '"epochs": -1'))
    assert refused("train", "--resume", tmp_path / "run") == (
        f"{plan}: epochs = -1: accepted range is 1 to 1,000,000 epoch"
    )


def test_validate_prints_its_verdict_first_and_ends_with_0():
    result = run("validate", NETWORK, *EPROP, "--networks", 1, "--pes", "1,2")
    lines = result.stdout.splitlines()
    assert (result.exit_code, lines[0]) == (0, "all agree")
    assert max(map(len, lines)) <= 80


def test_validate_ends_with_1_where_the_program_is_wrong():
    wrong = ("--set", "firmware=tests.training.scripted:WrongEprop")
    result = run("validate", NETWORK, *wrong, "--networks", 0, "--pes", "2", "--json")
    found = json.loads(result.stdout)
    assert (result.exit_code, found["holds"]) == (1, False)
    assert {row["oracle"] for row in found["comparisons"] if not row["holds"]} == {
        "program on 2 PEs"
    }
