"""Chance, one stream for each kind of fault and PE.

What one PE draws does not depend on what others do before it, so that a run with one more fault is
otherwise the same run, and the order in which the simulator gets to the PEs does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Kinds of streams.
HOST, DMA, NOC = range(3)


@dataclass(frozen=True, slots=True)
class Draws:
    """The random streams of a scenario with faults."""

    scenario_seed: int
    fault_seed: int

    def stream(self, kind: int, pe: int) -> np.random.Generator:
        """The stream of *kind* (HOST, DMA or NOC) for *pe*, from its beginning."""
        return np.random.default_rng([self.scenario_seed, self.fault_seed, kind, pe])
