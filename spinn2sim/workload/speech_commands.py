"""Google Speech Commands, v0.01 or v0.02, as three lists of utterances, from a folder or a .tar.gz.

What is left out of them or has to be changed is counted and said, never silent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np

from spinn2sim.errors import WorkloadError
from spinn2sim.workload.audio import CLIP_SECONDS, SAMPLE_RATE
from spinn2sim.workload.folder import CLASSES, UNKNOWN, label_of
from spinn2sim.workload.inventory import Inventory, Shape, take_inventory
from spinn2sim.workload.members import LISTS
from spinn2sim.workload.progress import Progress, silent
from spinn2sim.workload.silence import cut_silence, n_silence

SPLITS = ("train", "validation", "test")

SILENCE = "silence"

#: Files that a note spells out; all are in ``Corpus.problems``.
_N_SHOWN = 8

#: Seeds of one corpus differ in their last number: what is drawn.
_CUTS, _BALANCE = 0, 1


class Utterance(NamedTuple):
    """One clip of a corpus."""

    file: str
    """Within the corpus: ``yes/0a7c2a8d_nohash_0.wav``."""
    label: str
    """One of ``CLASSES``."""
    start: int | None = None
    """First frame of a cut of silence; None if the clip is a file."""

    @property
    def name(self) -> str:
        """As it is shown: ``_background_noise_/pink_noise.wav@48000``."""
        return self.file if self.start is None else f"{self.file}@{self.start}"


class Counts(NamedTuple):
    """What became of the files of a corpus."""

    clips: int
    """Files that are one utterance and can be read."""
    corrupt: int
    """Audio files and lists that cannot be read."""
    skipped: int
    """Files that are no audio, or lie outside the folder of a word."""
    cut_short: int
    """Clips and recordings of noise that hold less than their header says."""
    padded: int
    """Clips shorter than a second, followed by silence."""
    cut: int
    """Clips longer than a second."""
    mixed: int
    """Clips of several channels, mixed to one."""
    resampled: int
    """Clips that are not at 16 kHz."""
    in_both_lists: int
    """Clips in the lists of validation and of testing: they are test only."""
    in_neither_list: int
    """Clips in no list: they are train."""
    missing: int
    """Names in a list without such a file."""
    left_out: int
    """Clips of class unknown that balancing left out."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Which clips there are, of which class, in which split. Classes take turns in each split."""

    source: Path
    root: str
    """What the names in an archive begin with; see ``Inventory.root``."""
    train: tuple[Utterance, ...]
    validation: tuple[Utterance, ...]
    test: tuple[Utterance, ...]
    counts: Counts
    problems: tuple[str, ...]
    """Every file that cannot be read, with the reason."""
    notes: tuple[str, ...]
    classes: tuple[str, ...] = CLASSES

    def split(self, name: str) -> tuple[Utterance, ...]:
        """The utterances of one of ``SPLITS``."""
        return {"train": self.train, "validation": self.validation, "test": self.test}[name]


def load_corpus(
    source: str | Path,
    *,
    seed: int = 0,
    balance_unknown: bool = False,
    silence: Mapping[str, int] | None = None,
    progress: Progress = silent,
) -> Corpus:
    """The corpus in the folder or .tar.gz *source*.

    A file in both official lists is test only: it must not help to choose the epoch that is
    tested. *silence* sets the number of cuts for the splits that it names; for others it is that
    of ``n_silence``, or none where a folder ``silence`` gives clips. *balance_unknown* draws as
    many clips of class unknown as there are of a word, in each split.

    :raises MissingFileError: there is nothing at *source*.
    :raises WorkloadError: no clips, an archive that is damaged or unsafe, or a wrong argument.
    """
    source = Path(source)
    _check(seed, silence or {})
    found = take_inventory(source, progress)
    if not found.clips:
        problem = "holds no readable .wav or .flac file in folders named by words (yes/, no/, ...)"
        raise WorkloadError(str(source), problem + _first(found.problems))
    validation, testing = (found.lists.get(name, frozenset()) for name in LISTS)
    splits: dict[str, list[Utterance]] = {split: [] for split in SPLITS}
    for name in found.clips:
        split = "test" if name in testing else "validation" if name in validation else "train"
        splits[split].append(Utterance(name, label_of(PurePosixPath(name).parts[0])))
    if balance_unknown:
        splits = {split: _balanced(each, seed, split) for split, each in splits.items()}
    left_out = len(found.clips) - sum(map(len, splits.values()))
    cuts = _silence(found, splits, silence or {}, seed)
    for split, each in cuts.items():
        splits[split] += each
    counts = _count(found, validation, testing)._replace(left_out=left_out)
    return Corpus(
        source=source,
        root=found.root,
        train=_taking_turns(splits["train"]),
        validation=_taking_turns(splits["validation"]),
        test=_taking_turns(splits["test"]),
        counts=counts,
        problems=tuple(f"{name}: {problem}" for name, problem in found.problems.items()),
        notes=(*_notes(found, counts), *_notes_on_silence(found, cuts)),
    )


def _check(seed: int, silence: Mapping[str, int]) -> None:
    if seed < 0:
        raise WorkloadError("seed", f"{seed} is below 0")
    for split, n in silence.items():
        if split not in SPLITS:
            raise WorkloadError("silence", f"{split!r} is no split; use {', '.join(SPLITS)}")
        if n < 0:
            raise WorkloadError("silence", f"{n} cuts for {split}; ask for 0 or more")


def _first(problems: Mapping[str, str]) -> str:
    """For the end of a message: the first file that cannot be read."""
    return next((f"; {name}: {problem}" for name, problem in problems.items()), "")


def _n_of_words(utterances: Iterable[Utterance]) -> int:
    return sum(each.label not in (UNKNOWN, SILENCE) for each in utterances)


def _balanced(utterances: list[Utterance], seed: int, split: str) -> list[Utterance]:
    """With as many of class unknown as the mean of the ten words."""
    unknown = [each for each in utterances if each.label == UNKNOWN]
    n = min(len(unknown), round(_n_of_words(utterances) / 10))
    rng = np.random.default_rng([seed, SPLITS.index(split), _BALANCE])
    kept = set(rng.choice(len(unknown), n, replace=False).tolist()) if n else set()
    left_out = {each for index, each in enumerate(unknown) if index not in kept}
    return [each for each in utterances if each not in left_out]


def _silence(
    found: Inventory,
    splits: Mapping[str, list[Utterance]],
    asked: Mapping[str, int],
    seed: int,
) -> dict[str, list[Utterance]]:
    """Cuts for each split that shall have them."""
    has_own = any(each.label == SILENCE for split in splits.values() for each in split)
    cuts = {}
    for index, (split, utterances) in enumerate(splits.items()):
        usual = 0 if has_own else n_silence(split, _n_of_words(utterances), len(found.clips))
        n = asked.get(split, usual)
        drawn = cut_silence(found.noises, split, n, [seed, index, _CUTS])
        cuts[split] = [Utterance(cut.file, SILENCE, cut.start) for cut in drawn]
    return cuts


def _count(found: Inventory, validation: frozenset[str], testing: frozenset[str]) -> Counts:
    clips, listed = found.clips.keys(), validation | testing
    return Counts(
        clips=len(clips),
        corrupt=len(found.problems),
        skipped=found.n_skipped,
        cut_short=sum(
            shape.n_lost > 0 for shape in (*found.clips.values(), *found.noises.values())
        ),
        padded=sum(_seconds(shape) < CLIP_SECONDS for shape in found.clips.values()),
        cut=sum(_seconds(shape) > CLIP_SECONDS for shape in found.clips.values()),
        mixed=sum(shape.n_channels > 1 for shape in found.clips.values()),
        resampled=sum(shape.rate != SAMPLE_RATE for shape in found.clips.values()),
        in_both_lists=len(clips & validation & testing),
        in_neither_list=len(clips - listed),
        missing=len(listed - clips - found.problems.keys()),
        left_out=0,
    )


def _seconds(shape: Shape) -> float:
    return shape.n_frames / shape.rate


def _notes(found: Inventory, counts: Counts) -> list[str]:
    notes = [f"no {name}: nothing is held back by it" for name in LISTS if name not in found.lists]
    sentences = {
        "corrupt": "files that cannot be read, left out",
        "cut_short": "files that hold less than their header says, used as far as they go",
        "padded": "clips shorter than 1 s, followed by silence",
        "cut": "clips longer than 1 s, cut to their first",
        "mixed": "clips of several channels, mixed to mono",
        "resampled": f"clips of another rate than {SAMPLE_RATE} Hz, resampled",
        "in_both_lists": "clips in both lists, used for testing only",
        "missing": "names in the lists without a file",
        "left_out": "clips of unknown words, left out to balance the classes",
    }
    for kind, sentence in sentences.items():
        n = getattr(counts, kind)
        if n:
            notes.append(f"{sentence}: {n:,}")
    shown = [f"{name}: {why}" for name, why in list(found.problems.items())[:_N_SHOWN]]
    more = [f"and {counts.corrupt - _N_SHOWN:,} more"] if counts.corrupt > _N_SHOWN else []
    return notes + shown + more


def _notes_on_silence(found: Inventory, cuts: Mapping[str, list[Utterance]]) -> list[str]:
    numbers = ", ".join(f"{len(each):,} for {split}" for split, each in cuts.items())
    if any(cuts.values()):
        return [f"silence is cut from {len(found.noises)} recordings of noise: {numbers}"]
    return [f"no cuts of silence: {len(found.noises)} recordings of background noise"]


def _taking_turns(utterances: Iterable[Utterance]) -> tuple[Utterance, ...]:
    """One of each class, then again, so that the first few cover all; unknown words are mixed."""
    by_class: dict[str, list[Utterance]] = {label: [] for label in CLASSES}
    for each in sorted(utterances, key=_file_name):
        by_class[each.label].append(each)
    rounds = zip_longest(*by_class.values())
    return tuple(each for turn in rounds for each in turn if each is not None)


def _file_name(utterance: Utterance) -> str:
    """What clips of a class are sorted by; cuts stay in the order in which they were drawn."""
    return PurePosixPath(utterance.file).name if utterance.start is None else ""
