"""What a corpus holds: every file decoded once, before anything is made of it.

So a corrupt file is known by name before training begins, and an unsafe archive before any use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple, TypeVar

from spinn2sim.errors import AudioError
from spinn2sim.workload.audio import CLIP_SECONDS, Recording, decode
from spinn2sim.workload.folder import BACKGROUND
from spinn2sim.workload.members import LISTS, Member, is_wanted, read_members
from spinn2sim.workload.progress import Progress, silent

#: Of each recording of noise, as much is used; the longest of Speech Commands has 95 s. A few
#: megabytes of FLAC could hold days.
NOISE_SECONDS = 600.0

T = TypeVar("T")


class Shape(NamedTuple):
    """Of the audio in one file."""

    n_frames: int
    """In the whole file; of noise, as many as are used."""
    n_channels: int
    rate: int
    """Hz."""
    n_lost: int = 0
    """Frames that the header promises and the file does not hold."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """Names are relative to ``root``, and sorted."""

    root: str
    """What all names begin with: empty, or ``speech_commands_v0.01/`` in an archive."""
    clips: Mapping[str, Shape]
    """Readable files in folders of words."""
    noises: Mapping[str, Shape]
    """Readable files in the folder of background noise."""
    lists: Mapping[str, frozenset[str]]
    """The names in each of ``LISTS`` that is there."""
    problems: Mapping[str, str]
    """Why each file that cannot be read cannot."""
    n_skipped: int
    """Other files: no audio, or outside such folders."""


def take_inventory(source: Path, progress: Progress = silent) -> Inventory:
    """What the corpus in the folder or .tar.gz *source* holds.

    :raises MissingFileError: there is nothing at *source*.
    :raises WorkloadError: an archive that is damaged or unsafe, or a file that is too large.
    """
    shapes: dict[str, Shape] = {}
    lists: dict[str, frozenset[str]] = {}
    problems: dict[str, str] = {}
    n_skipped = 0
    for n_read, member in enumerate(read_members(source)):
        progress("reading", n_read, None)
        if not is_wanted(member.name):
            n_skipped += 1
        elif member.problem:
            problems[member.name] = member.problem
        elif PurePosixPath(member.name).name in LISTS:
            lists[member.name] = _lines(member.content)
        else:
            try:
                shapes[member.name] = _shape(member)
            except AudioError as error:
                problems[member.name] = error.problem
    root = _root((*shapes, *problems))
    relative = _below(root, shapes)
    clips = {name: shape for name, shape in relative.items() if _is_clip(name)}
    noises = {name: shape for name, shape in relative.items() if _folder(name) == BACKGROUND}
    n_skipped += len(shapes) - len(clips) - len(noises)
    return Inventory(root, clips, noises, _below(root, lists), _below(root, problems), n_skipped)


def decode_noise(content: bytes, name: str) -> Recording:
    """As much of a recording of background noise as is used.

    :raises AudioError: it cannot be.
    """
    return decode(content, name, seconds=NOISE_SECONDS)


def _shape(member: Member) -> Shape:
    name, content, _ = member
    if PurePosixPath(name).parent.name == BACKGROUND:
        noise = decode_noise(content, name)
        return Shape(len(noise.frames), noise.n_channels, noise.rate, noise.n_lost)
    clip = decode(content, name, seconds=CLIP_SECONDS)
    return Shape(clip.n_frames, clip.n_channels, clip.rate, clip.n_lost)


def _lines(content: bytes) -> frozenset[str]:
    """A damaged list names files that are not there, which is counted."""
    lines = content.decode("utf-8", errors="replace").splitlines()
    return frozenset(line.strip() for line in lines if line.strip())


def _root(names: Iterable[str]) -> str:
    """A folder around the folders of words, if the archive was made of one."""
    parts = [PurePosixPath(name).parts for name in names]
    first = {each[0] for each in parts}
    if len(first) == 1 and min(map(len, parts)) > 2:
        return f"{first.pop()}/"
    return ""


def _below(root: str, found: Mapping[str, T]) -> dict[str, T]:
    return {name.removeprefix(root): found[name] for name in sorted(found) if name.startswith(root)}


def _folder(name: str) -> str:
    """``yes`` of ``yes/1.wav``; empty for what lies elsewhere."""
    parts = PurePosixPath(name).parts
    return parts[0] if len(parts) == 2 else ""


def _is_clip(name: str) -> bool:
    folder = _folder(name)
    return bool(folder) and folder != BACKGROUND and not folder.startswith(".")
