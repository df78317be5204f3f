"""One audio file as one clip of fixed rate and length; whatever had to be changed is said.

A recording is decoded from a file or from bytes in memory, then fitted. Only the part that is kept
is decoded, so a damaged or endless tail of a long recording does no harm.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from spinn2sim.errors import AudioError, MissingFileError
from spinn2sim.workload.wav_header import promised_frames

#: File name endings that are taken as audio.
AUDIO_SUFFIXES = (".wav", ".flac")

#: How a WAV or FLAC file begins. libsndfile reads other formats as well, and looks in whatever it
#: does not know for MP3, complaining on standard error.
BEGINNINGS = (b"RIFF", b"RIFX", b"RF64", b"fLaC")

#: Hz; facts/paper.md data.set.
SAMPLE_RATE = 16_000

#: Length of one utterance; facts/paper.md data.set.
CLIP_SECONDS = 1.0

#: Hz, least and most. Our bounds: a damaged header may say anything, and resampling from 1 Hz or
#: from 2 GHz is beyond any memory. Telephones use 8,000, the fastest audio converters 768,000.
RATES = (1_000, 768_000)


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """Mono audio. samples: (sample_rate * seconds,) float32, read-only, full scale is 1."""

    samples: NDArray[np.float32]
    notes: tuple[str, ...]
    """What was done to make the recording fit, one sentence each, led by the file's name."""


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """The start of a file as it is. frames: (n, n_channels) float32, finite."""

    frames: NDArray[np.float32]
    n_frames: int
    """Frames in the whole file, of which ``frames`` are the first."""
    rate: int
    """Hz."""
    n_lost: int = 0
    """Frames that the header promises and the file does not hold: it was cut short."""

    @property
    def n_channels(self) -> int:
        """Channels that a clip is the mean of."""
        return int(self.frames.shape[1])

    def cut(self, start: int, n: int) -> Recording:
        """The *n* frames from *start* on, as if they were a file of their own."""
        frames = self.frames[start : start + n]
        return Recording(frames, len(frames), self.rate)


def load_clip(
    path: str | Path, *, sample_rate: int = SAMPLE_RATE, seconds: float = CLIP_SECONDS
) -> Clip:
    """The first *seconds* of a WAV or FLAC file, mixed to mono, at *sample_rate* (Hz).

    A shorter recording is followed by silence.

    :raises MissingFileError: there is no such file.
    :raises AudioError: it is not WAV or FLAC, damaged, empty, or holds NaN or infinity.
    """
    path = Path(path)
    if not path.exists():
        raise MissingFileError("audio file", str(path), "name a .wav or .flac file")
    if path.suffix.lower() not in AUDIO_SUFFIXES or not path.is_file():
        raise AudioError(str(path), "is not a .wav or .flac file; convert it to one of these")
    try:
        with path.open("rb") as file:
            recording = _decode(file, str(path), seconds)
    except OSError as error:
        raise AudioError(str(path), f"cannot be opened ({error.strerror})") from None
    return fit(recording, path.name, sample_rate=sample_rate, seconds=seconds)


def decode(content: bytes, name: str, *, seconds: float = CLIP_SECONDS) -> Recording:
    """The first *seconds* of the WAV or FLAC file that *content* is; errors call it *name*.

    :raises AudioError: as ``load_clip``.
    """
    return _decode(io.BytesIO(content), name, seconds)


def fit(
    recording: Recording,
    name: str,
    *,
    sample_rate: int = SAMPLE_RATE,
    seconds: float = CLIP_SECONDS,
) -> Clip:
    """*recording* in mono at *sample_rate* (Hz), cut or followed by silence to *seconds*."""
    import librosa

    mono = recording.frames.mean(axis=1, dtype=np.float64)
    notes = []
    if recording.n_channels > 1:
        notes.append(f"{recording.n_channels} channels mixed to mono")
    if recording.rate != sample_rate:
        mono = librosa.resample(mono, orig_sr=recording.rate, target_sr=sample_rate)
        notes.append(f"{recording.rate} Hz resampled to {sample_rate} Hz")
    length, wanted = recording.n_frames, round(seconds * recording.rate)
    if recording.n_lost:
        promised = (length + recording.n_lost) / recording.rate
        held = f"holds {length / recording.rate:.6g} s of the {promised:.6g} s in its header"
        notes.append(f"is cut short: {held}; record or copy it again")
    if length < wanted:
        notes.append(f"{length / recording.rate:.6g} s followed by silence up to {seconds:g} s")
    if length > wanted:
        notes.append(f"{length / recording.rate:.6g} s cut to the first {seconds:g} s")
    samples = np.zeros(round(seconds * sample_rate), np.float32)
    n_kept = min(len(samples), len(mono))
    # Resampling overshoots: a value at the end of float32 must not become infinite.
    limit = np.finfo(np.float32).max
    samples[:n_kept] = np.clip(mono[:n_kept], -limit, limit)
    samples.setflags(write=False)
    return Clip(samples, tuple(f"{name}: {note}" for note in notes))


def _decode(file: BinaryIO, name: str, seconds: float) -> Recording:
    import soundfile

    _refuse_others(file, name)
    n_promised = promised_frames(file) or 0
    try:
        with soundfile.SoundFile(file) as sound:
            if not RATES[0] <= sound.samplerate <= RATES[1]:
                allowed = f"use {RATES[0]:,} to {RATES[1]:,} Hz"
                raise AudioError(name, f"has a sample rate of {sound.samplerate} Hz; {allowed}")
            frames = sound.read(round(seconds * sound.samplerate), "float32", always_2d=True)
            n_lost = max(n_promised - sound.frames, 0)
            recording = Recording(frames, sound.frames, sound.samplerate, n_lost)
    except soundfile.LibsndfileError as error:
        reason = error.error_string.removeprefix("Error : ").rstrip(".")
        raise AudioError(name, _unreadable(reason)) from None
    if not len(frames):
        raise AudioError(name, "holds no audio, only a header; record or export it again")
    bad = np.argwhere(~np.isfinite(frames))
    if bad.size:
        value = frames[tuple(bad[0])]
        problem = f"audio sample {bad[0][0]} is {value}; every one must be a finite number"
        raise AudioError(name, problem)
    return recording


def _refuse_others(file: BinaryIO, name: str) -> None:
    """Leave *file* at its beginning, if it begins as WAV or FLAC does."""
    beginning = file.read(4)
    file.seek(0)
    if not beginning:
        raise AudioError(name, "is empty (0 bytes); record or export it again")
    if beginning not in BEGINNINGS:
        raise AudioError(name, _unreadable("Format not recognised"))


def _unreadable(reason: str) -> str:
    return f"cannot be read as WAV or FLAC ({reason}); record or export it again"
