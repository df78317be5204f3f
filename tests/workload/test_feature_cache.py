"""Features of a corpus: what they are, and that the cache holds only whole and right entries."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from spinn2sim.errors import WorkloadError
from spinn2sim.workload import CLASSES, FeatureSettings, feature_cache, load_clip, log_mel
from spinn2sim.workload.feature_cache import cache_folder, features_in, load_features
from spinn2sim.workload.speech_commands import load_corpus

SETTINGS = FeatureSettings(derivative_orders=0)
#: So small a corpus would have none by itself.
SILENCE = {"train": 3, "validation": 1, "test": 1}
ROOT = Path(__file__).parents[2]

#: Another process that loads: it says when features come, then does as it is told.
LOADER = """
import sys, time
from pathlib import Path
from spinn2sim.workload import FeatureSettings
from spinn2sim.workload.feature_cache import load_features

def progress(doing, n_done, n_all):
    if doing == "features" and n_done == 3:
        print("3 done", flush=True)
        sys.stdin.readline()

source, cache = map(Path, sys.argv[1:])
settings = FeatureSettings(derivative_orders=0)
silence = {"train": 3, "validation": 1, "test": 1}
options = {"settings": settings, "silence": silence, "cache": cache, "progress": progress}
print(load_features(source, **options).digest)
"""


@pytest.fixture
def loader(speech_commands, tmp_path):
    started = []

    def loader():
        command = [sys.executable, "-c", LOADER, str(speech_commands), str(tmp_path / "cache")]
        pipe = subprocess.PIPE
        process = subprocess.Popen(  # noqa: S603 - ours
            command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT
        )
        started.append(process)
        return process

    yield loader
    for process in started:
        process.kill()
        process.communicate()


def entries(cache):
    return sorted(path.name for path in cache.iterdir())


def same(one, other):
    for split in ("train", "validation", "test"):
        ours, theirs = one.split(split), other.split(split)
        np.testing.assert_array_equal(ours.x, theirs.x)
        np.testing.assert_array_equal(ours.targets, theirs.targets)
        assert ours.names == theirs.names
    assert one.digest == other.digest


@pytest.fixture
def load(speech_commands, tmp_path):
    def load(source=speech_commands, cache="cache", settings=SETTINGS, **options):
        options = {"silence": SILENCE, **options}
        return load_features(source, settings=settings, cache=tmp_path / cache, **options)

    return load


@pytest.fixture
def computing(monkeypatch):
    """How often features were computed and not found."""
    calls = []
    extract = feature_cache.extract

    def counted(*arguments, **options):
        calls.append(1)
        return extract(*arguments, **options)

    monkeypatch.setattr(feature_cache, "extract", counted)
    return calls


def test_features_are_those_of_the_utterances_of_the_corpus(load, speech_commands):
    features = load(settings=FeatureSettings(rescaling="none"))
    corpus = load_corpus(speech_commands, silence=SILENCE)
    for split in ("train", "validation", "test"):
        made, utterances = features.split(split), corpus.split(split)
        assert made.x.shape == (len(utterances), 100, 80)
        assert made.names == tuple(each.name for each in utterances)
        assert made.targets.tolist() == [CLASSES.index(each.label) for each in utterances]
        for values, each in zip(made.x, utterances, strict=True):
            if each.start is None:
                clip = load_clip(speech_commands / each.file)
                np.testing.assert_array_equal(values, log_mel(clip.samples, FeatureSettings()))
    assert features.classes == CLASSES
    assert features.notes == corpus.notes


def test_a_cut_of_silence_is_one_second_from_its_start(load, speech_commands):
    features = load(settings=FeatureSettings(rescaling="none"))
    recording = load_clip(speech_commands / "_background_noise_" / "hum.wav", seconds=20)
    cuts = [name for name in features.train.names if "hum.wav@" in name]
    assert cuts
    for name in cuts:
        start = int(name.partition("@")[2])
        expected = log_mel(recording.samples[start : start + 16_000], FeatureSettings())
        index = features.train.names.index(name)
        np.testing.assert_allclose(features.train.x[index], expected, atol=1e-5)


def test_all_splits_are_divided_by_the_deviation_of_train(load):
    features, plain = load(), load(settings=FeatureSettings(derivative_orders=0, rescaling="none"))
    np.testing.assert_allclose(features.train.x.std(axis=(0, 1), dtype=float), 1, rtol=1e-5)
    deviation = plain.train.x.std(axis=(0, 1), dtype=float)
    for split in ("train", "validation", "test"):
        expected = plain.split(split).x / deviation
        np.testing.assert_allclose(features.split(split).x, expected, rtol=1e-6)


def test_what_the_features_were_divided_by_is_said(load):
    note = "features of all splits are divided by the standard deviations of the train split"
    assert note in load().notes
    assert note not in load(settings=FeatureSettings(rescaling="clip")).notes


def test_clips_may_be_rescaled_each_by_itself(load):
    features = load(settings=FeatureSettings(derivative_orders=0, rescaling="clip"))
    for clip in features.test.x:
        np.testing.assert_allclose(clip.std(axis=0, dtype=float), 1, rtol=1e-5)


def test_features_are_mapped_read_only_float32(load):
    x = load().train.x
    assert isinstance(x, np.memmap)
    assert x.dtype == np.float32
    with pytest.raises(ValueError, match="read-only"):
        x[0, 0, 0] = 1


def test_the_archive_gives_the_features_of_the_folder(load, pack, speech_commands):
    same(load(pack(speech_commands)), load())


def test_a_second_load_finds_them(load, computing):
    first, second = load(), load()
    assert computing == [1]
    same(first, second)
    assert first.notes == second.notes


@pytest.mark.parametrize(
    "changed",
    [
        {"settings": FeatureSettings(derivative_orders=1)},
        {"seed": 1},
        {"balance_unknown": True},
        {"silence": {"train": 1}},
    ],
)
def test_other_settings_are_another_entry(load, computing, changed):
    first, second = load(), load(**changed)
    assert computing == [1, 1]
    assert first.digest != second.digest


@pytest.mark.parametrize("file", ["yes/0a_nohash_0.wav", "validation_list.txt"])
def test_a_changed_file_is_noticed(load, computing, speech_commands, file):
    load()
    path = speech_commands / file
    path.write_bytes(path.read_bytes()[:-400] if file.endswith("wav") else b"yes/0b_nohash_0.wav")
    load()
    assert computing == [1, 1]


@pytest.mark.parametrize("damage", ["features.json", "train.npy"])
def test_a_damaged_entry_is_made_again(load, tmp_path, damage):
    first = load()
    (entry,) = (tmp_path / "cache").iterdir()
    path = entry / damage
    content = path.read_bytes()
    path.unlink()  # what is mapped stays as it is
    path.write_bytes(content[: len(content) // 2])
    same(load(), first)
    assert entries(tmp_path / "cache") == [entry.name]


def test_an_empty_split_has_no_features(load, speech_commands):
    (speech_commands / "validation_list.txt").unlink()
    for _ in range(2):
        features = load(silence={"train": 1})
        assert features.validation.x.shape == (0, 100, 40)
    with pytest.raises(WorkloadError) as error:
        features.workload("validation")
    assert str(error.value) == (
        "workload validation: this split of the corpus is empty; use another"
    )


@pytest.mark.slow
def test_results_do_not_depend_on_the_number_of_processes(load):
    alone, together = load(cache="1", workers=1), load(cache="2", workers=2)
    same(alone, together)


def test_a_number_of_processes_below_one_is_refused(load):
    with pytest.raises(WorkloadError) as error:
        load(workers=0)
    assert str(error.value) == "workload workers: 0 is below 1; use 1 or more"


def test_progress_counts_every_utterance(load):
    told = []
    features = load(progress=lambda *now: told.append(now))
    n = sum(len(features.split(split)) for split in ("train", "validation", "test"))
    done = [now for now in told if now[0] == "features"]
    assert done == [("features", index, n) for index in range(1, n + 1)]


def test_a_corpus_that_changes_while_it_is_read_is_refused(load, speech_commands, tmp_path):
    def progress(doing, n_done, n_all):
        if doing == "features" and n_done == n_all:
            (speech_commands / "yes" / "0a_nohash_0.wav").unlink()

    with pytest.raises(WorkloadError) as error:
        load(progress=progress)
    assert str(error.value) == (
        f"workload {speech_commands}: changed while it was read; leave it alone meanwhile, and "
        "try again"
    )
    assert entries(tmp_path / "cache") == []


def test_a_cache_that_cannot_be_written_is_named(load, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(WorkloadError) as error:
        load(cache="file/cache")
    assert str(error.value) == (
        f"workload cache {tmp_path / 'file' / 'cache'}: cannot be written (Not a directory); "
        "choose another folder"
    )


def test_the_cache_is_where_the_platform_has_it(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "spinn2sim"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "spinn2sim"


def test_samples_of_a_split_are_a_workload(load):
    features = load()
    workload = features.workload("test", 2)
    assert [each.name for each in workload.samples] == list(features.test.names[:2])
    np.testing.assert_array_equal(workload.samples[1].values, features.test.x[1])
    assert [each.target for each in workload.samples] == features.test.targets[:2].tolist()
    assert workload.classes == CLASSES
    assert features.workload("test").n_samples == len(features.test)
    assert features.workload("test", 5).n_samples == 5


def test_a_split_that_does_not_exist_is_refused(load):
    with pytest.raises(WorkloadError) as error:
        load().workload("testing")
    assert str(error.value) == (
        "workload split: 'testing' is no split of a corpus; use train, validation, test"
    )


@pytest.mark.slow
def test_two_runs_at_once_on_an_empty_cache_both_get_it_right(loader, load, tmp_path):
    both = [loader(), loader()]
    for process in both:
        assert process.stdout.readline() == "3 done\n"
    assert len(list((tmp_path / "cache").glob(".*.partial"))) == 2
    digests = {process.communicate("\n")[0].strip() for process in both}
    assert [process.returncode for process in both] == [0, 0]
    fresh = load(cache="fresh")
    assert digests == {fresh.digest}
    same(load(), fresh)
    assert entries(tmp_path / "cache") == entries(tmp_path / "fresh")


def test_after_a_killed_run_the_next_one_completes_the_cache(loader, load, computing, tmp_path):
    process = loader()
    assert process.stdout.readline() == "3 done\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    (left,) = entries(tmp_path / "cache")
    assert left.endswith(".partial")
    features = load()
    assert computing == [1]
    same(features, load(cache="fresh"))
    assert entries(tmp_path / "cache") == entries(tmp_path / "fresh")


def test_an_entry_is_opened_again_without_a_look_at_the_corpus(load, speech_commands):
    features = load()
    (speech_commands / "yes" / "0a_nohash_0.wav").unlink()
    same(features_in(features.folder), features)


def test_an_entry_that_is_gone_is_named(load):
    features = load()
    (features.folder / "train.npy").unlink()
    with pytest.raises(WorkloadError) as error:
        features_in(features.folder)
    assert str(error.value) == (
        f"workload cache {features.folder}: is gone or damaged; leave the cache alone meanwhile, "
        f"and try again"
    )
