"""Checkpoints: whole or not at all, and never believed when they are damaged."""

import dataclasses
import hashlib
import io
import json
import zipfile

import numpy as np
import pytest

from firmware_models.eprop import Eprop
from spinn2sim.errors import CheckpointError, MissingFileError, OutputError, WeightsError
from spinn2sim.training import checkpoint, whole_file
from spinn2sim.training.checkpoint import (
    BEST,
    LAST,
    Checkpoint,
    load_checkpoint,
    load_weights,
    named_by_digest,
    save_checkpoint,
)
from spinn2sim.training.loop import train
from spinn2sim.training.metrics import EpochMetrics, Tally
from spinn2sim.training.price import Price
from tests.training.samples import SILENT, job_of, parameters_of, same_state

ROW = EpochMetrics(3, 1, 0.1, 0.2, 1 / 3, 0.4, 5.0, 1000.5)


def checkpoint_of(**state):
    arrays = {"w_in": np.arange(6, dtype=np.float32).reshape(2, 3), "n_updates": np.array(7)}
    return Checkpoint(
        identity={"form": "online", "parameters": {"n_rec": 2, "tau": None}},
        epoch=3,
        tally=Tally(4, 0.1 + 0.2, 3, 99),
        order=np.array([3, 0, 2, 1]),
        history=(ROW, ROW._replace(epoch=2)),
        state=arrays | state,
    )


def same(one, other):
    return (
        (one.identity, one.epoch, one.tally, one.history)
        == (other.identity, other.epoch, other.tally, other.history)
        and np.array_equal(one.order, other.order)
        and same_state(one.state, other.state)
        and all(one.state[name].dtype == array.dtype for name, array in other.state.items())
    )


@pytest.fixture
def path(tmp_path):
    save_checkpoint(tmp_path / LAST, checkpoint_of())
    return tmp_path / LAST


def test_what_is_saved_is_loaded(path):
    assert same(load_checkpoint(path), checkpoint_of())


def test_the_same_checkpoint_is_the_same_file(path):
    before = path.read_bytes()
    save_checkpoint(path, checkpoint_of())
    assert path.read_bytes() == before


def test_no_file_is_left_beside_it(path):
    assert [file.name for file in path.parent.iterdir()] == [LAST]


def test_a_write_that_fails_leaves_the_old_one(path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    before = path.read_bytes()
    monkeypatch.setattr(whole_file.os, "fsync", full)
    with pytest.raises(OutputError) as error:
        save_checkpoint(path, checkpoint_of(w_in=np.zeros(1)))
    assert str(error.value) == (
        f"output {path}: cannot be written (No space left on device); make room or choose another "
        f"--out"
    )
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [LAST]


def test_what_a_killed_write_has_left_is_overwritten(path):
    path.with_name(LAST + ".partial").write_bytes(b"half a ")
    save_checkpoint(path, checkpoint_of())
    assert [file.name for file in path.parent.iterdir()] == [LAST]
    assert same(load_checkpoint(path), checkpoint_of())


def checkpoint_or_refusal(path):
    try:
        return load_checkpoint(path)
    except CheckpointError as error:
        return error


@pytest.mark.parametrize("number", range(50))
def test_damage_is_found_or_harmless(path, number):
    rng = np.random.default_rng([11, number])
    content = bytearray(path.read_bytes())
    if number % 2:
        del content[rng.integers(len(content)) :]
    else:
        for place in rng.integers(len(content), size=rng.integers(1, 6)):
            content[place] ^= rng.integers(1, 256)
    path.write_bytes(content)
    found = checkpoint_or_refusal(path)
    if isinstance(found, CheckpointError):
        assert str(found).startswith(f"checkpoint {path}: ")
        assert str(found).endswith("; name another one, or train again")
    else:  # A flag or a date in the archive's own tables.
        assert same(found, checkpoint_of())


@pytest.mark.parametrize("content", [b"", b"PK", b"not a checkpoint", b"\x93NUMPY\x01\x00"])
def test_something_else_is_no_checkpoint(path, content):
    path.write_bytes(content)
    with pytest.raises(CheckpointError) as error:
        load_checkpoint(path)
    assert str(error.value) == (
        f"checkpoint {path}: damaged or no checkpoint; name another one, or train again"
    )


def rewrite(path, change, compression=zipfile.ZIP_STORED):
    """The archive *path* with the array of each member changed, and CRCs that fit."""
    with zipfile.ZipFile(path) as archive:
        members = {name: np.load(io.BytesIO(archive.read(name))) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, array in members.items():
            content = io.BytesIO()
            np.save(content, change(name, array))
            archive.writestr(name, content.getvalue())


def changed_head(**changes):
    def change(name, array):
        if name != "head.npy":
            return array
        head = json.loads(array.tobytes()) | changes
        return np.frombuffer(json.dumps(head).encode(), np.uint8)

    return change


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda name, a: a + 1 if "w_in" in name else a, "its content does not match its digest"),
        (lambda name, a: a.T if "w_in" in name else a, "its content does not match its digest"),
        (changed_head(epoch=9), "its content does not match its digest"),
        (changed_head(format=99), "format 99, this version reads 1"),
        (lambda name, a: np.zeros(3) if name == "head.npy" else a, "damaged or no checkpoint"),
    ],
)
def test_an_archive_that_is_sound_but_changed_is_refused(path, change, problem):
    rewrite(path, change)
    with pytest.raises(CheckpointError) as error:
        load_checkpoint(path)
    assert str(error.value) == f"checkpoint {path}: {problem}; name another one, or train again"


def forged(path, **changes):
    """The checkpoint with other figures and a digest that fits."""
    save_checkpoint(path, dataclasses.replace(checkpoint_of(), **changes))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"epoch": 2}, "it is in epoch 2 after 2 epochs"),
        ({"tally": Tally(5, 1.0, 3, 99)}, "its place in the order of the samples is not in it"),
        ({"tally": Tally(4, 1.0, None, 99)}, "its figures are not all numbers"),
        ({"tally": Tally(4, "1.0", 3, 99)}, "its figures are not all numbers"),
        ({"tally": Tally(4, 1.0, 3, 10**30)}, "its figures are not all numbers"),
        ({"tally": Tally(4, 1.0, 3, 9, Price(None))}, "its figures are not all numbers"),
        (
            {"order": np.array([3, 0, 2, 4])},
            "its order of the samples does not name each of them once",
        ),
        (
            {"order": np.array([3.0, 0, 2, 1])},
            "its order of the samples does not name each of them once",
        ),
        ({"history": (ROW, ("a row",))}, "it is not complete"),
    ],
)
def test_what_no_run_can_have_written_is_refused(path, changes, problem):
    forged(path, **changes)
    with pytest.raises(CheckpointError) as error:
        load_checkpoint(path)
    assert str(error.value) == f"checkpoint {path}: {problem}; name another one, or train again"


def test_prices_are_kept(path):
    price = Price(1 / 3, 0.2, 0.3, 0.4)
    tally = Tally(4, 0.1 + 0.2, 3, 99, price)
    forged(path, tally=tally, history=(ROW, ROW._replace(epoch=2, price=price)))
    found = load_checkpoint(path)
    assert found.tally == tally
    assert [row.price for row in found.history] == [None, price]


def test_a_checkpoint_from_before_there_were_prices_is_read(path):
    with zipfile.ZipFile(path) as archive:
        arrays = {name[:-4]: np.load(io.BytesIO(archive.read(name))) for name in archive.namelist()}
    head = json.loads(arrays.pop("head").tobytes())
    head["tally"], head["history"] = head["tally"][:4], [row[:8] for row in head["history"]]
    del head["digest"]
    head["digest"] = checkpoint._digest(head, arrays)
    np.savez(path, head=np.frombuffer(json.dumps(head).encode(), np.uint8), **arrays)
    assert same(load_checkpoint(path), checkpoint_of())


def test_a_checkpoint_is_named_by_its_digest(path):
    content = path.read_bytes()
    found = {"path": str(path), "sha256": hashlib.sha256(content).hexdigest()}
    assert named_by_digest(path) == found
    path.rename(path.with_name(BEST))
    assert named_by_digest(path.parent)["sha256"] == found["sha256"]
    with pytest.raises(MissingFileError):
        named_by_digest(path)


def test_a_compressed_archive_is_refused_before_it_is_unpacked(path):
    rewrite(path, lambda _, array: array, zipfile.ZIP_DEFLATED)
    with pytest.raises(CheckpointError, match="damaged or no checkpoint"):
        load_checkpoint(path)


def test_a_missing_checkpoint_is_named(tmp_path):
    with pytest.raises(MissingFileError) as error:
        load_checkpoint(tmp_path / "x.npz")
    assert str(error.value) == (
        f"checkpoint not found: {tmp_path / 'x.npz'}; name a best.npz or last.npz that `spinn2sim "
        f"train` has written"
    )


def test_the_weights_of_a_folder_are_those_of_its_best_epoch(tmp_path):
    save_checkpoint(tmp_path / LAST, checkpoint_of())
    save_checkpoint(tmp_path / BEST, checkpoint_of(w_in=np.ones(1)))
    assert load_weights(tmp_path)["w_in"].tolist() == [1]
    assert load_weights(tmp_path / LAST)["w_in"].shape == (2, 3)


def test_a_damaged_checkpoint_stops_a_resumed_run_and_stays_as_it_is(tmp_path):
    train(job_of(tmp_path, n_epochs=1), SILENT)
    content = (tmp_path / LAST).read_bytes()[:-100]
    (tmp_path / LAST).write_bytes(content)
    with pytest.raises(CheckpointError):
        train(job_of(tmp_path), SILENT)
    assert (tmp_path / LAST).read_bytes() == content


def learner_of(**given):
    return Eprop.learner(parameters_of(**given), n_timesteps=15, n_classes=3, seed=1, form="online")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"n_rec": 15},
            "weights w_in: float32 (14, 6) given, the network has float32 (15, 6)",
        ),
        (
            {"precision": "float64"},
            "weights w_in: float32 (14, 6) given, the network has float64 (14, 6)",
        ),
        ({"feedback": "random"}, "weights b_out: are missing"),
    ],
)
def test_the_state_of_another_network_is_refused_and_changes_nothing(given, message):
    other, state = learner_of(**given), learner_of().state()
    before = other.state()
    for take in (other.restore, other.load_weights):
        with pytest.raises(WeightsError) as error:
            take(state)
        assert str(error.value).startswith("weights ")
    assert str(error.value) == f"{message}; use a checkpoint of the same network"
    assert same_state(other.state(), before)


def test_weights_that_are_not_numbers_are_refused():
    learner = learner_of()
    weights = learner.weights()
    weights["w_rec"][3, 4] = np.nan
    with pytest.raises(WeightsError) as error:
        learner.load_weights(weights)
    assert str(error.value) == (
        "weights w_rec: holds values that are infinite or not a number; use a checkpoint of the "
        "same network"
    )
