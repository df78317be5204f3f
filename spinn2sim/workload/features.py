"""Log-mel features: what the host computes offline, so that the chip receives n_in values a step.

One frame is one time step. 16,000 audio samples with a hop of 161 give exactly 100 frames, because
frames are centred: the first on sample 0, the last within a hop of the end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from spinn2sim.validated import Validated

#: Frames that librosa fits to find a derivative: its ``delta`` cannot do with fewer.
DELTA_FRAMES = 9


class FeatureSettings(Validated):
    """How one second of audio becomes features. Defaults are those of the paper."""

    sample_rate: Annotated[int, Field(ge=8_000, le=48_000)] = 16_000
    """Hz, 8,000 to 48,000. Source: facts/paper.md data.set."""
    window_samples: Annotated[int, Field(ge=64, le=4_096)] = 480
    """Audio samples in one Fourier window, 64 to 4,096; 480 are 30 ms. Source: data.feat2."""
    hop_samples: Annotated[int, Field(ge=16, le=1_000)] = 161
    """Audio samples from one frame to the next; 161 are 10 ms. 16 to 1,000, at which a second of
    8 kHz still has the 9 frames that derivatives need. Source: data.feat2."""
    n_mels: Annotated[int, Field(ge=1, le=256)] = 40
    """Mel bands, 1 to 256, each wider than one bin of the Fourier window. Source: data.feat."""
    f_min: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 20.0
    """Hz, lower edge of the first band, 0 to below ``f_max``. Source: data.feat."""
    f_max: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 4_000.0
    """Hz, upper edge of the last band, up to half the sample rate. Source: data.feat."""
    derivative_orders: Literal[0, 1, 2] = 1
    """Time derivatives after the bands themselves: n_in is 40, 80 or 120. Source: data.feat."""
    rescaling: Literal["corpus", "clip", "none"] = "corpus"
    """Each channel is divided by its standard deviation over all clips, over the time steps of its
    own clip, or not at all. Source: data.feat2, which leaves open over what."""

    @property
    def n_frames(self) -> int:
        """Time steps of one second of audio."""
        return 1 + self.sample_rate // self.hop_samples

    @property
    def n_in(self) -> int:
        """Features of one time step."""
        return self.n_mels * (1 + self.derivative_orders)

    @model_validator(mode="after")
    def _bands_can_be_filled(self) -> Self:
        if not self.f_min < self.f_max <= self.sample_rate / 2:
            message = (
                f"f_min {self.f_min:g} and f_max {self.f_max:g} Hz must rise and stay within half "
                f"the sample rate, {self.sample_rate / 2:g} Hz"
            )
            raise ValueError(message)
        bin_hz, band_hz = self.sample_rate / self.window_samples, self._narrowest_band()
        if band_hz <= bin_hz:
            message = (
                f"n_mels {self.n_mels} makes bands of {band_hz:.1f} Hz, narrower than one Fourier "
                f"bin of {bin_hz:.1f} Hz; use fewer bands or a longer window"
            )
            raise ValueError(message)
        return self

    def _narrowest_band(self) -> float:
        """Width in Hz of the lowest band, which spans two of n_mels + 1 equal steps in mel."""
        low, high = _mel(self.f_min), _mel(self.f_max)
        return _hz(low + 2 * (high - low) / (self.n_mels + 1)) - self.f_min


def log_mel(samples: NDArray[np.float32], settings: FeatureSettings) -> NDArray[np.float32]:
    """log(1 + S / max S) of the mel power S, then its derivatives; not yet rescaled.

    samples: (n,) float32, finite, one second or more. Returns (1 + n // hop, n_in) float32: the
    bands from low to high, then the same bands' first derivative, then the second. Silence gives
    zeros. Mel bands are Slaney's (librosa's default), the window is Hann's.
    """
    import librosa

    static = _relative_power(samples, settings)
    np.log1p(static, out=static)
    derivatives = [
        librosa.feature.delta(static, width=DELTA_FRAMES, order=order)
        for order in range(1, settings.derivative_orders + 1)
    ]
    return np.ascontiguousarray(np.concatenate([static, *derivatives]).T, dtype=np.float32)


def rescale(
    features: Sequence[NDArray[np.float32]],
    measured_on: Sequence[NDArray[np.float32]] | None = None,
) -> list[NDArray[np.float32]]:
    """*features* with each channel divided by its standard deviation over all frames of all clips.

    features: each (n_frames, n_in). The deviation is that of *measured_on* if given. A channel
    that never changes is left as it is.
    """
    frames = np.concatenate(features if measured_on is None else measured_on)
    # float32 values add up exactly in float64, so a constant channel has a deviation of exactly 0.
    deviation = frames.std(axis=0, dtype=np.float64)
    divisor = np.where(deviation > 0, deviation, 1.0)
    return [(clip / divisor).astype(np.float32) for clip in features]


def _relative_power(samples: NDArray[np.float32], settings: FeatureSettings) -> NDArray[np.float64]:
    """Mel power over its own maximum: (n_mels, n_frames), 0 to 1."""
    import librosa

    # The peak cancels in S / max S; without it very loud or faint float audio would over- or
    # underflow when squared.
    peak = float(np.abs(samples).max()) or 1.0
    power: NDArray[np.float64] = librosa.feature.melspectrogram(
        y=samples.astype(np.float64) / peak,
        sr=settings.sample_rate,
        n_fft=settings.window_samples,
        hop_length=settings.hop_samples,
        n_mels=settings.n_mels,
        fmin=settings.f_min,
        fmax=settings.f_max,
        window="hann",
        center=True,
        pad_mode="constant",
        power=2.0,
        dtype=np.float64,
    )
    return power / (power.max() or 1.0)


def _mel(hz: float) -> float:
    """Slaney's mel scale: linear up to 1 kHz, then 27 steps for each factor of 6.4."""
    return hz * 3 / 200 if hz < 1000 else 15 + 27 * math.log(hz / 1000, 6.4)


def _hz(mel: float) -> float:
    return mel * 200 / 3 if mel < 15 else 1000 * 6.4 ** ((mel - 15) / 27)
