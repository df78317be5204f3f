"""What measuring a function yields: frozen values, ready for a table or for JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

Mode: TypeAlias = Literal["edges", "instructions"]


class Band(NamedTuple):
    """A number of cycles under the low, the middle and the high timing."""

    low: int
    mid: int
    high: int

    @classmethod
    def of(cls, costs: Iterable[Any], cycles: Callable[[Any], int]) -> Band:
        """*cycles* of each of three *costs*."""
        return cls(*map(cycles, costs))


class Line(NamedTuple):
    """An instruction of a hot block."""

    address: int
    text: str
    source: str | None
    """``file:line``, where there is debug information."""


@dataclass(frozen=True, slots=True)
class HotBlock:
    """A basic block that took a large part of the cycles."""

    function: str
    executions: int
    cycles: Band
    """In all executions, with the refill when it is left."""
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Measurement:
    """One call of one function."""

    function: str
    arguments: tuple[int | float, ...]
    mode: Mode
    cycles: Band
    """From its first instruction to its return, this included; the call itself is the caller's."""
    n_instructions: int
    """An IT is one, and so is an instruction that its condition skips."""
    mix: Mapping[str, int]
    """Instructions by class, the most frequent first."""
    stalls: Mapping[str, Band]
    """Those of the cycles in which nothing issued, by cause; the largest first."""
    hot_blocks: tuple[HotBlock, ...]
    """Largest first; none in instruction mode."""
    n_remote_reads: int
    """Words read from memory that was declared remote."""
    n_remote_writes: int
    """Words written to it."""
    int_result: int
    """R0 at the return, unsigned: what a function of an integer type returns."""
    float_result: float
    """S0 at the return: what a function of type float returns."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        content = asdict(self)
        content["cycles"] = self.cycles._asdict()
        content["stalls"] = {cause: band._asdict() for cause, band in self.stalls.items()}
        content["hot_blocks"] = [
            {**asdict(block), "cycles": block.cycles._asdict()}
            | {"lines": [line._asdict() for line in block.lines]}
            for block in self.hot_blocks
        ]
        if self.float_result != self.float_result or abs(self.float_result) == float("inf"):
            content["float_result"] = None  # JSON has neither
        return content
