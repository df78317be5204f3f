"""Audio files: what is changed is said, what cannot be used is refused in plain words."""

import numpy as np
import pytest

from spinn2sim.errors import AudioError, MissingFileError
from spinn2sim.workload import FeatureSettings, load_clip, log_mel
from spinn2sim.workload.wav_header import promised_frames


def message(path):
    with pytest.raises(AudioError) as error:
        load_clip(path)
    return str(error.value)


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "A.WAV"])
def test_a_mono_16_khz_second_is_taken_as_it_is(write, chord, name):
    clip = load_clip(write(name))
    assert clip.notes == ()
    assert clip.samples.shape == (16_000,)
    assert clip.samples.dtype == np.float32
    np.testing.assert_allclose(clip.samples, chord(1, 16_000), atol=2**-15)


def test_samples_are_read_only(write):
    with pytest.raises(ValueError, match="read-only"):
        load_clip(write("a.wav")).samples[0] = 1


def test_stereo_is_the_mean_of_its_channels_and_said_so(write, chord):
    mono = chord(1, 16_000)
    clip = load_clip(write("yes_01.wav", np.stack([mono, mono / 2], axis=1)))
    assert clip.notes == ("yes_01.wav: 2 channels mixed to mono",)
    np.testing.assert_allclose(clip.samples, 0.75 * mono, atol=2**-14)


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000])
def test_another_rate_is_resampled_and_said_so(write, chord, rate):
    clip = load_clip(write("yes_01.wav", chord(1, rate), rate))
    assert clip.notes == (f"yes_01.wav: {rate} Hz resampled to 16000 Hz",)
    np.testing.assert_allclose(clip.samples, chord(1, 16_000), atol=1e-3)


def test_stereo_at_44_khz_gives_the_features_of_the_mono_16_khz_original(write, chord):
    original = load_clip(write("mono.wav", subtype="FLOAT"))
    wide = np.stack([chord(1, 44_100)] * 2, axis=1)
    converted = load_clip(write("yes_01.wav", wide, 44_100, subtype="FLOAT"))
    assert converted.notes == (
        "yes_01.wav: 2 channels mixed to mono",
        "yes_01.wav: 44100 Hz resampled to 16000 Hz",
    )
    settings = FeatureSettings()
    there, here = (log_mel(clip.samples, settings) for clip in (original, converted))
    assert there.max() > 0.69
    np.testing.assert_allclose(here, there, atol=1e-3)


def test_a_short_clip_is_followed_by_silence_and_said_so(write, chord):
    clip = load_clip(write("short.wav", chord(0.25, 16_000)))
    assert clip.notes == ("short.wav: 0.25 s followed by silence up to 1 s",)
    np.testing.assert_allclose(clip.samples[:4000], chord(0.25, 16_000), atol=2**-15)
    assert not clip.samples[4000:].any()


@pytest.mark.parametrize(("n_channels", "subtype"), [(1, "PCM_16"), (2, "PCM_24"), (1, "FLOAT")])
def test_a_wav_that_was_cut_short_is_said_so_before_the_silence(write, chord, n_channels, subtype):
    whole = write("cut.wav", np.stack([chord(1, 16_000)] * n_channels, axis=1), subtype=subtype)
    n_bytes = n_channels * {"PCM_16": 2, "PCM_24": 3, "FLOAT": 4}[subtype]
    whole.write_bytes(whole.read_bytes()[: -12_000 * n_bytes])
    assert load_clip(whole).notes[-2:] == (
        "cut.wav: is cut short: holds 0.25 s of the 1 s in its header; record or copy it again",
        "cut.wav: 0.25 s followed by silence up to 1 s",
    )


@pytest.mark.parametrize("size", [0, 0x7FFFF000, 0xFFFFFFFF])
def test_a_wav_from_a_pipe_promises_no_length_and_is_not_called_cut_short(write, size):
    path = write("pipe.wav")
    content = bytearray(path.read_bytes())
    at = content.index(b"data") + 4
    content[at : at + 4] = size.to_bytes(4, "little")
    path.write_bytes(content)
    with path.open("rb") as file:
        assert promised_frames(file) is None
        assert file.tell() == 0


def test_the_length_is_found_behind_chunks_of_other_things(write):
    path = write("tagged.wav")
    content = path.read_bytes()
    at = content.index(b"data")
    path.write_bytes(content[:at] + b"LIST" + (3).to_bytes(4, "little") + b"abc\0" + content[at:])
    with path.open("rb") as file:
        assert promised_frames(file) == 16_000


def test_flac_and_a_header_without_data_promise_nothing(write):
    headless = write("a.wav")
    headless.write_bytes(b"RIFF....WAVEfmt \x02\0\0\0xx")
    for path in (write("a.flac"), headless):
        with path.open("rb") as file:
            assert promised_frames(file) is None


def test_a_long_clip_is_cut_and_said_so(write, chord):
    clip = load_clip(write("long.flac", chord(2.5, 16_000)))
    assert clip.notes == ("long.flac: 2.5 s cut to the first 1 s",)
    np.testing.assert_allclose(clip.samples, chord(2.5, 16_000)[:16_000], atol=2**-15)


@pytest.mark.parametrize("seconds", [0.9, 1.1])
def test_length_is_judged_at_the_rate_of_the_file(write, chord, seconds):
    clip = load_clip(write("a.wav", chord(seconds, 48_000), 48_000))
    assert clip.samples.shape == (16_000,)
    assert len(clip.notes) == 2
    assert clip.notes[1].startswith(f"a.wav: {seconds} s ")


def test_another_rate_and_length_can_be_asked_for(write):
    clip = load_clip(write("a.wav"), sample_rate=8_000, seconds=0.5)
    assert clip.samples.shape == (4_000,)
    assert clip.notes == (
        "a.wav: 16000 Hz resampled to 8000 Hz",
        "a.wav: 1 s cut to the first 0.5 s",
    )


def test_a_missing_file_is_named(tmp_path):
    path = tmp_path / "nothing.wav"
    with pytest.raises(MissingFileError) as error:
        load_clip(path)
    assert str(error.value) == f"audio file not found: {path}; name a .wav or .flac file"


def test_an_empty_file_is_refused(tmp_path):
    path = tmp_path / "empty.wav"
    path.touch()
    assert message(path) == f"audio file {path}: is empty (0 bytes); record or export it again"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("text.wav", b"This is not audio."),
        ("noise.wav", np.random.default_rng(0).bytes(4_000)),
        ("noise.flac", np.random.default_rng(0).bytes(4_000)),
    ],
)
def test_content_that_is_not_audio_is_refused(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    assert message(path) == (
        f"audio file {path}: cannot be read as WAV or FLAC (Format not recognised); "
        "record or export it again"
    )


def test_mp3_that_calls_itself_wav_is_refused_and_nothing_is_printed(tmp_path, write, capfd):
    path = write("music.mp3", format="MP3")
    path = path.rename(tmp_path / "music.wav")
    assert message(path).endswith("(Format not recognised); record or export it again")
    path.write_bytes(bytes(100_000))
    assert message(path).endswith("(Format not recognised); record or export it again")
    assert capfd.readouterr() == ("", "")


def test_a_wav_that_ends_within_its_header_is_refused(write):
    path = write("yes_01.wav")
    path.write_bytes(path.read_bytes()[:20])
    assert message(path) == (
        f"audio file {path}: cannot be read as WAV or FLAC (Error in WAV/W64/RF64 file. "
        "Malformed 'fmt ' chunk); record or export it again"
    )


def test_a_flac_that_ends_early_is_refused(write, chord):
    path = write("yes_01.flac", chord(1, 16_000))
    path.write_bytes(path.read_bytes()[:8_000])
    assert message(path) == (
        f"audio file {path}: cannot be read as WAV or FLAC (flac decoder lost sync); "
        "record or export it again"
    )


def test_a_header_without_audio_is_refused(write):
    path = write("yes_01.wav", np.zeros(0))
    assert message(path) == (
        f"audio file {path}: holds no audio, only a header; record or export it again"
    )


@pytest.mark.parametrize("name", ["yes.mp3", "yes", "folder.wav"])
def test_what_is_not_a_wav_or_flac_file_is_refused(tmp_path, name):
    path = tmp_path / name
    path.mkdir() if name == "folder.wav" else path.write_bytes(b"ID3")
    assert message(path) == (
        f"audio file {path}: is not a .wav or .flac file; convert it to one of these"
    )


@pytest.mark.parametrize(("value", "shown"), [(np.nan, "nan"), (-np.inf, "-inf")])
def test_audio_that_is_not_finite_is_refused(write, value, shown):
    samples = np.zeros((16_000, 2), np.float32)
    samples[123, 1] = value
    path = write("yes_01.wav", samples, subtype="FLOAT")
    assert message(path) == (
        f"audio file {path}: audio sample 123 is {shown}; every one must be a finite number"
    )
