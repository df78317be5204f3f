"""Makes the speech that ships with the package: 12 classes of synthetic 1 s clips.

The words of Google Speech Commands, spoken by espeak-ng in different voices, accents, speeds and
pitches, with light noise. The same seed gives the same files: espeak-ng has no random state, and
each clip draws from its own generator. The clips in spinn2sim/workload/speech were made by

    python experiments/make_speech.py --seed 1 --per-class 5

with espeak-ng 1.51. They stand in for recordings where there are none: every claim on accuracy
needs the real data set.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from spinn2sim.errors import Spinn2SimError
from spinn2sim.workload import CLASSES
from spinn2sim.workload.audio import SAMPLE_RATE
from spinn2sim.workload.espeak import find_espeak, speak
from spinn2sim.workload.noise import coloured
from spinn2sim.workload.synthesis import placed

SPEECH = Path(__file__).parents[1] / "spinn2sim" / "workload" / "speech"

ACCENTS = (
    *("en-us", "en-us-nyc", "en-gb", "en-gb-x-rp", "en-gb-scotland"),
    *("en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029"),
)
SPEAKERS = (*(f"m{n}" for n in range(1, 8)), *(f"f{n}" for n in range(1, 6)))

#: What class ``unknown`` says: the remaining words of Google Speech Commands that are no digits.
OTHER_WORDS = (*("bed", "bird", "cat", "dog", "happy", "house", "marvin", "sheila", "tree", "wow"),)

WORDS_PER_MINUTE = (110, 200)
PITCH = (20, 80)
SNR_DB = (18.0, 36.0)
#: Loudest value of a spoken clip and of silence, of full scale.
SPOKEN_PEAK, SILENCE_PEAK = 0.9, (0.01, 0.05)
#: Power falls with frequency to these exponents: white, pink, brown noise.
NOISE_SLOPES = (0.0, 1.0, 2.0)


class Plan(NamedTuple):
    """One clip to make: its place in the corpus and where its random numbers come from."""

    label: str
    number: int
    seed: int

    @property
    def path(self) -> Path:
        """Place of the file in the corpus."""
        return Path(self.label) / f"{self.label}_{self.number:02d}.flac"

    @property
    def word(self) -> str:
        """What is said."""
        if self.label == "unknown":
            return OTHER_WORDS[(self.number - 1) % len(OTHER_WORDS)]
        return self.label

    def generator(self) -> np.random.Generator:
        """Its own random numbers, so that a clip does not depend on those before it."""
        return np.random.default_rng([self.seed, CLASSES.index(self.label), self.number])


def plans(per_class: int, seed: int) -> Iterator[Plan]:
    """Every clip of the corpus."""
    for label in CLASSES:
        for number in range(1, per_class + 1):
            yield Plan(label, number, seed)


def make_clip(plan: Plan) -> NDArray[np.int16]:
    """(16000,) int16, as it is written into the file."""
    rng = plan.generator()
    if plan.label == "silence":
        clip = _noise(rng)
        peak = rng.uniform(*SILENCE_PEAK)
    else:
        clip = placed(_spoken(plan.word, rng), rng)
        snr = 10 ** (rng.uniform(*SNR_DB) / 20)
        clip += _noise(rng) * np.sqrt(np.mean(clip**2)) / snr
        peak = SPOKEN_PEAK
    clip *= peak / np.abs(clip).max()
    return np.round(clip * np.iinfo(np.int16).max).astype(np.int16)


def _spoken(word: str, rng: np.random.Generator) -> NDArray[np.float64]:
    """*word* in a random voice, without the silence around it."""
    voice = f"{rng.choice(ACCENTS)}+{rng.choice(SPEAKERS)}"
    speed, pitch = rng.integers(*WORDS_PER_MINUTE), rng.integers(*PITCH)
    return speak(word, voice=voice, speed=int(speed), pitch=int(pitch))


def _noise(rng: np.random.Generator) -> NDArray[np.float64]:
    """One second of noise of random colour, root mean square 1."""
    return coloured(rng.standard_normal(SAMPLE_RATE), rng.choice(NOISE_SLOPES))


def _at_least_one(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is below 1")
    return value


def main(arguments: list[str] | None = None) -> int:
    """Make the corpus. Returns the exit code: 2 without espeak-ng."""
    parser = argparse.ArgumentParser(description="Make the synthetic speech of the package.")
    parser.add_argument("--out", type=Path, default=SPEECH, help="folder (default: %(default)s)")
    parser.add_argument("--per-class", type=_at_least_one, default=5, help="clips of each class")
    parser.add_argument("--seed", type=int, default=1, help="of voices, noise and placement")
    chosen = parser.parse_args(arguments)
    try:
        find_espeak()
    except Spinn2SimError as error:
        print(f"make_speech: {error}", file=sys.stderr)
        return 2
    n_bytes = n_clips = 0
    for plan in plans(chosen.per_class, chosen.seed):
        path = chosen.out / plan.path
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, make_clip(plan), SAMPLE_RATE, subtype="PCM_16")
        n_bytes += path.stat().st_size
        n_clips += 1
    print(f"{n_clips} clips, {n_bytes:,} B, in {chosen.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
