"""Traffic and nothing else: each PE multicasts spikes in each time step and meets the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from spinn2sim.firmware import FirmwareParameters, PEContext, Program, SramLayout
from spinn2sim.quantity import Within


class TrafficParameters(FirmwareParameters):
    """What a scenario may say under ``parameters:``."""

    n_neurons: Annotated[int, Within(1, 10**6, "neuron")] = 1_520
    """On all PEs together."""
    rate: Annotated[float, Within(0, 1, "1")] = 0.1
    """Share of the neurons that spike in a time step."""
    cycles: Annotated[int, Within(1, 10**9, "PE cycle")] = 1_000
    """Work of a PE before and after its spikes."""


class Traffic:
    """Spikes drawn by chance for a whole sample beforehand."""

    Parameters: ClassVar[type[FirmwareParameters]] = TrafficParameters
    costs = None
    sizes: ClassVar[Mapping[str, int]] = {}

    def __init__(self, parameters: TrafficParameters, context: PEContext) -> None:
        self.parameters, self.pe, self.layout = parameters, context, SramLayout()
        workload = context.workload
        n_own = len(range(context.pe, parameters.n_neurons, context.n_pe))
        rng = np.random.default_rng([context.seed, context.pe])
        spiking = rng.random((workload.n_samples * workload.n_timesteps, n_own)) < parameters.rate
        timesteps, neurons = np.nonzero(spiking)
        self.keys: list[int] = (context.pe + context.n_pe * neurons).tolist()
        self.ends: list[int] = np.cumsum(np.bincount(timesteps, minlength=len(spiking))).tolist()

    def main(self) -> Program:
        """Work, spikes, barrier, work."""
        pe, cycles = self.pe, self.parameters.cycles
        before, after = pe.compute("before", cycles), pe.compute("after", cycles)
        timer, meet = pe.wait_timer(), pe.barrier(lookahead=cycles)
        silence = pe.multicast(())
        first = 0
        for end in self.ends:
            yield timer
            yield before
            yield pe.multicast(self.keys[first:end]) if end > first else silence
            first = end
            yield meet
            yield after

    def readout(self) -> dict[str, NDArray[Any]]:
        """Nothing."""
        return {}
