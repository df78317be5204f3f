"""From a source to a workload: the same sample whatever else is asked for."""

import numpy as np
import pytest

from spinn2sim.errors import AudioError, WorkloadError
from spinn2sim.workload import CLASSES, FeatureSettings, load, load_clip, load_workload, log_mel

SETTINGS = FeatureSettings()


@pytest.fixture
def corpus(write):
    """Noise of three words, in three clips each; returns the folder."""
    for word in ("yes", "no", "go"):
        for number in range(3):
            noise = np.random.default_rng([number, CLASSES.index(word)]).normal(size=16_000)
            path = write(f"corpus/{word}/{number}.wav", noise * np.hanning(16_000) / 8)
    return path.parents[1]


def values(workload):
    return np.stack([sample.values for sample in workload.samples])


def test_a_folder_becomes_one_sample_for_each_file(corpus):
    workload = load_workload(corpus, settings=SETTINGS)
    assert (workload.n_samples, workload.n_timesteps, workload.n_in) == (9, 100, 80)
    assert [sample.target for sample in workload.samples] == [0, 1, 9] * 3
    assert workload.samples[3].name == "yes/1.wav"
    assert workload.classes == CLASSES
    assert workload.notes == ()


def test_a_path_may_be_text(corpus):
    there, here = (load_workload(path, settings=SETTINGS) for path in (corpus, str(corpus)))
    assert there.digest() == here.digest()


def test_every_channel_has_deviation_one_over_the_whole_source(corpus):
    frames = values(load_workload(corpus, settings=SETTINGS)).reshape(-1, 80)
    np.testing.assert_allclose(frames.std(axis=0), 1, rtol=1e-5)


def test_a_sample_does_not_depend_on_how_many_are_asked_for(corpus):
    everything = values(load_workload(corpus, settings=SETTINGS))
    for n in (1, 4):
        few = load_workload(corpus, settings=SETTINGS, n_samples=n)
        np.testing.assert_array_equal(values(few), everything[:n])
        assert few.notes == ()


def test_more_samples_than_files_repeat_and_say_so(corpus):
    workload = load_workload(corpus, settings=SETTINGS, n_samples=10)
    np.testing.assert_array_equal(workload.samples[9].values, workload.samples[0].values)
    why = "they repeat in the same order, as in further epochs"
    assert workload.notes == (f"10 samples are asked for and there are 9: {why}",)


def test_of_a_large_source_only_the_first_clips_are_measured(corpus, monkeypatch):
    monkeypatch.setattr(load, "N_MEASURED", 4)
    workload = load_workload(corpus, settings=SETTINGS)
    frames = values(workload)[:4].reshape(-1, 80)
    np.testing.assert_allclose(frames.std(axis=0), 1, rtol=1e-5)
    assert workload.notes == (
        "features are divided by the standard deviation of the first 4 of 9 clips",
    )
    few = load_workload(corpus, settings=SETTINGS, n_samples=2)
    np.testing.assert_array_equal(values(few), values(workload)[:2])


def test_clips_may_be_rescaled_each_by_itself(corpus):
    settings = FeatureSettings(rescaling="clip")
    for clip in values(load_workload(corpus, settings=settings)):
        np.testing.assert_allclose(clip.std(axis=0), 1, rtol=1e-5)


def test_features_may_be_left_as_they_are(corpus):
    settings = FeatureSettings(rescaling="none")
    workload = load_workload(corpus, settings=settings, n_samples=1)
    clip = load_clip(corpus / "yes" / "0.wav")
    np.testing.assert_array_equal(workload.samples[0].values, log_mel(clip.samples, settings))


@pytest.mark.parametrize(("orders", "n_in"), [(0, 40), (1, 80), (2, 120)])
def test_derivative_orders_set_the_number_of_inputs(corpus, orders, n_in):
    settings = FeatureSettings(derivative_orders=orders)
    assert load_workload(corpus, settings=settings, n_samples=1).n_in == n_in


def test_one_file_is_one_sample_rescaled_by_itself(corpus):
    workload = load_workload(corpus / "go" / "0.wav", settings=SETTINGS)
    assert [(each.name, each.target) for each in workload.samples] == [("0.wav", 9)]
    np.testing.assert_allclose(workload.samples[0].values.std(axis=0), 1, rtol=1e-5)
    assert workload.notes == ("features are divided by the standard deviation of this one clip",)


def test_what_was_done_to_the_samples_is_told_and_not_of_others(write, chord):
    write("corpus/no_01.wav", chord(1, 8_000), 8_000)
    source = write("corpus/yes_01.wav", chord(0.5, 16_000)).parent
    workload = load_workload(source, settings=SETTINGS, n_samples=1)
    assert workload.notes == ("yes_01.wav: 0.5 s followed by silence up to 1 s",)


def test_audio_is_brought_to_the_sample_rate_of_the_settings(write):
    settings = FeatureSettings(sample_rate=8_000, hop_samples=81, window_samples=240)
    workload = load_workload(write("yes/1.wav"), settings=settings)
    assert workload.n_timesteps == 99
    assert workload.notes[0] == "1.wav: 16000 Hz resampled to 8000 Hz"


def test_digital_silence_is_a_sample_like_any_other(write):
    workload = load_workload(write("silence/1.wav", np.zeros(16_000)), settings=SETTINGS)
    assert not workload.samples[0].values.any()


def test_a_corrupt_file_is_never_left_out(corpus):
    bad = corpus / "no" / "1.wav"
    bad.write_bytes(b"RIFF")
    with pytest.raises(AudioError) as error:
        load_workload(corpus, settings=SETTINGS, n_samples=1)
    assert error.value.path == str(bad)


@pytest.mark.parametrize("n", [0, -1])
def test_fewer_than_one_sample_cannot_be_asked_for(n):
    with pytest.raises(WorkloadError) as error:
        load_workload("embedded", settings=SETTINGS, n_samples=n)
    assert str(error.value) == f"workload embedded: n_samples is {n}; ask for 1 or more"
