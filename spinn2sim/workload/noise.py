"""Noise that stands in for rooms and machines, each kind from random numbers and a formula."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spinn2sim.workload.audio import SAMPLE_RATE

#: Power falls with frequency to these exponents.
COLOURS = {"white_noise": 0.0, "pink_noise": 1.0, "brown_noise": 2.0}

#: What background noise is made of; the hum is of European mains, with what a room adds.
KINDS = (*COLOURS, "mains_hum", "machine")

#: Hz. Nothing is below: no microphone hears it, and long brown noise would be little else.
LOWEST_HZ = 20.0

#: Hz; the hum has this many multiples, and noise at this many dB below it.
MAINS_HZ, N_MULTIPLES, HUM_SNR_DB = 50.0, 20, 10.0

#: Hz, least and most: how often a machine swells in a second; and how far, of its loudness.
SWELL_HZ, SWELL = (2.0, 9.0), 0.8


def noise(kind: str, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """(n,) at 16 kHz of one of ``KINDS``, root mean square 1."""
    white = rng.standard_normal(n)
    match kind:
        case "mains_hum":
            made = _hum(n, rng) + 10 ** (-HUM_SNR_DB / 20) * coloured(white, 1.0)
        case "machine":
            swell_hz, phase = rng.uniform(*SWELL_HZ), rng.uniform(0, 2 * np.pi)
            time_s = np.arange(n) / SAMPLE_RATE
            swell = 1 + SWELL * np.sin(2 * np.pi * swell_hz * time_s + phase)
            made = swell * coloured(white, 1.0, lowest_hz=LOWEST_HZ)
        case _:
            made = coloured(white, COLOURS[kind], lowest_hz=LOWEST_HZ)
    return made / _rms(made)


def coloured(
    white: NDArray[np.float64], slope: float, *, lowest_hz: float = 0.0
) -> NDArray[np.float64]:
    """*white* noise with power that falls with frequency to the *slope*, root mean square 1.

    white: (n,) at 16 kHz. Nothing is left below *lowest_hz*, nor of a constant.
    """
    spectrum = np.fft.rfft(white)
    spectrum[0] = 0
    spectrum[1:] *= np.arange(1.0, len(spectrum)) ** (-slope / 2)
    spectrum[: round(lowest_hz * len(white) / SAMPLE_RATE)] = 0
    made: NDArray[np.float64] = np.fft.irfft(spectrum, len(white))
    made /= _rms(made)
    return made


def _hum(n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Multiples of the mains frequency, higher ones fainter, at random phases."""
    time_s = np.arange(n) / SAMPLE_RATE
    phases = rng.uniform(0, 2 * np.pi, N_MULTIPLES)
    hum = np.zeros(n)
    for multiple, phase in enumerate(phases, start=1):
        hum += np.sin(2 * np.pi * MAINS_HZ * multiple * time_s + phase) / multiple
    return hum / _rms(hum)


def _rms(samples: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.mean(samples**2)))
