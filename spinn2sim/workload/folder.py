"""Which audio files a source holds, and of which class each is.

A class is the name of a sub-folder (the layout of Google Speech Commands) or the start of a file
name. Classes take turns, so that the first few files of any source cover different ones.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import zip_longest
from pathlib import Path, PurePath
from typing import NamedTuple

from spinn2sim.errors import MissingFileError, WorkloadError
from spinn2sim.workload.audio import AUDIO_SUFFIXES

UNKNOWN = "unknown"

#: facts/paper.md data.set: ten words, everything else that is spoken, and silence.
CLASSES = (
    *("yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go"),
    UNKNOWN,
    "silence",
)

#: Long recordings of noise from which others cut their clips of silence; not an utterance.
BACKGROUND = "_background_noise_"

#: Names that a note spells out.
N_SHOWN = 8


class AudioFile(NamedTuple):
    """One file and its class."""

    path: Path
    name: str
    """Unique within the source: ``yes/yes_01.flac``."""
    label: str
    """One of ``CLASSES``."""


class Listing(NamedTuple):
    """The files of a source in the order in which they are streamed, and what to know of them."""

    files: tuple[AudioFile, ...]
    notes: tuple[str, ...]


def list_audio(source: Path) -> Listing:
    """The audio at *source*: one file; a folder of files; or a folder with one for each class.

    :raises MissingFileError: there is nothing at *source*.
    :raises WorkloadError: the folder holds no audio.
    """
    if source.is_file():
        return _one_file(source)
    if not source.is_dir():
        remedy = "name a .wav or .flac file, a folder of them, or 'embedded'"
        raise MissingFileError("audio", str(source), remedy)
    folders = sorted(entry for entry in source.iterdir() if _is_class_folder(entry))
    files = _direct_files(source)
    for folder in folders:
        files += _class_files(folder)
    if not files:
        problem = (
            "holds no .wav or .flac file; give a folder of files named <class>_*.wav, or one "
            "with a sub-folder for each class"
        )
        raise WorkloadError(str(source), problem)
    notes = (*_skipped(source, folders), *_unknown_words(files))
    return Listing(_taking_turns(files), notes)


def _one_file(path: Path) -> Listing:
    folder = path.resolve().parent.name
    files = (AudioFile(path, path.name, label_of(folder)),)
    if _is_class(folder):
        return Listing(files, ())
    note = f"{path.name}: taken as {UNKNOWN}, its folder {folder!r} is not the name of a class"
    return Listing(files, (note,))


def _direct_files(source: Path) -> list[AudioFile]:
    """Files with their class in their name, else in the name of the folder *source*."""
    folder = source.resolve().name
    return [
        AudioFile(path, path.name, label_of(word if _is_class(word) else folder))
        for path in _audio_in(source)
        for word in [_word(path)]
    ]


def _class_files(folder: Path) -> list[AudioFile]:
    label = label_of(folder.name)
    return [AudioFile(path, f"{folder.name}/{path.name}", label) for path in _audio_in(folder)]


def _audio_in(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if is_audio(path) and path.is_file()]


def is_audio(path: PurePath) -> bool:
    """Whether the name is that of an audio file; a hidden one is not."""
    return path.suffix.lower() in AUDIO_SUFFIXES and not path.name.startswith(".")


def _is_class_folder(entry: Path) -> bool:
    return entry.is_dir() and entry.name != BACKGROUND and not entry.name.startswith(".")


def _word(path: Path) -> str:
    """``yes`` of ``yes_01.wav``, ``silence`` of ``_silence__01.wav``."""
    return path.stem.strip("_").partition("_")[0]


def _is_class(word: str) -> bool:
    return word.strip("_") in CLASSES


def label_of(word: str) -> str:
    """The class of a word or folder: ``silence`` of ``_silence_``, ``unknown`` of ``bed``."""
    return word.strip("_") if _is_class(word) else UNKNOWN


def _skipped(source: Path, folders: Iterable[Path]) -> list[str]:
    """Notes on what lies in the source and is not streamed."""
    notes = []
    if (source / BACKGROUND).is_dir():
        notes.append(f"{BACKGROUND}: skipped, its recordings are not single utterances")
    entries = [entry for folder in (source, *folders) for entry in folder.iterdir()]
    others = {entry.name for entry in entries if entry.is_file() and not is_audio(entry)}
    if others:
        notes.append(f"skipped, hidden or not .wav or .flac: {shown(others)}")
    return notes


def _unknown_words(files: Iterable[AudioFile]) -> list[str]:
    """A note on the files that are ``unknown`` without saying so themselves."""
    words = [
        file.path.parent.name if "/" in file.name else _word(file.path)
        for file in files
        if file.label == UNKNOWN
    ]
    others = {word for word in words if not _is_class(word)}
    return [f"taken as {UNKNOWN}, not the name of a class: {shown(others)}"] if others else []


def shown(names: Collection[str]) -> str:
    """The first few of *names*: thousands of files must not make a page of notes."""
    more = [f"and {len(names) - N_SHOWN} more"] if len(names) > N_SHOWN else []
    return ", ".join(sorted(names)[:N_SHOWN] + more)


def _taking_turns(files: Iterable[AudioFile]) -> tuple[AudioFile, ...]:
    """Sorted by file name within a class, so that ``unknown`` mixes the words of its folders."""
    by_class: dict[str, list[AudioFile]] = {label: [] for label in CLASSES}
    for file in sorted(files, key=lambda file: (file.path.name, file.name)):
        by_class[file.label].append(file)
    rounds = zip_longest(*by_class.values())
    return tuple(file for turn in rounds for file in turn if file is not None)
