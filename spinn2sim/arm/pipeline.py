"""The core's pipeline: what each instruction costs behind those that went before it.

The core issues in order. Three things reach from one instruction to a later one: a load overlaps
with the next load or store; a result of the FPU is there only some cycles later; and a divide goes
on in the background.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from spinn2sim.arm.instruction import (
    DATA_PROCESSING,
    FP_KINDS,
    SINGLE_LOADS,
    SINGLE_STORES,
    Instruction,
    Kind,
)
from spinn2sim.arm.timing import Timing


class Stall(StrEnum):
    """Why cycles pass in which no instruction issues. The value is its name in a report."""

    REFILL = "refill"
    WIDE_TARGET = "wide target"
    FP_RESULT = "FP result"
    FP_BUSY = "FPU busy"
    ADDRESS = "address"
    LITERAL = "literal"
    ODD_WIDE = "odd access"
    REMOTE = "remote"


@dataclass(frozen=True, slots=True)
class Cost:
    """Cycles, and which of them are stalls."""

    cycles: int
    stalls: Mapping[Stall, int]


class Pipeline:
    """The state of the core between two instructions, under one timing."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._now = 0
        self._stalls: Counter[Stall] = Counter()
        self._before: Instruction | None = None  # behind which the next one comes without a gap
        self._ready: dict[str, int] = {}  # when a result of the FPU can be used
        self._fpu_free = 0
        self._taken = 0

    def take(self) -> Cost:
        """The cost since this was asked before."""
        cost = Cost(self._now - self._taken, dict(self._stalls))
        self._taken = self._now
        self._stalls.clear()
        return cost

    def issue(self, instruction: Instruction) -> None:
        """Let *instruction* run, until the next one can issue. A branch is not taken so far."""
        self._wait_for_address(instruction)
        self._wait_for_fetch(instruction)
        if instruction.kind in FP_KINDS:
            self._wait_for_fpu(instruction)
            self._run_on_fpu(instruction)
        else:
            self._now += self._core_cycles(instruction)
        if instruction.kind is not Kind.IT or self._it_cycles():
            self._before = instruction

    def skip(self) -> None:
        """Let an instruction pass whose condition does not hold."""
        self._now += self._timing.data_processing
        self._before = None

    def branch(self, instruction: Instruction, target: Instruction | None) -> None:
        """Take the branch *instruction*, which has just issued. target: None for a return."""
        self._stall(Stall.REFILL, self._refill(instruction))
        if target is not None and target.is_odd_and_wide:
            self._stall(Stall.WIDE_TARGET, self._timing.wide_target)
        self._before = None

    def _refill(self, instruction: Instruction) -> int:
        match instruction.kind:
            case Kind.BRANCH_REGISTER:
                return self._timing.register_branch_refill
            case Kind.TABLE_BRANCH | Kind.LOAD | Kind.LOAD_MULTIPLE:
                return self._timing.load_branch_refill
            case _:
                return self._timing.branch_refill

    def _stall(self, cause: Stall, cycles: int) -> None:
        if cycles > 0:
            self._now += cycles
            self._stalls[cause] += cycles

    def _wait_for_address(self, instruction: Instruction) -> None:
        before = self._before
        if (
            before is not None
            and before.kind in DATA_PROCESSING
            and not before.results.isdisjoint(instruction.address_registers)
        ):
            self._stall(Stall.ADDRESS, self._timing.address_wait)

    def _wait_for_fetch(self, instruction: Instruction) -> None:
        """Loads and stores that come into the way of fetching instructions."""
        if instruction.is_literal:
            self._stall(Stall.LITERAL, self._timing.literal_load)
        is_single = instruction.kind in SINGLE_LOADS | SINGLE_STORES
        if is_single and instruction.is_odd_and_wide and _overlaps(self._before, instruction):
            self._stall(Stall.ODD_WIDE, self._timing.odd_wide_access)

    def _wait_for_fpu(self, instruction: Instruction) -> None:
        self._stall(Stall.FP_BUSY, self._fpu_free - self._now)
        early = self._timing.fp_result_wait - self._timing.fp_addend_wait
        for operand in instruction.fp_operands:
            if operand in self._ready:
                ready = self._ready[operand] - (early if operand == instruction.addend else 0)
                self._stall(Stall.FP_RESULT, ready - self._now)

    def _run_on_fpu(self, instruction: Instruction) -> None:
        timing, start = self._timing, self._now
        match instruction.kind:
            case Kind.FP_ARITHMETIC:
                self._finish(instruction, timing.fp_arithmetic, timing.fp_result_wait)
            case Kind.FP_COMPARE:
                self._finish(instruction, timing.fp_compare, timing.fp_compare_wait)
            case Kind.FP_MOVE:
                self._finish(instruction, timing.fp_move, timing.fp_move_wait)
            case Kind.FP_MULTIPLY_ACCUMULATE:
                cycles = timing.fp_multiply_accumulate
                self._finish(instruction, cycles, timing.fp_result_wait)
                self._fpu_free = start + cycles
                self._now = start + timing.fp_multiply_accumulate_issue
            case Kind.FP_DIVIDE | Kind.FP_SQUARE_ROOT:
                divides = instruction.kind is Kind.FP_DIVIDE
                cycles = timing.fp_divide if divides else timing.fp_square_root
                self._finish(instruction, cycles, timing.fp_result_wait)
                if timing.fp_divide_holds_fpu:
                    self._fpu_free = start + cycles
                self._now = start + timing.fp_divide_issue
            case _:
                self._finish(instruction, self._move_cycles(instruction), 0)

    def _finish(self, instruction: Instruction, cycles: int, wait: int) -> None:
        """Let *cycles* pass, and *wait* more for a user of the results that comes at once."""
        self._now += cycles
        for result in instruction.results:
            self._ready[result] = self._now + wait

    def _move_cycles(self, instruction: Instruction) -> int:
        """Cycles of what moves floats from or to the core or memory."""
        timing = self._timing
        match instruction.kind:
            case Kind.FP_TRANSFER:
                return timing.fp_transfer_double if instruction.n_words == 2 else timing.fp_transfer
            case Kind.FP_STATUS:
                return timing.fp_status
            case Kind.FP_LOAD | Kind.FP_STORE:
                return self._access_cycles(instruction)
            case Kind.FP_LOAD_MULTIPLE | Kind.FP_STORE_MULTIPLE:
                return timing.multiple_first + timing.multiple_word * instruction.n_words
            case _:
                raise AssertionError(instruction)

    def _core_cycles(self, instruction: Instruction) -> int:
        timing = self._timing
        match instruction.kind:
            case Kind.DATA:
                return timing.data_processing
            case Kind.MULTIPLY:
                return timing.multiply
            case Kind.MULTIPLY_ACCUMULATE:
                return timing.multiply_accumulate
            case Kind.DIVIDE:
                return timing.divide
            case Kind.LOAD | Kind.STORE:
                return self._access_cycles(instruction)
            case Kind.LOAD_MULTIPLE | Kind.STORE_MULTIPLE:
                return timing.multiple_first + timing.multiple_word * instruction.n_words
            case Kind.BRANCH | Kind.BRANCH_REGISTER:
                return timing.branch
            case Kind.TABLE_BRANCH:
                return timing.table_branch
            case Kind.IT:
                return self._it_cycles()
            case Kind.NOP | Kind.SLEEP | Kind.TRAP:
                return (
                    timing.nop
                )  # how long it sleeps comes out of the simulation; a trap is an end
            case Kind.STATUS:
                return timing.status
            case Kind.BARRIER:
                return timing.barrier
            case _:
                raise AssertionError(instruction)

    def _it_cycles(self) -> int:
        is_wide = self._before is not None and self._before.size == 4
        return self._timing.it_after_wide if is_wide else self._timing.it_after_narrow

    def _access_cycles(self, instruction: Instruction) -> int:
        """Cycles of a load or store of one word or less."""
        timing, before = self._timing, self._before
        is_store = instruction.kind in SINGLE_STORES
        if _overlaps(before, instruction):
            return timing.store_after_load if is_store else timing.load_after_load
        if is_store:
            with_offset = instruction.has_register_offset
            return timing.store_register_offset if with_offset else timing.store
        return timing.load_after_store if _follows_plain_store(before) else timing.load


def _overlaps(before: Instruction | None, instruction: Instruction) -> bool:
    """Whether the address phase of *instruction* falls into the data phase of a load before it."""
    return (
        before is not None
        and before.kind in SINGLE_LOADS
        and before.results.isdisjoint(instruction.address_registers)
    )


def _follows_plain_store(before: Instruction | None) -> bool:
    return (
        before is not None
        and before.kind in SINGLE_STORES
        and not before.has_register_offset  # TRM 3.3.2: nothing can be pipelined after these
    )
