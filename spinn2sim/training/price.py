"""What a training sample costs on the machine, beside what it teaches."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from spinn2sim.firmware.learner import Learner


class Price(NamedTuple):
    """Time and energy on the machine, of one sample or of many."""

    paced_s: float = 0.0
    """Seconds where each time step waits for its timer, as the machine runs."""
    response_s: float = 0.0
    """Seconds from the release of each time step to its end, added up: without that waiting."""
    chip_j: float = 0.0
    """Joules by the model ``chip``."""
    paper_j: float = 0.0
    """Joules by the model ``paper``."""

    def plus(self, other: Price, times: float = 1.0) -> Price:
        """These figures and *times* the *other* ones."""
        return Price(*(own + times * more for own, more in zip(self, other, strict=True)))


class Pricer(Protocol):
    """A model of the machine that is quick enough to be asked about every training sample."""

    def __call__(self, learner: Learner, /) -> Price:
        """The price of the sample that *learner* has seen last."""
