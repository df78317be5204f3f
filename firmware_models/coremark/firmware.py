"""Stands for CoreMark: iteration after iteration on one core, without looking at the timer.

Only its cycles are those of the benchmark; what it would compute is of no use to anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from spinn2sim.firmware import FirmwareParameters, PEContext, Program, SramLayout
from spinn2sim.quantity import Within


class CoremarkParameters(FirmwareParameters):
    """What a scenario may say under ``parameters:``."""

    n_iterations: Annotated[int, Within(1, 10**9, "iteration")] = 20
    """Iterations to run."""
    cycles_per_iteration: Annotated[int, Within(1, 10**9, "PE cycle")] = 345_622
    """Of one: 152 PEs at 150 MHz do 65,968 in a second (measured, "The SpiNNaker2 chip")."""


class Coremark:
    """Starts at the first timer interrupt and is never idle until it ends."""

    Parameters: ClassVar[type[FirmwareParameters]] = CoremarkParameters
    costs = None
    sizes: ClassVar[Mapping[str, int]] = {}

    def __init__(self, parameters: CoremarkParameters, context: PEContext) -> None:
        self.parameters = parameters
        self.pe = context
        self.layout = SramLayout()
        self.done = self.layout.array("iterations", (1,), np.int64)

    def main(self) -> Program:
        """Iterate."""
        iteration = self.pe.compute("coremark", self.parameters.cycles_per_iteration)
        yield from self.pe.wait_timer()
        for _ in range(self.parameters.n_iterations):
            yield from iteration
            self.done += 1

    def readout(self) -> dict[str, NDArray[Any]]:
        """How many iterations it has done."""
        return {"iterations": self.done}
