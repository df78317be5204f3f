"""Basic blocks, and what it costs to go from one into the next.

Within a block nothing branches, so its cost follows from its instructions and from the state in
which the core enters it. That state is taken from the block before it alone, run from an idle core:
the approximation of edge mode, which instruction mode is there to check.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from spinn2sim.arm.instruction import Instruction
from spinn2sim.arm.pipeline import Cost, Pipeline
from spinn2sim.arm.timing import Timing, TimingBand


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Instructions that run one after the other, entered at the first, left behind the last.

    Two blocks are the same if they are one object: they are many dictionaries' keys.
    """

    instructions: tuple[Instruction, ...]

    @property
    def start(self) -> int:
        """Address of the first instruction."""
        return self.instructions[0].address

    @property
    def end(self) -> int:
        """Address behind the last instruction."""
        return self.instructions[-1].end


class Passage(NamedTuple):
    """A way through a block."""

    block: Block
    skipped: frozenset[int] = frozenset()
    """Addresses of the instructions whose condition did not hold."""

    def issue(self, pipeline: Pipeline) -> None:
        """Let *pipeline* run it."""
        for instruction in self.block.instructions:
            if instruction.address in self.skipped:
                pipeline.skip()
            else:
                pipeline.issue(instruction)


class Edge(NamedTuple):
    """A step from one block to the next. None stands for the caller, before and after."""

    before: Passage | None
    passage: Passage | None

    @property
    def is_taken(self) -> bool:
        """Whether the core has to refill its pipeline."""
        if self.before is None:
            return False  # the caller's branch is the caller's
        return self.passage is None or self.before.block.end != self.passage.block.start


class EdgeCost(NamedTuple):
    """What an edge costs each time it is taken."""

    leaving: Cost
    """Refill, charged to the block before."""
    running: Cost
    """The block itself."""


def edge_cost(edge: Edge, timing: Timing) -> EdgeCost:
    """Cost of *edge* under *timing*."""
    pipeline = Pipeline(timing)
    if edge.before is not None:
        edge.before.issue(pipeline)
        pipeline.take()
        if edge.is_taken:
            target = edge.passage.block.instructions[0] if edge.passage else None
            pipeline.branch(edge.before.block.instructions[-1], target)
    leaving = pipeline.take()
    if edge.passage is not None:
        edge.passage.issue(pipeline)
    return EdgeCost(leaving, pipeline.take())


class EdgeCosts:
    """The cost of edges under each timing of a band, worked out when first asked for."""

    def __init__(self, band: TimingBand) -> None:
        self._band = band
        self._known: dict[Edge, tuple[EdgeCost, ...]] = {}

    def of(self, edge: Edge) -> tuple[EdgeCost, ...]:
        """Cost of *edge* under the low, the middle and the high timing."""
        if edge not in self._known:
            self._known[edge] = tuple(edge_cost(edge, timing) for timing in self._band)
        return self._known[edge]
