"""Fuzz: damaged files are counted and skipped, or refused in words; nothing else comes through."""

import gzip

import numpy as np
import pytest

from spinn2sim.errors import AudioError, Spinn2SimError
from spinn2sim.workload import FeatureSettings, load_clip, log_mel
from spinn2sim.workload.feature_cache import load_features
from spinn2sim.workload.members import read_members
from spinn2sim.workload.speech_commands import load_corpus

KINDS = ("cut", "flip", "header", "zero", "insert", "noise")


def damaged(content, seed):
    """*content* with one kind of damage, by seed."""
    rng = np.random.default_rng(seed)
    found = np.frombuffer(content, np.uint8).copy()
    at, n = int(rng.integers(len(found))), int(rng.integers(1, 200))
    match KINDS[seed % len(KINDS)]:
        case "cut":
            found = found[:at]
        case "flip":
            found[rng.integers(len(found), size=n)] ^= rng.integers(1, 256, n).astype(np.uint8)
        case "header":
            found[rng.integers(min(60, len(found)), size=4)] = rng.integers(256, size=4)
        case "zero":
            found[at : at + n] = 0
        case "insert":
            found = np.insert(found, at, rng.integers(256, size=n).astype(np.uint8))
        case "noise":
            found = rng.integers(256, size=n).astype(np.uint8)
    return found.tobytes()


@pytest.fixture
def sounds(write, chord):
    """One good file of each kind that damage may meet."""
    short = chord(0.2, 16_000)
    return [
        write("a.wav", short),
        write("b.wav", short, subtype="FLOAT"),
        write("c.wav", np.stack([short] * 2, 1), 8_000),
        write("d.flac", short),
        write("e.wav", short, 44_100, subtype="PCM_24"),
    ]


def test_100_damaged_audio_files_are_read_or_refused(sounds):
    n_refused = 0
    for seed in range(100):
        path = sounds[seed % len(sounds)]
        bad = path.with_name(f"bad{seed}{path.suffix}")
        bad.write_bytes(damaged(path.read_bytes(), seed))
        try:
            samples = load_clip(bad).samples
        except AudioError:
            n_refused += 1
        else:
            assert np.isfinite(log_mel(samples, FeatureSettings())).all()
    assert 20 < n_refused < 90


def test_a_corpus_of_damaged_files_loads_what_can_be_read_and_counts_the_rest(
    speech_commands, sounds, tmp_path
):
    before = load_corpus(speech_commands).counts
    for seed in range(60):
        path = sounds[seed % len(sounds)]
        folder = speech_commands / ("_background_noise_" if seed % 10 == 9 else "yes")
        (folder / f"bad{seed}{path.suffix}").write_bytes(damaged(path.read_bytes(), seed))
    silence = {"train": 20}
    counts = load_corpus(speech_commands, silence=silence).counts
    new = counts.clips - before.clips + counts.corrupt - before.corrupt
    assert 54 <= new <= 60  # all but noise that can still be read
    features = load_features(
        speech_commands, settings=FeatureSettings(), silence=silence, cache=tmp_path / "cache"
    )
    assert len(features.train) + len(features.validation) + len(features.test) == counts.clips + 20
    assert np.isfinite(features.train.x).all()


@pytest.mark.parametrize("name", ["validation_list.txt", "testing_list.txt"])
def test_50_damaged_lists_are_read_and_what_they_miss_is_counted(speech_commands, name):
    path = speech_commands / name
    good = path.read_bytes()
    n_missing = 0
    for seed in range(25):
        path.write_bytes(damaged(good, seed))
        corpus = load_corpus(speech_commands)
        assert corpus.counts.clips == 13
        n_missing += corpus.counts.missing > 1
    assert n_missing > 5


def test_100_damaged_archives_are_read_or_refused(speech_commands, pack):
    path = pack(speech_commands)
    packed = path.read_bytes()
    plain = gzip.decompress(packed)
    n_refused = 0
    for seed in range(100):
        inside = seed % 2  # the damage: in the archive, which gzip does not know of, or in gzip
        found = gzip.compress(damaged(plain, seed), 1) if inside else damaged(packed, seed)
        path.write_bytes(found)
        try:
            list(read_members(path))
        except Spinn2SimError:
            n_refused += 1
    assert n_refused > 50
