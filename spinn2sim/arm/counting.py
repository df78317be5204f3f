"""How often what ran, and what it cost: by edges between blocks, or by single instructions.

Edge mode looks only at the blocks that the emulator enters, and costs each edge once, however often
it was taken. Instruction mode carries the state of the pipeline through the whole run; it is there
to check the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from spinn2sim.arm.blocks import Block, Edge, EdgeCosts, Passage
from spinn2sim.arm.instruction import Instruction, Kind
from spinn2sim.arm.pipeline import Cost, Pipeline, Stall
from spinn2sim.arm.timing import TimingBand


class BlockCount(NamedTuple):
    """What one block took."""

    block: Block
    executions: int
    cycles: tuple[int, ...]
    """Under the low, middle and high timing."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What a run took."""

    n_instructions: int
    mix: Mapping[Kind, int]
    costs: tuple[Cost, ...]
    """Under the low, middle and high timing."""
    blocks: tuple[BlockCount, ...]


class _Way(NamedTuple):
    """A block by its key, and the conditional instructions in it that were executed."""

    key: int
    executed: tuple[int, ...]


_OUTSIDE = _Way(0, ())  # the caller; no key is 0, because a block has a size


class EdgeCounting:
    """Counts edges. A key stands for a block: its address and size in one number."""

    def __init__(
        self, costs: EdgeCosts, block_at: Callable[[int, int], Block], watched: frozenset[int]
    ) -> None:
        self._costs = costs
        self._block_at = block_at
        self._watched = watched
        self._counts: dict[tuple[_Way, _Way], int] = {}
        self._blocks: dict[int, Block] = {}
        self._n_by_block: dict[int, int] = {}
        self._before = _OUTSIDE
        self._key = 0
        self._executed: tuple[int, ...] = ()
        self.n_instructions = 0

    @property
    def last_address(self) -> int | None:
        """Where the block ends that was entered last: its last instruction."""
        block = self._blocks.get(self._key)
        return None if block is None else block.instructions[-1].address

    def enter(self, address: int, size: int) -> None:
        """The emulator enters the block at *address*."""
        if self._key:
            self._leave()
        key = address << 16 | size
        n_instructions = self._n_by_block.get(key)
        if n_instructions is None:
            self._blocks[key] = block = self._block_at(address, size)
            self._n_by_block[key] = n_instructions = len(block.instructions)
        self._key = key
        self.n_instructions += n_instructions

    def execute(self, address: int) -> None:
        """The emulator executes the conditional instruction at *address*."""
        self._executed = (*self._executed, address)

    def tally(self) -> Tally:
        """What the run took, with the return from its last block."""
        if self._key:
            self._leave()
            self._counts[self._before, _OUTSIDE] = 1
            self._key = 0
        edges = {
            Edge(self._passage(before), self._passage(way)): n
            for (before, way), n in self._counts.items()
        }
        return _tally(edges, self._costs)

    def _leave(self) -> None:
        way = _Way(self._key, self._executed)
        edge = (self._before, way)
        self._counts[edge] = self._counts.get(edge, 0) + 1
        self._before = way
        self._executed = ()

    def _passage(self, way: _Way) -> Passage | None:
        block = self._blocks.get(way.key)
        if block is None:
            return None
        conditional = {each.address for each in block.instructions if each.address in self._watched}
        return Passage(block, frozenset(conditional.difference(way.executed)))


def _tally(edges: Mapping[Edge, int], costs: EdgeCosts) -> Tally:
    n_timings = 3
    executions: Counter[Block] = Counter()
    stalls: list[Counter[Stall]] = [Counter() for _ in range(n_timings)]
    cycles: list[Counter[Block]] = [Counter() for _ in range(n_timings)]
    for edge, n in edges.items():
        if edge.passage is not None:
            executions[edge.passage.block] += n
        for i, (leaving, running) in enumerate(costs.of(edge)):
            for passage, cost in ((edge.before, leaving), (edge.passage, running)):
                if passage is not None:
                    cycles[i][passage.block] += n * cost.cycles
                for cause, lost in cost.stalls.items():
                    stalls[i][cause] += n * lost
    mix = _mix(executions)
    return Tally(
        n_instructions=mix.total(),
        mix=mix,
        costs=tuple(
            Cost(by_block.total(), lost) for by_block, lost in zip(cycles, stalls, strict=True)
        ),
        blocks=tuple(
            BlockCount(block, n, tuple(by_block[block] for by_block in cycles))
            for block, n in executions.items()
        ),
    )


def _mix(executions: Mapping[Block, int]) -> Counter[Kind]:
    mix: Counter[Kind] = Counter()
    for block, n in executions.items():
        for instruction in block.instructions:
            mix[instruction.kind] += n
    return mix


class InstructionCounting:
    """Runs every instruction through the pipeline.

    The emulator does not report an instruction that its condition skips; it is found between the
    two that are reported.
    """

    def __init__(self, band: TimingBand, instruction_at: Callable[[int], Instruction]) -> None:
        self._pipelines = [Pipeline(timing) for timing in band]
        self._instruction_at = instruction_at
        self._last: Instruction | None = None
        self._mix: Counter[Kind] = Counter()
        self.n_instructions = 0

    @property
    def last_address(self) -> int | None:
        """The instruction that was executed last."""
        return None if self._last is None else self._last.address

    def enter(self, address: int, _size: int) -> None:
        """The emulator executes the instruction at *address*."""
        instruction = self._instruction_at(address)
        last = self._last
        if last is not None and last.end != address:
            self._close_gap(last, instruction)
        for pipeline in self._pipelines:
            pipeline.issue(instruction)
        self._count(instruction)
        self._last = instruction

    def execute(self, address: int) -> None:
        """Nothing: a conditional instruction that is executed is entered as any other."""

    def tally(self) -> Tally:
        """What the run took, with the return by its last instruction."""
        if self._last is not None:
            for pipeline in self._pipelines:
                pipeline.branch(self._last, None)
        costs = tuple(pipeline.take() for pipeline in self._pipelines)
        return Tally(self.n_instructions, self._mix, costs, ())

    def _close_gap(self, last: Instruction, instruction: Instruction) -> None:
        if _branches(last):
            for pipeline in self._pipelines:
                pipeline.branch(last, instruction)
            return
        skipped = self._instruction_at(last.end)
        while skipped.address != instruction.address:
            assert skipped.is_conditional, (last, skipped, instruction)
            for pipeline in self._pipelines:
                pipeline.skip()
            self._count(skipped)
            skipped = self._instruction_at(skipped.end)

    def _count(self, instruction: Instruction) -> None:
        self._mix[instruction.kind] += 1
        self.n_instructions += 1


def _branches(instruction: Instruction) -> bool:
    return instruction.loads_pc or instruction.kind in (
        Kind.BRANCH,
        Kind.BRANCH_REGISTER,
        Kind.TABLE_BRANCH,
    )


#: Of one call.
Counting: TypeAlias = EdgeCounting | InstructionCounting
