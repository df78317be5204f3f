"""Sound made for the tests: signals written to files as a user's recorder would write them."""

import tarfile

import numpy as np
import pytest
import soundfile


def chord(seconds, rate):
    """Three tones below 4 kHz that swell and fade, so that any rate shows the same sound."""
    t = np.arange(round(seconds * rate)) / rate
    tones = sum(np.sin(2 * np.pi * hz * t) / 4 for hz in (300, 1000, 2500))
    return tones * np.sin(np.pi * t / seconds) ** 2


@pytest.fixture
def write(tmp_path):
    def write(name, samples=None, rate=16_000, **options):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, chord(1, 16_000) if samples is None else samples, rate, **options)
        return path

    return write


@pytest.fixture(name="chord")
def _chord():
    return chord


@pytest.fixture
def speech_commands(write, chord):
    """A folder in the exact layout of Speech Commands, with what goes wrong in real ones."""
    second, noise = chord(1, 16_000), np.random.default_rng(0).normal(size=20 * 16_000) / 10
    write("gsc/yes/0a_nohash_0.wav")
    write("gsc/yes/0b_nohash_0.wav", chord(0.4, 16_000))
    write("gsc/yes/0c_nohash_0.wav", chord(1.5, 16_000))
    write("gsc/yes/0v_nohash_0.wav", second[::-1])
    write("gsc/yes/0t_nohash_0.wav", -second / 2)
    write("gsc/no/0a_nohash_0.wav", np.stack([second, second[::-1]], axis=1))
    write("gsc/no/0b_nohash_0.wav", chord(1, 8_000), 8_000)
    write("gsc/no/0x_nohash_0.wav", second**3)
    for number in range(4):
        write(f"gsc/bed/{number}a_nohash_0.wav", np.roll(second, 1_000 * number))
    write("gsc/happy/0v_nohash_0.wav", second**2)
    write("gsc/_background_noise_/hum.wav", noise)
    root = write("gsc/_background_noise_/tap.wav", noise[:48_000, np.newaxis].repeat(2, 1), 8_000)
    root = root.parents[1]
    (root / "no" / "0y_nohash_0.wav").write_bytes(b"RIFF and then nothing")
    (root / "_background_noise_" / "README.md").write_text("about the noise")
    (root / "README.md").write_text("about the corpus")
    validation = ("yes/0v_nohash_0.wav", "happy/0v_nohash_0.wav", "no/0x_nohash_0.wav", "up/0.wav")
    testing = ("yes/0t_nohash_0.wav", "no/0x_nohash_0.wav", "no/0y_nohash_0.wav")
    (root / "validation_list.txt").write_text("\n".join(validation) + "\n")
    (root / "testing_list.txt").write_text("\r\n".join(testing) + "\r\n\r\n")
    return root


@pytest.fixture
def pack(tmp_path):
    """Folder to .tar.gz, as the real one is packed: names begin with ./"""

    def pack(folder, name="gsc.tar.gz", arcname="."):
        with tarfile.open(tmp_path / name, "w:gz") as archive:
            archive.add(folder, arcname)
        return tmp_path / name

    return pack
