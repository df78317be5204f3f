"""Traffic that stays near: each PE sends its spikes to the others of its group, one by one.

As many packets for a PE whatever the size of the machine, and nobody waits for all: what a machine
costs per PE shows. In ``traffic`` everybody hears everybody instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from spinn2sim.firmware import FirmwareParameters, PEContext, Program, SramLayout
from spinn2sim.quantity import Within


class LocalTrafficParameters(FirmwareParameters):
    """What a scenario may say under ``parameters:``."""

    group: Annotated[int, Within(1, 1_000, "PE")] = 12
    """PEs with consecutive numbers that hear each other."""
    neurons: Annotated[int, Within(1, 10**6, "neuron")] = 10
    """On each PE."""
    rate: Annotated[float, Within(0, 1, "1")] = 0.1
    """Share of the neurons that spike in a time step."""
    cycles: Annotated[int, Within(1, 10**9, "PE cycle")] = 1_000
    """Work of a PE before and after its spikes."""


class LocalTraffic:
    """Each PE draws the spikes of its whole group, and so knows how many packets will come."""

    Parameters: ClassVar[type[FirmwareParameters]] = LocalTrafficParameters
    costs = None
    sizes: ClassVar[Mapping[str, int]] = {}

    def __init__(self, parameters: LocalTrafficParameters, context: PEContext) -> None:
        self.parameters, self.pe, self.layout = parameters, context, SramLayout()
        first = context.pe // parameters.group * parameters.group
        self.group = range(first, min(first + parameters.group, context.n_pe))
        n_steps = context.workload.n_samples * context.workload.n_timesteps
        shape = (n_steps, parameters.neurons)
        self.spiking = {
            pe: np.random.default_rng([context.seed, pe]).random(shape) < parameters.rate
            for pe in self.group
        }

    def main(self) -> Program:
        """Work, packets out, packets in, work."""
        own, n_own = self.pe.pe, self.parameters.neurons
        before = self.pe.compute("before", self.parameters.cycles)
        after = self.pe.compute("after", self.parameters.cycles)
        others = [pe for pe in self.group if pe != own]
        for step, row in enumerate(self.spiking[own]):
            yield from self.pe.wait_timer()
            yield before
            for neuron in np.flatnonzero(row).tolist():
                for pe in others:
                    yield self.pe.send(pe, own * n_own + neuron)
            n_packets = sum(int(self.spiking[pe][step].sum()) for pe in others)
            yield from self.pe.receive(n_packets)
            yield after

    def readout(self) -> dict[str, NDArray[Any]]:
        """Nothing."""
        return {}
