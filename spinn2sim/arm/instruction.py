"""A decoded instruction as the timing model sees it: its class, and which registers it waits for.

The classes are the rows of ARM's timing tables, so that each class is one cycle count and each row
of the tables is in one class.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """A class of instructions that take the same time. The value is its name in a report."""

    DATA = "data processing"
    MULTIPLY = "multiply"
    MULTIPLY_ACCUMULATE = "multiply-accumulate"
    DIVIDE = "divide"
    LOAD = "load"
    STORE = "store"
    LOAD_MULTIPLE = "load multiple"
    STORE_MULTIPLE = "store multiple"
    BRANCH = "branch"
    BRANCH_REGISTER = "branch to register"
    TABLE_BRANCH = "table branch"
    IT = "if-then"
    NOP = "no operation"
    STATUS = "status register"
    BARRIER = "barrier"
    SLEEP = "wait for interrupt"
    TRAP = "trap"
    FP_ARITHMETIC = "FP arithmetic"
    FP_COMPARE = "FP compare"
    FP_MOVE = "FP move"
    FP_TRANSFER = "FP transfer"
    FP_STATUS = "FP status"
    FP_MULTIPLY_ACCUMULATE = "FP multiply-accumulate"
    FP_DIVIDE = "FP divide"
    FP_SQUARE_ROOT = "FP square root"
    FP_LOAD = "FP load"
    FP_STORE = "FP store"
    FP_LOAD_MULTIPLE = "FP load multiple"
    FP_STORE_MULTIPLE = "FP store multiple"


#: One word or less: these can overlap with their neighbours.
SINGLE_LOADS = frozenset({Kind.LOAD, Kind.FP_LOAD})
SINGLE_STORES = frozenset({Kind.STORE, Kind.FP_STORE})
#: Their results have no way round the register bank to the address of the next instruction.
DATA_PROCESSING = frozenset({Kind.DATA, Kind.MULTIPLY, Kind.MULTIPLY_ACCUMULATE, Kind.DIVIDE})
FP_KINDS = frozenset(kind for kind in Kind if kind.name.startswith("FP_"))


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction at its place in memory."""

    address: int
    size: int
    """2 or 4 bytes."""
    text: str
    """In assembly language."""
    kind: Kind
    results: frozenset[str] = frozenset()
    """Core registers and single floats that it makes; not a base register written back."""
    fp_operands: frozenset[str] = frozenset()
    """Single floats that it reads, ``fpscr`` for the flags of a comparison."""
    addend: str | None = None
    """The one of ``fp_operands`` that a multiply-accumulate adds to."""
    address_registers: frozenset[str] = frozenset()
    """Core registers that the address of a load or store is made of."""
    has_register_offset: bool = False
    """The address has an offset from a register."""
    is_literal: bool = False
    """It loads relative to the PC."""
    n_words: int = 1
    """Words that it loads, stores or transfers."""
    loads_pc: bool = False
    """It is a load and a branch."""
    is_conditional: bool = False
    """It stands in an IT block, or is a conditional branch."""

    @property
    def end(self) -> int:
        """Address of the instruction behind it."""
        return self.address + self.size

    @property
    def is_odd_and_wide(self) -> bool:
        """32 bits wide across a word boundary: fetching it takes two words."""
        return self.size == 4 and self.address % 4 == 2
