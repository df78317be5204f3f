"""A matrix times the inputs of each time step, block by block out of DRAM, two blocks in SRAM.

While the core multiplies one block, the DMA unit fetches the next one. Before the first time step
the PE writes its matrix to DRAM once. A core that mostly waits for DRAM may do so at a low level,
asleep or not, and switch to the highest one for what comes after the last block. Cycles are an
example, measured on nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from spinn2sim.firmware import FirmwareParameters, Op, PEContext, Program, SramLayout
from spinn2sim.quantity import Within


class StreamingParameters(FirmwareParameters):
    """What a scenario may say under ``parameters:``."""

    n_blocks: Annotated[int, Within(1, 100_000, "block")] = 32
    """Blocks of the matrix on each PE."""
    rows_per_block: Annotated[int, Within(1, 100_000, "row")] = 12
    """Outputs of a block."""
    cycles_per_multiply: Annotated[int, Within(0, 1_000, "PE cycle")] = 1
    """For a multiplication with its addition, loads included."""
    cycles_per_output: Annotated[int, Within(0, 1_000_000, "PE cycle")] = 0
    """For what is done with each output after the last block."""
    streaming_level: str | None = None
    """Name of the level in which to stream and to sleep; without one it does not choose."""


class Streaming:
    """``outputs`` of each time step are the whole matrix times its inputs."""

    Parameters: ClassVar[type[FirmwareParameters]] = StreamingParameters
    costs = None
    sizes: ClassVar[Mapping[str, int]] = {}

    def __init__(self, parameters: StreamingParameters, context: PEContext) -> None:
        self.parameters, self.pe, self.layout = parameters, context, SramLayout()
        n_in, n_rows = context.workload.n_in, parameters.rows_per_block
        n_out = parameters.n_blocks * n_rows
        self.blocks = self.layout.array("blocks", (2, n_rows, n_in), np.float32)
        self.outputs = self.layout.array("outputs", (n_out,), np.float32)
        rng = np.random.default_rng([context.seed, context.pe])
        self.matrix = rng.standard_normal((parameters.n_blocks, n_rows, n_in)).astype(np.float32)
        self.n_steps = context.workload.n_samples * context.workload.n_timesteps

    def main(self) -> Program:
        """Matrix to DRAM; then in each time step block after block back."""
        if self.parameters.streaming_level is not None:
            yield self.pe.set_level(self.parameters.streaming_level)
        n_bytes = self.matrix[0].nbytes
        for number, block in enumerate(self.matrix):
            yield from self.pe.dram_write(f"block {number}", block, n_bytes)
        yield from self.pe.wait_dma()
        multiply = self.pe.compute(
            "multiply", self.parameters.cycles_per_multiply * self.matrix[0].size
        )
        finish = self._finish()
        for _ in range(self.n_steps):
            yield from self.pe.wait_timer()
            frame = yield from self.pe.read_input()
            yield from self.pe.dram_read("block 0")
            for number in range(len(self.matrix)):
                yield from self._block(number, frame.values)
                yield multiply
            yield from finish

    def _finish(self) -> tuple[Op[None], ...]:
        """What comes after the last block: at the highest level, if the program chooses."""
        work = self.pe.compute("outputs", self.parameters.cycles_per_output * len(self.outputs))
        level = self.parameters.streaming_level
        if level is None:
            return (work,)
        highest = self.pe.levels.names[-1]
        return self.pe.set_level(highest), work, self.pe.set_level(level)

    def _block(self, number: int, inputs: NDArray[np.float32]) -> Program:
        """Take a block, have the next one fetched, and multiply."""
        yield from self.pe.wait_dma()
        found = yield from self.pe.take_dma(f"block {number}")
        self.blocks[number % 2] = found[self.pe.pe]
        if number + 1 < len(self.matrix):
            yield from self.pe.dram_read(f"block {number + 1}")
        n_rows = self.parameters.rows_per_block
        own = slice(number * n_rows, (number + 1) * n_rows)
        self.outputs[own] = self.blocks[number % 2] @ inputs

    def readout(self) -> dict[str, NDArray[Any]]:
        """The outputs of the last time step."""
        return {"outputs": self.outputs}
