"""A Cortex-M4F that runs a firmware's functions and tells what each took.

The emulator knows what instructions do, the timing model what they cost, and neither knows of the
other. Variables keep their values from one call to the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral

import numpy as np
import numpy.typing as npt

from spinn2sim.arm.blocks import EdgeCosts
from spinn2sim.arm.code import Code
from spinn2sim.arm.conditionals import it_blocks
from spinn2sim.arm.core import (
    N_FLOAT_REGISTERS,
    Core,
    CoreFaultError,
    Results,
    undefined_instruction,
)
from spinn2sim.arm.counting import BlockCount, Counting, EdgeCounting, InstructionCounting, Tally
from spinn2sim.arm.decoding import UnknownInstructionError
from spinn2sim.arm.elf import Elf, Symbol
from spinn2sim.arm.measurement import Band, HotBlock, Line, Measurement, Mode
from spinn2sim.arm.memory import Range, RegisterStub, check_stubs
from spinn2sim.arm.pipeline import Cost, Stall
from spinn2sim.arm.timing import TimingBand, load_timing
from spinn2sim.errors import EmulationError, SpecError, SymbolError

#: A time step of a network that fills the SRAM of a PE takes about a million.
MAX_INSTRUCTIONS = 10_000_000
N_HOT_BLOCKS = 5


class _Follower:
    """Tells the counting of the call under way what the core does, and when it has been enough."""

    def __init__(self, counting: Counting, max_instructions: int) -> None:
        self.counting = counting
        self._max_instructions = max_instructions

    def enter(self, address: int, size: int) -> bool:
        """Count what begins at *address*."""
        try:
            self.counting.enter(address, size)
        except UnknownInstructionError as error:
            raise undefined_instruction(error.address) from None
        return self.counting.n_instructions <= self._max_instructions

    def execute(self, address: int) -> None:
        """Count a conditional instruction."""
        self.counting.execute(address)


class Machine:
    """A firmware in memory, ready to be called.

    mode: ``edges`` counts basic blocks; ``instructions`` times one by one, for checking.
    remote: addresses whose words take the stall of the timing; in edge mode only.

    :raises SpecError: stubs that cannot be mapped, or remote memory in instruction mode.
    :raises MissingExtraError: unicorn or capstone is not installed.
    """

    def __init__(
        self,
        elf: Elf,
        timing: TimingBand | None = None,
        *,
        mode: Mode = "edges",
        remote: Sequence[Range] = (),
        stubs: Sequence[RegisterStub] = (),
        max_instructions: int = MAX_INSTRUCTIONS,
        n_hot_blocks: int = N_HOT_BLOCKS,
    ) -> None:
        check_stubs(stubs, elf.segments)
        if remote and mode == "instructions":
            problem = "remote memory is counted in edge mode only"
            raise SpecError("instruction mode", (problem,))
        self.elf = elf
        self.timing = timing or load_timing()
        self._mode = mode
        self._max_instructions = max_instructions
        self._n_hot_blocks = n_hot_blocks
        self._code = Code(elf.segments)
        self._costs = EdgeCosts(self.timing)
        each_instruction = mode == "instructions"
        functions = [symbol.address for symbol in elf.symbols.values() if symbol.is_function]
        conditionals = () if each_instruction else it_blocks(elf.segments, functions)
        self._watched = frozenset(address for block in conditionals for address in block)
        self._follower = _Follower(self._new_counting(), max_instructions)
        self._core = Core(
            elf.segments,
            stubs=stubs,
            watch=self._follower,
            each_instruction=each_instruction,
            conditionals=conditionals,
            remote=remote,
        )
        self.reset()

    def reset(self) -> None:
        """Put every variable and register back to its value at the start."""
        self._core.load()

    @property
    def register_writes(self) -> tuple[tuple[int, int], ...]:
        """Address and value of each write to the stubs since the last reset."""
        return tuple(self._core.registers.writes)

    def call(self, name: str, *arguments: float) -> Measurement:
        """Run the function *name* until it returns.

        Whole numbers and floats are passed as to a C function that declares them as 32-bit
        integers and as floats, in this order.

        :raises SymbolError: there is no such function.
        :raises EmulationError: it cannot be run to its end.
        """
        function = self.elf.function(name)
        ints = [int(each) for each in arguments if isinstance(each, Integral)]
        floats = [float(each) for each in arguments if not isinstance(each, Integral)]
        if len(floats) > N_FLOAT_REGISTERS:
            problem = f"is given {len(floats)} floats"
            raise EmulationError(name, problem, f"give it at most {N_FLOAT_REGISTERS}")
        counting = self._follower.counting = self._new_counting()
        try:
            results = self._core.call(function.address, ints, floats)
        except CoreFaultError as fault:
            raise self._error(name, fault) from None
        return self._measurement(function, arguments, counting.tally(), results)

    def read(self, symbol: str, dtype: npt.DTypeLike, count: int) -> npt.NDArray[np.generic]:
        """The first *count* numbers of the variable *symbol*.

        :raises SymbolError: there is no such variable, or it is smaller.
        """
        n_bytes = count * np.dtype(dtype).itemsize
        variable = self._variable(symbol, n_bytes)
        return np.frombuffer(self._core.read(variable.address, n_bytes), dtype)

    def write(self, symbol: str, array: npt.NDArray[np.generic]) -> None:
        """Put the bytes of *array* where the variable *symbol* begins.

        :raises SymbolError: there is no such variable, or it is smaller.
        """
        variable = self._variable(symbol, array.nbytes)
        self._core.write(variable.address, array.tobytes())

    def _variable(self, name: str, n_bytes: int) -> Symbol:
        variable = self.elf.variable(name)
        if n_bytes > variable.size:
            problem = f"has {variable.size:,} bytes, not {n_bytes:,}"
            raise SymbolError(self.elf.path, name, problem, "read or write less of it")
        return variable

    def _new_counting(self) -> Counting:
        if self._mode == "edges":
            return EdgeCounting(self._costs, self._code.block, self._watched)
        return InstructionCounting(self.timing, self._code.instruction)

    def _error(self, name: str, fault: CoreFaultError) -> EmulationError:
        if not fault.remedy:  # stopped by the watch
            problem = f"{fault.problem} after {self._max_instructions:,} instructions"
            remedy = "allow more, or let the registers that it waits for answer"
        else:
            problem, remedy = fault.problem, fault.remedy
        address = self._follower.counting.last_address if fault.pc is None else fault.pc
        if address is not None:
            where = "after" if fault.pc is None else "at"
            problem += f", {where} {self.elf.place(address)}: {self._text(address)}"
        return EmulationError(name, problem, remedy)

    def _text(self, address: int) -> str:
        try:
            return self._code.instruction(address).text
        except UnknownInstructionError as error:
            return error.what

    def _measurement(
        self,
        function: Symbol,
        arguments: tuple[int | float, ...],
        tally: Tally,
        results: Results,
    ) -> Measurement:
        costs = [self._with_remote(cost, i) for i, cost in enumerate(tally.costs)]
        causes = {cause for cost in costs for cause in cost.stalls}
        stalls = {
            cause.value: Band(*(cost.stalls.get(cause, 0) for cost in costs)) for cause in causes
        }
        hot = sorted(tally.blocks, key=lambda each: (-each.cycles[1], each.block.start))
        return Measurement(
            function=function.name,
            arguments=arguments,
            mode=self._mode,
            cycles=Band(*(cost.cycles for cost in costs)),
            n_instructions=tally.n_instructions,
            mix={
                kind.value: n
                for kind, n in sorted(tally.mix.items(), key=lambda item: (-item[1], item[0]))
            },
            stalls=dict(sorted(stalls.items(), key=lambda item: (-item[1].mid, item[0]))),
            hot_blocks=tuple(self._hot_block(each) for each in hot[: self._n_hot_blocks]),
            n_remote_reads=self._core.n_remote_reads,
            n_remote_writes=self._core.n_remote_writes,
            int_result=results.r0,
            float_result=results.s0,
        )

    def _with_remote(self, cost: Cost, i: int) -> Cost:
        """*cost* under the i-th timing with the stalls of remote words."""
        timing = list(self.timing)[i]
        reads, writes = self._core.n_remote_reads, self._core.n_remote_writes
        stall = reads * timing.remote_read + writes * timing.remote_write
        if not stall:
            return cost
        return Cost(cost.cycles + stall, {**cost.stalls, Stall.REMOTE: stall})

    def _hot_block(self, count: BlockCount) -> HotBlock:
        start = count.block.start
        function = self.elf.function_at(start)
        return HotBlock(
            function=function.name if function else "?",
            executions=count.executions,
            cycles=Band(*count.cycles),
            lines=tuple(
                Line(each.address, each.text, self.elf.debug.source(each.address))
                for each in count.block.instructions
            ),
        )
