"""One audio file as one clip of fixed rate and length; whatever had to be changed is said.

Only the part that is kept is read, so a damaged or endless tail of a long recording does no harm.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spinn2sim.errors import AudioError, MissingFileError

#: File name endings that are taken as audio.
AUDIO_SUFFIXES = (".wav", ".flac")

#: Hz; facts/paper.md data.set.
SAMPLE_RATE = 16_000

#: Length of one utterance; facts/paper.md data.set.
CLIP_SECONDS = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """Mono audio. samples: (sample_rate * seconds,) float32, read-only, full scale is 1."""

    samples: NDArray[np.float32]
    notes: tuple[str, ...]
    """What was done to make the recording fit, one sentence each, led by the file's name."""


@dataclass(frozen=True, slots=True, eq=False)
class _Recording:
    """The start of a file as it is. frames: (n, n_channels) float32; n_frames: in the file."""

    frames: NDArray[np.float32]
    n_frames: int
    rate: int


def load_clip(
    path: str | Path, *, sample_rate: int = SAMPLE_RATE, seconds: float = CLIP_SECONDS
) -> Clip:
    """The first *seconds* of a WAV or FLAC file, mixed to mono, at *sample_rate* (Hz).

    A shorter recording is followed by silence.

    :raises MissingFileError: there is no such file.
    :raises AudioError: it is not WAV or FLAC, damaged, empty, or holds NaN or infinity.
    """
    import librosa

    path = Path(path)
    if not path.exists():
        raise MissingFileError("audio file", str(path), "name a .wav or .flac file")
    recording = _read(path, seconds)
    n_channels = recording.frames.shape[1]
    mono = recording.frames.mean(axis=1, dtype=np.float64)
    notes = []
    if n_channels > 1:
        notes.append(f"{n_channels} channels mixed to mono")
    if recording.rate != sample_rate:
        mono = librosa.resample(mono, orig_sr=recording.rate, target_sr=sample_rate)
        notes.append(f"{recording.rate} Hz resampled to {sample_rate} Hz")
    length, wanted = recording.n_frames, round(seconds * recording.rate)
    if length < wanted:
        notes.append(f"{length / recording.rate:.6g} s followed by silence up to {seconds:g} s")
    if length > wanted:
        notes.append(f"{length / recording.rate:.6g} s cut to the first {seconds:g} s")
    samples = np.zeros(round(seconds * sample_rate), np.float32)
    n_kept = min(len(samples), len(mono))
    samples[:n_kept] = mono[:n_kept]
    samples.setflags(write=False)
    return Clip(samples, tuple(f"{path.name}: {note}" for note in notes))


def _read(path: Path, seconds: float) -> _Recording:
    import soundfile

    if path.suffix.lower() not in AUDIO_SUFFIXES or not path.is_file():
        raise AudioError(str(path), "is not a .wav or .flac file; convert it to one of these")
    try:
        with path.open("rb") as raw, soundfile.SoundFile(raw) as file:
            wanted = round(seconds * file.samplerate)
            frames = file.read(wanted, dtype="float32", always_2d=True)
            recording = _Recording(frames, file.frames, file.samplerate)
    except OSError as error:
        raise AudioError(str(path), f"cannot be opened ({error.strerror})") from None
    except soundfile.LibsndfileError as error:
        if not path.stat().st_size:
            raise AudioError(str(path), "is empty (0 bytes); record or export it again") from None
        reason = error.error_string.removeprefix("Error : ").rstrip(".")
        problem = f"cannot be read as WAV or FLAC ({reason}); record or export it again"
        raise AudioError(str(path), problem) from None
    if not len(frames):
        raise AudioError(str(path), "holds no audio, only a header; record or export it again")
    bad = np.argwhere(~np.isfinite(frames))
    if bad.size:
        value = frames[tuple(bad[0])]
        problem = f"audio sample {bad[0][0]} is {value}; every one must be a finite number"
        raise AudioError(str(path), problem)
    return recording
