"""The speech in the package, and the script that makes it."""

import importlib.util
import shutil
import subprocess
from collections import Counter
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
import soundfile

from spinn2sim.workload import CLASSES, FeatureSettings, load_clip, load_workload
from spinn2sim.workload import espeak as espeak_ng

SPEECH = Path(str(resources.files("spinn2sim.workload") / "speech"))
FILES = sorted(SPEECH.rglob("*.flac"))
SPOKEN = [path for path in FILES if path.parent.name != "silence"]
#: The version that the embedded clips were made with; another one speaks differently.
ESPEAK = "1.51"


@pytest.fixture(scope="module")
def embedded():
    return load_workload("embedded", settings=FeatureSettings())


@pytest.fixture(scope="module")
def script():
    path = Path(__file__).parents[2] / "experiments" / "make_speech.py"
    spec = importlib.util.spec_from_file_location("make_speech", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def espeak():
    program = shutil.which("espeak-ng")
    if program is None:
        pytest.skip("espeak-ng is not installed")
    told = subprocess.check_output([program, "--version"], text=True)  # noqa: S603 - as found
    if f": {ESPEAK} " not in told:
        pytest.skip(f"the embedded clips were made with espeak-ng {ESPEAK}")


def test_each_of_the_twelve_classes_has_five_clips(embedded):
    assert Counter(sample.target for sample in embedded.samples) == dict.fromkeys(range(12), 5)
    assert (embedded.n_samples, embedded.n_timesteps, embedded.n_in) == (60, 100, 80)
    assert embedded.classes == CLASSES


def test_the_first_twelve_samples_are_of_twelve_classes(embedded):
    assert [sample.target for sample in embedded.samples[:12]] == list(range(12))


def test_speech_that_is_not_recorded_says_so(embedded):
    assert embedded.notes == (
        "60 synthetic clips made by experiments/make_speech.py, not recordings",
    )


def test_the_embedded_workload_is_the_same_each_time(embedded):
    assert load_workload("embedded", settings=FeatureSettings()).digest() == embedded.digest()


def test_features_of_all_clips_are_alive_and_finite(embedded):
    for sample in embedded.samples:
        assert np.isfinite(sample.values).all()
        assert sample.values.any(axis=0).all()


def test_the_corpus_is_small_and_ships_nothing_else():
    assert len(FILES) == 60
    assert sum(path.stat().st_size for path in SPEECH.rglob("*") if path.is_file()) < 2_000_000
    assert {path.suffix for path in SPEECH.rglob("*") if path.is_file()} == {".flac"}


def test_clips_are_one_second_of_16_khz_mono_16_bit_flac():
    for path in FILES:
        about = soundfile.info(path)
        assert (about.frames, about.samplerate, about.channels) == (16_000, 16_000, 1)
        assert (about.format, about.subtype) == ("FLAC", "PCM_16")


@pytest.mark.parametrize("path", SPOKEN, ids=lambda path: path.stem)
def test_a_spoken_clip_is_loud_unclipped_and_stands_out_of_its_noise(path):
    samples = load_clip(path).samples
    assert np.abs(samples).max() == pytest.approx(0.9, abs=1e-3)
    assert np.sqrt(np.mean(samples**2)) > 0.05
    frames = np.sqrt(np.mean(samples.reshape(100, 160) ** 2, axis=1))
    loud, quiet = np.quantile(frames, (0.9, 0.02))
    assert loud > 4 * quiet


def test_silence_is_low_noise():
    for path in sorted((SPEECH / "silence").iterdir()):
        peak = np.abs(load_clip(path).samples).max()
        assert 0.009 < peak < 0.051


def test_no_two_clips_are_alike():
    clips = np.stack([load_clip(path).samples for path in FILES])
    likeness = np.abs(np.corrcoef(clips)) - np.eye(len(clips))
    assert likeness.max() < 0.5


@pytest.mark.usefixtures("espeak")
@pytest.mark.parametrize(("label", "number"), [("yes", 1), ("unknown", 4)])
def test_the_script_makes_the_very_clips_that_ship(script, label, number):
    plan = script.Plan(label, number, seed=1)
    shipped, _ = soundfile.read(SPEECH / plan.path, dtype="int16")
    np.testing.assert_array_equal(script.make_clip(plan), shipped)


def test_the_script_makes_the_very_silence_that_ships(script):
    plan = script.Plan("silence", 2, seed=1)
    shipped, _ = soundfile.read(SPEECH / plan.path, dtype="int16")
    np.testing.assert_array_equal(script.make_clip(plan), shipped)


def test_another_seed_makes_other_clips(script):
    clips = [script.make_clip(script.Plan("silence", 1, seed=seed)) for seed in (1, 2)]
    assert not np.array_equal(*clips)


@pytest.mark.usefixtures("espeak")
def test_the_script_writes_a_corpus_that_loads(script, tmp_path, capsys):
    assert script.main(["--out", str(tmp_path), "--per-class", "1", "--seed", "7"]) == 0
    assert capsys.readouterr().out.startswith("12 clips, ")
    workload = load_workload(tmp_path, settings=FeatureSettings())
    assert [sample.target for sample in workload.samples] == list(range(12))
    assert workload.samples[0].name == "yes/yes_01.flac"
    assert workload.notes == ()


def test_without_espeak_the_script_says_what_to_install(script, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(espeak_ng, "WHEEL", "no_such_wheel")
    assert script.main(["--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err == (
        "make_speech: speech synthesiser not found: espeak-ng; install it (Debian: apt-get install "
        "espeak-ng), or the wheel that carries it (pip install espeakng-loader)\n"
    )
    assert not (tmp_path / "out").exists()


def test_the_script_refuses_an_empty_corpus(script, capsys):
    with pytest.raises(SystemExit) as exit_:
        script.main(["--per-class", "0"])
    assert exit_.value.code == 2
    assert "argument --per-class: 0 is below 1" in capsys.readouterr().err
