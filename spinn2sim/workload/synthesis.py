"""A corpus in the shape of Speech Commands, spoken by espeak-ng: for where there is no other.

Voices are disjoint between the splits, as the speakers of the real corpus are, so that test
accuracy is about voices never heard in training. It is easier than the real one all the same: a
claim on accuracy that is to be compared with the paper needs the recordings.
"""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinn2sim.errors import WorkloadError
from spinn2sim.workload.audio import SAMPLE_RATE
from spinn2sim.workload.espeak import espeak_version, speak, voice_variants
from spinn2sim.workload.folder import BACKGROUND, CLASSES, UNKNOWN
from spinn2sim.workload.members import LISTS
from spinn2sim.workload.noise import KINDS, coloured, noise
from spinn2sim.workload.parallel import in_processes, n_workers
from spinn2sim.workload.progress import Progress, silent
from spinn2sim.workload.speech_commands import SILENCE, SPLITS
from spinn2sim.workload.voices import VOICES

#: Of 54 clips of a word, so many are train, validation and test. With 540 of each word, twice as
#: many of unknown words, and silence cut as usual, that is 5,200 / 650 / 1,170 clips.
SHARES = (40, 5, 9)

#: Clips of class unknown for each clip of a word: a majority, but of 2 in 13.
UNKNOWN_SHARE = 2

#: What class unknown says: the other words of Speech Commands v0.01.
OTHER_WORDS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("bed", "bird", "cat", "dog", "happy", "house", "marvin", "sheila", "tree", "wow"),
)
WORDS = tuple(label for label in CLASSES if label not in (UNKNOWN, SILENCE))

ACCENTS = (
    *("en-us", "en-us-nyc", "en", "en-gb-x-rp", "en-gb-scotland"),
    *("en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029"),
)

WORDS_PER_MINUTE, PITCH = (120, 200), (20, 80)
#: Percent, least and most, that a speaker's formants and pitch are those of the variant: people of
#: one kind differ as much, so that a variant stands for many. From vocal tract length perturbation
#: (Jaitly and Hinton 2013), which is done to recordings for the same end.
SIZE = (90, 110)
#: Exponents, least and most, to which the power of a word falls with frequency, beyond what it does
#: by itself: 1.5 dB an octave either way, for microphones, rooms, and how loud people speak.
TILT = (-0.5, 0.5)
#: Of the word, while it is spoken, over the noise.
SNR_DB = (5.0, 30.0)
#: Loudest value of a clip and of background noise, of full scale.
PEAK, NOISE_PEAK = (0.3, 0.9), 0.5
#: Least time before and after a word: 30 ms.
MARGIN = round(0.03 * SAMPLE_RATE)
#: Of each recording of background noise; those of Speech Commands have 60 to 95 s.
NOISE_SECONDS = 60

#: Random numbers are drawn in turn for who speaks, for how, and for the background.
_WHO, _HOW, _BACKGROUND = 0, 1, 2


class Plan(NamedTuple):
    """One clip to make."""

    split: str
    word: str
    number: int
    """Of this word in this split."""
    voice: str
    """Accent and variant: ``en-us+m3``."""
    size: int
    """Percent; above 100 for a shorter vocal tract."""
    file: str
    """Within the corpus; the same voice and size always give the same first eight letters."""


def synthesise(
    out: Path,
    *,
    per_class: int,
    seed: int,
    noise_seconds: int = NOISE_SECONDS,
    workers: int | None = None,
    progress: Progress = silent,
) -> int:
    """Make a corpus in folder *out*, which must not exist yet. Returns the number of its clips.

    per_class: clips of each of the ten words, over all splits; at least one for each. The same
    arguments and the same version of espeak-ng give the same bytes, whatever *workers*.

    :raises MissingFileError: there is no espeak-ng.
    :raises WorkloadError: *out* exists or cannot be written, or an argument is out of range.
    """
    _check(out, per_class, seed, noise_seconds)
    version = espeak_version()
    spoken = {name for split in VOICES.values() for tract in split for name in tract.variants}
    strange = spoken - voice_variants()
    if strange:
        problem = f"has no voices {', '.join(sorted(strange))}; use 1.51 or 1.52, not {version}"
        raise WorkloadError("espeak-ng", problem)
    plans = plan(per_class, seed)
    partial_out = out.with_name(f".{out.name}.partial")
    try:
        shutil.rmtree(partial_out, ignore_errors=True)
        for folder in (BACKGROUND, *WORDS, *OTHER_WORDS):
            (partial_out / folder).mkdir(parents=True)
        make = partial(_write_clip, folder=partial_out, seed=seed)
        processes = n_workers(workers, len(plans))
        for n_done, _ in enumerate(in_processes(make, plans, processes), start=1):
            progress("speaking", n_done, len(plans))
        for index, kind in enumerate(KINDS):
            rng = np.random.default_rng([seed, _BACKGROUND, index])
            samples = noise(kind, noise_seconds * SAMPLE_RATE, rng)
            _write(partial_out / BACKGROUND / f"{kind}.wav", samples, NOISE_PEAK)
        _write_texts(partial_out, plans, per_class, seed, version)
        partial_out.rename(out)
    except OSError as error:
        problem = f"cannot be written ({error.strerror or error}); choose another folder"
        raise WorkloadError(str(out), problem) from None
    finally:
        shutil.rmtree(partial_out, ignore_errors=True)
    return len(plans)


def split_sizes(n: int) -> dict[str, int]:
    """*n* clips divided as ``SHARES`` say; what is left over is train."""
    _, validation, test = (max(1, round(n * share / sum(SHARES))) for share in SHARES)
    return {"train": n - validation - test, "validation": validation, "test": test}


def plan(per_class: int, seed: int) -> list[Plan]:
    """Every spoken clip, in the order in which they are made."""
    said: Counter[tuple[str, str]] = Counter()
    plans = []
    for split, word, number in _places(per_class):
        rng = np.random.default_rng([seed, _WHO, *_key(split, word), number])
        tract = VOICES[split][rng.integers(len(VOICES[split]))]
        voice = f"{rng.choice(ACCENTS)}+{rng.choice(tract.variants)}"
        size = int(rng.integers(SIZE[0], SIZE[1] + 1))
        speaker = hashlib.sha256(f"{voice} {size}".encode()).hexdigest()[:8]
        nth = said[word, speaker]
        said[word, speaker] += 1
        file = f"{word}/{speaker}_nohash_{nth}.wav"
        plans.append(Plan(split, word, number, voice, size, file))
    return plans


def make_clip(planned: Plan, seed: int) -> NDArray[np.float64]:
    """(16000,) of a word in noise, not yet scaled.

    :raises MissingFileError: there is no espeak-ng.
    """
    rng = np.random.default_rng([seed, _HOW, *_key(planned.split, planned.word), planned.number])
    speed, pitch = int(rng.integers(*WORDS_PER_MINUTE)), int(rng.integers(*PITCH))
    word = speak(planned.word, voice=planned.voice, size=planned.size, speed=speed, pitch=pitch)
    word = coloured(word[: SAMPLE_RATE - 2 * MARGIN], rng.uniform(*TILT))
    snr = 10 ** (rng.uniform(*SNR_DB) / 20)
    clip = noise(str(rng.choice(KINDS)), SAMPLE_RATE, rng)
    clip *= np.sqrt(np.mean(word**2)) / snr
    return clip + placed(word, rng)


def placed(word: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """*word* somewhere within one second, (16000,), with a margin around it."""
    room = SAMPLE_RATE - 2 * MARGIN - len(word)
    assert room >= 0, f"a word of {len(word)} samples does not fit in {SAMPLE_RATE}"
    clip = np.zeros(SAMPLE_RATE)
    start = MARGIN + int(rng.integers(room + 1))
    clip[start : start + len(word)] = word
    return clip


def _check(out: Path, per_class: int, seed: int, noise_seconds: int) -> None:
    if per_class < len(SPLITS):
        problem = f"{per_class} is below {len(SPLITS)}: each split needs a clip of each word"
        raise WorkloadError("per_class", problem)
    if seed < 0:
        raise WorkloadError("seed", f"{seed} is below 0")
    if noise_seconds < 1:
        raise WorkloadError("noise_seconds", f"{noise_seconds} is below 1")
    if out.exists():
        raise WorkloadError(str(out), "exists; choose another folder, or remove it first")


def _places(per_class: int) -> Iterator[tuple[str, str, int]]:
    """Split, word and number of each clip."""
    sizes, others = split_sizes(per_class), split_sizes(UNKNOWN_SHARE * per_class)
    for split in SPLITS:
        for number in range(sizes[split]):
            for word in WORDS:
                yield split, word, number
        for number in range(others[split]):
            yield split, OTHER_WORDS[number % len(OTHER_WORDS)], number


def _key(split: str, word: str) -> tuple[int, int]:
    return SPLITS.index(split), (*WORDS, *OTHER_WORDS).index(word)


def _write_clip(planned: Plan, folder: Path, seed: int) -> None:
    rng = np.random.default_rng([seed, _HOW, *_key(planned.split, planned.word), planned.number, 1])
    _write(folder / planned.file, make_clip(planned, seed), rng.uniform(*PEAK))


def _write(path: Path, samples: NDArray[np.float64], peak: float) -> None:
    import soundfile

    full_scale = np.iinfo(np.int16).max
    scaled = np.round(samples * (peak * full_scale / np.abs(samples).max())).astype(np.int16)
    soundfile.write(path, scaled, SAMPLE_RATE, subtype="PCM_16")


def _write_texts(folder: Path, plans: list[Plan], per_class: int, seed: int, version: str) -> None:
    for split, name in zip(SPLITS[1:], LISTS, strict=True):
        lines = sorted(f"{planned.file}\n" for planned in plans if planned.split == split)
        (folder / name).write_text("".join(lines), encoding="utf-8")
    command = f"spinn2sim data synth --per-class {per_class} --seed {seed}"
    about = f"Synthetic speech, not recordings. Made by `{command}` with espeak-ng {version}.\n"
    (folder / "README.md").write_text(about, encoding="utf-8")
