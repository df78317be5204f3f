"""The class ``silence``: one-second cuts of recordings of background noise, by seed.

Speech Commands has few such recordings, and all splits cut theirs from the same ones. So each
recording is first divided in time, and cuts of different splits never overlap.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from spinn2sim.workload.audio import CLIP_SECONDS
from spinn2sim.workload.inventory import Shape

#: facts/paper.md data.silence. The paper names no number for test: there, as many as of a word.
N_SILENCE = {"train": 2_300, "validation": 260}

#: Clips from which on a corpus is taken for the real one: v0.01 has about 65,000.
FULL_CORPUS = 60_000

#: Part of each recording from which a split cuts: about that of all clips which the official lists
#: give to it.
STRETCHES = {"train": (0.0, 0.8), "validation": (0.8, 0.9), "test": (0.9, 1.0)}


class Cut(NamedTuple):
    """One second of a recording."""

    file: str
    start: int
    """First frame, at the rate of the recording."""


def n_silence(split: str, n_of_ten_words: int, n_clips: int) -> int:
    """How many cuts a split gets: the paper's number, or in a small corpus as many as of a word.

    n_of_ten_words: clips of the ten words in the split; n_clips: all clips of the corpus.
    """
    if n_clips >= FULL_CORPUS and split in N_SILENCE:
        return N_SILENCE[split]
    return round(n_of_ten_words / 10)


def cut_silence(noises: Mapping[str, Shape], split: str, n: int, seed: list[int]) -> list[Cut]:
    """*n* cuts at random places of the stretches that are for *split*.

    Longer recordings are cut more often. Empty if no stretch lasts a second.
    """
    rooms = {name: _room(shape, STRETCHES[split]) for name, shape in noises.items()}
    usable = [name for name, room in rooms.items() if room]
    if not usable:
        return []
    seconds = np.array([len(rooms[name]) / noises[name].rate for name in usable])
    rng = np.random.default_rng(seed)
    cuts = []
    for _ in range(n):
        name = usable[int(rng.choice(len(usable), p=seconds / seconds.sum()))]
        room = rooms[name]
        cuts.append(Cut(name, room[int(rng.integers(len(room)))]))
    return cuts


def _room(shape: Shape, stretch: tuple[float, float]) -> range:
    """The frames at which a cut may start."""
    begin, end = (round(part * shape.n_frames) for part in stretch)
    return range(begin, end - round(CLIP_SECONDS * shape.rate) + 1)
