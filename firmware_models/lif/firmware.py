"""LIF neurons with fixed weights, dealt out to all PEs: neuron k is on PE k modulo n_pe.

Synaptic rows are added one after the other, so that the sums, and hence the spikes, are the same on
any number of PEs. Cycles do not depend on the spikes: the loops that were measured visit each
synapse in each time step, as ``measured`` of e-prop does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from firmware_models.lif.parameters import LifParameters
from spinn2sim.errors import SpecError
from spinn2sim.firmware import (
    Charge,
    CostTable,
    FirmwareParameters,
    PEContext,
    Program,
    SramLayout,
    load_cost_table,
)
from spinn2sim.firmware.network import LifNetwork, load_network, random_network

FOLDER = Path(__file__).with_name("costs")

#: Functions of a time step, before and after the barrier.
NEURONS = ("read_input", "input_current", "recurrent_current", "lif_update", "send_spikes")
RECEIVE = ("receive_spikes", "sync")


class Lif:
    """The program of one PE. Each PE logs ``spikes`` once per sample."""

    Parameters: ClassVar[type[FirmwareParameters]] = LifParameters

    def __init__(self, parameters: LifParameters, context: PEContext) -> None:
        self.pe = context
        network = _network(parameters, context)
        self.own = np.arange(context.pe, network.n_neurons, context.n_pe)
        self.layout = SramLayout()
        array, n_own = self.layout.array, (len(self.own),)
        self.x = array("x", (network.n_in,))
        self.v, self.current = array("v", n_own), array("current", n_own)
        self.n_spikes = array("n_spikes", n_own, np.int32)
        self.alpha, self.drive, self.threshold, self.reset = (
            self._kept(name, values)
            for name, values in (
                ("alpha", network.alpha[self.own]),
                ("drive", network.drive[self.own]),
                ("threshold", network.threshold[self.own]),
                ("reset", network.reset[self.own]),
            )
        )
        self._rows = tuple(self._own_rows(network))
        self._sizes = {
            "L": len(self.own),
            "I": network.n_in,
            "N": network.n_neurons,
            "W": sum(rows.size for from_inputs, _, _, rows in self._rows if from_inputs),
            "S": sum(rows.size for from_inputs, _, _, rows in self._rows if not from_inputs),
        }
        self._costs = load_cost_table(parameters.cost_table, FOLDER)
        self._check_costs()

    def main(self) -> Program:
        """Each step: input, currents, update, spikes; then hear the others'."""
        pe, workload = self.pe, self.pe.workload
        charges = self._costs.charges(self._sizes, "step", n_pe=pe.n_pe, pe=pe.pe)
        neurons, receive = (
            pe.compute_all(_all(charges, functions)) for functions in (NEURONS, RECEIVE)
        )
        for _ in range(workload.n_samples):
            self.v[:] = 0
            self.n_spikes[:] = 0
            fired = np.empty(0, np.int64)
            for _ in range(workload.n_timesteps):
                yield from pe.wait_timer()
                frame = yield from pe.read_input()
                own = self.step(frame.values, fired)
                yield neurons
                yield from pe.multicast(own)
                inbox = yield from pe.barrier()
                fired = np.sort(np.concatenate([own, inbox.keys]))
                yield receive
            yield from pe.log("spikes", float(self.n_spikes.sum()))

    def step(self, x: NDArray[np.float32], fired: NDArray[np.int64]) -> NDArray[np.int64]:
        """The own neurons that spike in a time step with inputs *x*, after all that *fired*."""
        self.x[:] = x
        self.current[:] = self.drive
        for from_inputs, pre, targets, rows in self._rows:
            if from_inputs:
                for value, row in zip(self.x[pre : pre + len(rows)], rows, strict=True):
                    self.current[targets] += value * row
            else:
                for k in fired[(fired >= pre) & (fired < pre + len(rows))]:
                    self.current[targets] += rows[k - pre]
        self.v *= self.alpha
        self.v += self.current
        spikes = self.v > self.threshold
        self.v[spikes] = self.reset[spikes]
        self.n_spikes += spikes
        return self.own[spikes]

    @property
    def costs(self) -> CostTable:
        """The table that ``cost_table`` names."""
        return self._costs

    @property
    def sizes(self) -> Mapping[str, int]:
        """L own neurons, I inputs, N neurons, W own synapses from inputs, S from neurons."""
        return self._sizes

    def readout(self) -> dict[str, NDArray[Any]]:
        """Spikes of the last sample and the membrane voltages after it, of the own neurons."""
        return {"n_spikes": self.n_spikes, "v": self.v}

    def _kept(self, name: str, values: NDArray[Any], *, is_weight: bool = False) -> NDArray[Any]:
        array = self.layout.array(name, values.shape, is_weight=is_weight)
        array[:] = values
        return array

    def _own_rows(
        self, network: LifNetwork
    ) -> Iterator[tuple[bool, int, slice, NDArray[np.float32]]]:
        """Of each projection the columns that lead to own neurons, and which of these they are."""
        for number, each in enumerate(network.projections):
            columns = self.own - each.first_post
            mine = np.flatnonzero((columns >= 0) & (columns < each.weight.shape[1]))
            if len(mine):
                rows = self._kept(f"w_{number}", each.weight[:, columns[mine]], is_weight=True)
                yield each.from_inputs, each.first_pre, slice(mine[0], mine[-1] + 1), rows

    def _check_costs(self) -> None:
        """:raises SpecError: the table does not name just the functions of this program."""
        named = {term.label.partition(".")[0] for term in self._costs.terms}
        if named != {*NEURONS, *RECEIVE}:
            odd = ", ".join(sorted(named ^ {*NEURONS, *RECEIVE}))
            problem = f"missing or unknown functions: {odd}"
            raise SpecError(f"cost table {self._costs.name!r}", (problem,))


def _all(charges: Mapping[str, tuple[Charge, ...]], functions: tuple[str, ...]) -> list[Charge]:
    return [charge for function in functions for charge in charges[function]]


def _network(parameters: LifParameters, context: PEContext) -> LifNetwork:
    """The network of the file, or a random one.

    :raises SpecError: its sizes are not those of the parameters or of the workload.
    """
    sizes = parameters.n_in, parameters.n_rec, parameters.n_out
    if parameters.network:
        path = Path(parameters.network)
        network = _loaded(path, path.stat().st_mtime_ns if path.is_file() else 0)
    else:
        network = _drawn(*sizes, context.seed)
    found = network.n_in, network.n_neurons, network.n_out
    if found != sizes:
        problem = f"n_in, n_rec, n_out = {sizes}: the network in {parameters.network} has {found}"
        raise SpecError("parameters", (problem,))
    if context.workload.n_in != network.n_in:
        problem = (
            f"n_in = {network.n_in}: the workload has {context.workload.n_in} inputs per time step"
        )
        raise SpecError("parameters", (problem,))
    return network


@lru_cache(maxsize=4)  # each PE asks for the same one
def _loaded(path: Path, _changed: int) -> LifNetwork:
    return load_network(path)


@lru_cache(maxsize=4)
def _drawn(n_in: int, n_neurons: int, n_out: int, seed: int) -> LifNetwork:
    return random_network(n_in, n_neurons, n_out, seed)
