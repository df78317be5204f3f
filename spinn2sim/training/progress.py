"""How far a training run is and how fast it goes. Nothing that is learned depends on it."""

from __future__ import annotations

import time
from typing import NamedTuple

#: Seconds between two words to the one who waits.
TELL_S = 0.2


class Progress(NamedTuple):
    """Where the training of a seed is."""

    seed: int
    epoch: int
    n_epochs: int
    n_done: int
    """Samples learned, in all epochs."""
    n_total: int
    loss_nats: float
    """Mean over the epoch so far."""
    train_accuracy: float
    """Of the epoch so far."""
    validation_accuracy: float | None
    """Of the epoch before; None in the first."""
    firing_rate_hz: float
    samples_per_s: float
    left_s: float
    """Computer's time for the remaining samples."""


class Stopwatch:
    """Counts samples and the computer's time, from ``start``."""

    def __init__(self) -> None:
        self.n_samples = 0
        self._started = self._told = time.perf_counter()

    def start(self) -> None:
        """Begin anew."""
        self.n_samples = 0
        self._started = time.perf_counter()

    def samples_per_s(self) -> float:
        """Mean speed; 0 before the first sample."""
        return self.n_samples / max(time.perf_counter() - self._started, 1e-9)

    def is_time_to_tell(self) -> bool:
        """Whether the last word is long enough ago; if so, this is the next."""
        now = time.perf_counter()
        if now - self._told < TELL_S:
            return False
        self._told = now
        return True
