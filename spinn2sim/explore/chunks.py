"""Chunks: how many points go to a worker at once.

A task of its own costs the engine some milliseconds, and so does each message, so cheap points
travel in company. Sizes follow the time that points have taken so far, and shrink towards the end,
so that all workers finish together.
"""

from __future__ import annotations

from collections.abc import Sequence

from spinn2sim.explore.point import Answer, Point

#: Seconds of work in a chunk: a thousand times what it costs to send one.
CHUNK_S = 1.0

#: Points in a chunk, so that messages stay small and progress shows.
MAX_CHUNK = 200

#: Chunks at a worker, one at work and one to go on with.
AHEAD = 2


class Chunks:
    """Points that nobody has taken yet, in order."""

    def __init__(self, points: Sequence[Point]) -> None:
        self._waiting = list(points)[::-1]
        self._mean_s: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def take(self, n_workers: int) -> list[Point]:
        """The next chunk for one of *n_workers*: points of one fidelity."""
        fidelity = self._waiting[-1].fidelity
        chunk: list[Point] = []
        for _ in range(self._size(fidelity, n_workers)):
            if not self._waiting or self._waiting[-1].fidelity != fidelity:
                break
            chunk.append(self._waiting.pop())
        return chunk

    def learn(self, answers: Sequence[Answer]) -> None:
        """Note how long a chunk has taken."""
        mean_s = sum(answer.wall_s for answer in answers) / len(answers)
        before = self._mean_s.get(answers[0].fidelity, mean_s)
        # Points grow along an axis, and the first one of a worker loads compiled code: the newest
        # chunk counts for half, or for all if it was quicker.
        self._mean_s[answers[0].fidelity] = min(mean_s, (before + mean_s) / 2)

    def _size(self, fidelity: str, n_workers: int) -> int:
        fair = len(self._waiting) // (AHEAD * n_workers) + 1
        mean_s = self._mean_s.get(fidelity)
        if mean_s is None:
            return 1
        return max(1, min(int(CHUNK_S / max(mean_s, 1e-6)), fair, MAX_CHUNK))
