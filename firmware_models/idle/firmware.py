"""Sleeps: each timer interrupt is answered by going back to sleep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from numpy.typing import NDArray

from spinn2sim.firmware import FirmwareParameters, PEContext, Program, SramLayout
from spinn2sim.quantity import Within


class IdleParameters(FirmwareParameters):
    """What a scenario may say under ``parameters:``."""

    n_timesteps: Annotated[int, Within(1, 10**9, "time step")] = 10
    """Time steps to sleep through."""


class Idle:
    """A PE that is on and asleep."""

    Parameters: ClassVar[type[FirmwareParameters]] = IdleParameters
    costs = None
    sizes: ClassVar[Mapping[str, int]] = {}

    def __init__(self, parameters: IdleParameters, context: PEContext) -> None:
        self.parameters = parameters
        self.pe = context
        self.layout = SramLayout()

    def main(self) -> Program:
        """Sleep."""
        for _ in range(self.parameters.n_timesteps):
            yield from self.pe.wait_timer()

    def readout(self) -> dict[str, NDArray[Any]]:
        """Nothing."""
        return {}
