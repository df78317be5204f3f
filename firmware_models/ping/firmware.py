"""The smallest firmware: in each time step PE 0 calls, and every other PE answers with its number.

All that a firmware needs is here: parameters, arrays in the layout, a program of ops, a readout.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from spinn2sim.firmware import FirmwareParameters, PEContext, Program, SramLayout

CALL = 0


class PingParameters(FirmwareParameters):
    """What a scenario may say under ``parameters:``."""

    n_rounds: Annotated[int, Field(ge=1)] = 3
    """Time steps in which PE 0 calls."""
    answer_cycles: Annotated[int, Field(ge=0)] = 100
    """Work of a PE before it answers (an example, measured on nothing)."""


class Ping:
    """Counts in ``heard`` what this PE receives: key 0 is the call, key n the answer of PE n."""

    Parameters: ClassVar[type[FirmwareParameters]] = PingParameters
    costs = None
    sizes: ClassVar[Mapping[str, int]] = {}

    def __init__(self, parameters: PingParameters, context: PEContext) -> None:
        self.parameters = parameters
        self.pe = context
        self.layout = SramLayout()
        self.heard = self.layout.array("heard", (context.n_pe,), np.int32)

    def main(self) -> Program:
        """Call and answer; a barrier after each makes sure that everyone has heard it."""
        for _ in range(self.parameters.n_rounds):
            yield from self.pe.wait_timer()
            if self.pe.pe == 0:
                yield from self.pe.multicast([CALL])
            call = yield from self.pe.barrier()
            self.heard[call.keys] += 1

            if self.pe.pe != 0:
                yield from self.pe.compute("answer", self.parameters.answer_cycles)
                yield from self.pe.multicast([self.pe.pe])
            answers = yield from self.pe.barrier()
            self.heard[answers.keys] += 1

    def readout(self) -> dict[str, NDArray[Any]]:
        """What the host reads when the run is over."""
        return {"heard": self.heard}
