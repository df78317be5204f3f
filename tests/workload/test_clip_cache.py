"""Features of clips from the cache are those that would be computed."""

import json
import os

import numpy as np
import pytest
import soundfile

import spinn2sim.workload.clip_cache as cache
from spinn2sim.errors import AudioError
from spinn2sim.workload import FeatureSettings, load_workload

SETTINGS = FeatureSettings()


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The cache, empty."""
    empty = tmp_path / "cache" / "spinn2sim"
    monkeypatch.setattr(cache, "cache_folder", lambda: empty)
    return empty


@pytest.fixture
def clip(tmp_path):
    """An audio file at 8 kHz."""
    return write(tmp_path / "yes_1.wav", seed=1)


@pytest.fixture
def computed(monkeypatch):
    """The files whose features are computed."""
    names, compute = [], cache._computed

    def noted(path, settings):
        names.append(path.name)
        return compute(path, settings)

    monkeypatch.setattr(cache, "_computed", noted)
    return names


def write(path, *, seed):
    audio = np.random.default_rng(seed).uniform(-0.5, 0.5, 8_000)
    soundfile.write(path, audio, 8_000)
    return path


def load(path, settings=SETTINGS):
    return load_workload(path, settings=settings)


def test_a_second_look_at_the_same_audio_computes_nothing_and_finds_the_same(clip, computed):
    first, second = load(clip), load(clip)
    assert computed == ["yes_1.wav"]
    assert second.digest() == first.digest()
    assert second.notes == first.notes
    assert "resampled" in " ".join(second.notes)


def test_other_audio_under_the_same_name_is_computed_anew(clip, computed):
    before = load(clip)
    write(clip, seed=2)
    assert load(clip).digest() != before.digest()
    assert computed == ["yes_1.wav"] * 2


def test_other_settings_are_computed_anew(clip, computed):
    load(clip)
    assert load(clip, FeatureSettings(derivative_orders=0)).n_in == 40
    assert len(computed) == 2


def test_other_code_or_another_library_is_computed_anew(clip, computed, monkeypatch):
    load(clip)
    monkeypatch.setattr(cache.inspect, "getsource", lambda _: "other code")
    load(clip)
    assert len(computed) == 2
    monkeypatch.setattr(cache.metadata, "version", lambda _: "99")
    load(clip)
    assert len(computed) == 3


def test_audio_that_changes_while_it_is_read_is_not_kept(clip, folder, monkeypatch):
    compute = cache._computed

    def changed(path, settings):
        write(path, seed=2)
        return compute(path, settings)

    monkeypatch.setattr(cache, "_computed", changed)
    load(clip)
    assert not folder.exists()


def test_long_files_and_many_clips_are_not_kept(clip, folder, monkeypatch):
    monkeypatch.setattr(cache, "MOST_BYTES", clip.stat().st_size - 1)
    load(clip)
    assert not folder.exists()
    monkeypatch.setattr(cache, "MOST_BYTES", clip.stat().st_size)
    monkeypatch.setattr(cache, "MOST_CLIPS", 0)
    load(clip)
    assert not folder.exists()
    monkeypatch.setattr(cache, "MOST_CLIPS", 1)
    load(clip)
    assert len(list(folder.iterdir())) == 1


def test_without_a_home_the_run_goes_on(clip, computed, monkeypatch):
    def nobody():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(cache, "cache_folder", nobody)
    load(clip)
    assert computed == ["yes_1.wav"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x93NUMPY"])
def test_a_damaged_entry_is_computed_anew_and_replaced(clip, computed, folder, content):
    first = load(clip)
    (entry,) = folder.iterdir()
    entry.write_bytes(content)
    assert load(clip).digest() == first.digest()
    assert load(clip).digest() == first.digest()
    assert len(computed) == 2


@pytest.mark.parametrize(
    ("values", "notes"),
    [
        (np.zeros((1, 100, 80), np.float32), []),
        (np.zeros((1, 100, 80), np.float32), 7),
        (np.zeros((1, 100, 0), np.float32), [[]]),
        (np.full((1, 100, 80), np.nan, np.float32), [[]]),
    ],
)
def test_an_entry_that_cannot_be_of_these_clips_is_damaged(clip, computed, folder, values, notes):
    load(clip)
    (entry,) = folder.iterdir()
    with entry.open("wb") as file:
        np.savez(file, values=values, notes=np.array(json.dumps(notes)))
    load(clip)
    assert len(computed) == 2


def test_without_a_place_for_the_cache_the_run_goes_on(clip, folder, computed):
    folder.parent.write_text("a file where the folder should be", encoding="utf-8")
    assert load(clip).digest() == load(clip).digest()
    assert len(computed) == 2


def test_what_cannot_be_used_leaves_nothing_in_the_cache(tmp_path, folder):
    bad = tmp_path / "no_1.wav"
    bad.write_bytes(b"RIFF nonsense")
    with pytest.raises(AudioError, match=r"no_1\.wav"):
        load(bad)
    assert not folder.exists()


def test_a_write_that_fails_leaves_no_part_behind(clip, folder, monkeypatch):
    def full(*_arguments, **_named):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(cache.np, "savez", full)
    load(clip)
    assert list(folder.iterdir()) == []
