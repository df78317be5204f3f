"""Programs of PEs that are slow or die: the firmware's own, with its ops changed on the way.

A slow PE works more cycles for the same work; a dead one never asks for its next time step. So the
PE and its core need to know nothing of it. The extra cycles stand in the profile as ``slow_pe``.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping, Sequence
from typing import Any, ClassVar

from numpy.typing import NDArray

from spinn2sim.firmware import (
    Charge,
    CostTable,
    Firmware,
    FirmwareParameters,
    Op,
    Program,
    SramLayout,
    ops,
)
from spinn2sim.firmware.contract import start
from spinn2sim.spec import FaultsSpec

#: Label of the cycles that a slow PE takes beyond what its work costs.
SLOW_PE = "slow_pe"


class FaultyFirmware:
    """*firmware* on a PE that is slow, or dies, or both; ``died`` says in which time step."""

    Parameters: ClassVar[type[FirmwareParameters]] = FirmwareParameters

    def __init__(self, firmware: Firmware, pe: int, faults: FaultsSpec) -> None:
        self._firmware, self._pe = firmware, pe
        slow, dead = faults.slow, faults.dead
        self._slow = slow if slow and pe in slow.pes else None
        self._dies_at = dead.from_timestep if dead and pe in dead.pes else math.inf
        self._slowed: dict[int, tuple[ops.Compute, ops.Compute]] = {}
        self.died: int | None = None

    def main(self) -> Program:
        """The program as this PE runs it."""
        program = start(self._firmware, self._pe)
        answer: Any = None
        timestep = -1
        while True:
            try:
                op = program.send(answer)
            except StopIteration:
                return
            if type(op) is ops.WaitTimer:
                timestep += 1
                if timestep >= self._dies_at:
                    self.died = timestep
                    return
            elif type(op) is ops.Compute and self._slow and timestep >= self._slow.from_timestep:
                op = self._slower(op)
            answer = yield from _asked(op)

    def _slower(self, op: ops.Compute) -> ops.Compute:
        """*op* with the extra cycles; programs issue the same op again and again."""
        known = self._slowed.get(id(op))
        if known is None:
            assert self._slow is not None
            extra = math.ceil(op.cycles * self._slow.factor) - op.cycles
            # The op is kept, so that its identity stays its own.
            known = self._slowed[id(op)] = op, ops.Compute((*op.charges, Charge(SLOW_PE, extra)))
        return known[1]

    @property
    def layout(self) -> SramLayout:
        """As without faults."""
        return self._firmware.layout

    @property
    def costs(self) -> CostTable | None:
        """As without faults."""
        return self._firmware.costs

    @property
    def sizes(self) -> Mapping[str, int]:
        """As without faults."""
        return self._firmware.sizes

    def readout(self) -> Mapping[str, NDArray[Any]]:
        """What the SRAM holds, of a dead PE too."""
        return self._firmware.readout()


def afflicted(firmwares: Sequence[Firmware], faults: FaultsSpec) -> list[Firmware]:
    """*firmwares*, where those of the PEs that *faults* names are slow or die."""
    return [
        FaultyFirmware(firmware, pe, faults) if pe in faults.pes else firmware
        for pe, firmware in enumerate(firmwares)
    ]


def _asked(op: Op[Any]) -> Generator[Op[Any], Any, Any]:
    """The answer to *op*, silent or not."""
    return (yield op)
