"""Chance, one stream for each kind of fault and PE.

What one PE draws does not depend on what others do before it, so that a run with one more fault is
otherwise the same run, and the order in which the simulator gets to the PEs does not matter. Links
have a seed in common, from which ``hw.noc`` hashes the fate of each packet.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Kinds of streams.
HOST, DMA, LINKS = range(3)


@dataclass(frozen=True, slots=True)
class Draws:
    """The random streams of a scenario with faults."""

    scenario_seed: int
    fault_seed: int

    def stream(self, kind: int, pe: int) -> np.random.Generator:
        """The stream of *kind* for *pe*, from its beginning."""
        return np.random.default_rng([self.scenario_seed, self.fault_seed, kind, pe])

    @property
    def link_seed(self) -> int:
        """A seed for the hashes of links, from 0 to 2**63 - 1."""
        return int(self.stream(LINKS, 0).integers(2**63))
