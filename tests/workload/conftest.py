"""Sound made for the tests: signals written to files as a user's recorder would write them."""

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
