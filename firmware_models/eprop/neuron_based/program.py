"""E-prop with a core for each kind of neuron: the paper's approach A, to be measured against B.

In each time step input currents go from the input PEs to the recurrent ones, and pseudo-derivatives
back, both by DMA; spikes go to all by multicast. At the end of a sample the readout sends each
neuron's learning signal to whoever holds its synapses. All of that grows with N_rec, where the
synapse-based program moves N_out numbers per PE; and while one kind works, the others wait.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware_models.eprop.cost_terms import spent
from firmware_models.eprop.neuron_based.roles import Role, overlap, roles
from firmware_models.eprop.neuron_based.slices import InputSlice, OutputSlice, RecurrentSlice
from firmware_models.eprop.parameters import EpropParameters
from firmware_models.eprop.work import OF_THE_UPDATE, charges_of, load_costs, work_of
from spinn2sim.firmware import CostTable, PEContext, Program, SramLayout
from spinn2sim.firmware.learner import Judgement
from spinn2sim.firmware.ops import Compute

Array = NDArray[Any]


class NeuronBased:
    """The program of one PE. Recurrent PEs log ``spikes``, and PE 0 ``loss`` and ``correct``."""

    def __init__(self, parameters: EpropParameters, context: PEContext) -> None:
        self.pe = context
        everybody = roles(parameters.n_in, parameters.n_rec, context.n_pe)
        self.role = everybody[context.pe]
        self._everybody = everybody
        self.net = _slice(parameters, context, self.role)
        self._each_timestep = parameters.updates_each_timestep
        table = load_costs(parameters.cost_table)
        self.costs: CostTable = spent(table, parameters, context.far_cycles)
        self.sizes = _sizes(parameters, self.role, n_alif=_n_alif(parameters, self.role))
        self._charges = charges_of(self.costs, self.sizes, context)
        self._learned = self._work("weight_update")
        self._gradient = Compute(
            tuple(each for each in self._learned.charges if each.label not in OF_THE_UPDATE)
        )

    def main(self) -> Program:
        """Learn from one sample after the other."""
        match self.net:
            case InputSlice() as net:
                yield from self._input(net)
            case RecurrentSlice() as net:
                yield from self._recurrent(net)
            case OutputSlice() as net:
                yield from self._output(net)

    def load_weights(self, weights: Mapping[str, Array]) -> None:
        """Begin with the own part of *weights*, the matrices of the whole network.

        :raises WeightsError: they are those of another network.
        """
        self.net.load_weights(weights)

    @property
    def layout(self) -> SramLayout:
        """Every array of this PE."""
        return self.net.state.layout

    def readout(self) -> dict[str, Array]:
        """The weights that are here; ``network.gather`` puts those of all PEs together."""
        return self.net.state.weights()

    def _input(self, net: InputSlice) -> Program:
        pe, state = self.pe, net.state
        currents = self._work("read_input", "input_current")
        traces = self._work("sync", "e_prop")
        for _ in range(pe.workload.n_samples):
            state.reset()
            for _ in range(pe.workload.n_timesteps):
                yield from pe.wait_timer()
                frame = yield from pe.read_input()
                net.input_step(frame.values)
                yield currents
                yield from self._send("current", state.current, "rec")
                yield from pe.barrier()
                yield self._work("sync")
                yield from pe.barrier()
                yield from self._take("psi", state.psi)
                if self._each_timestep:
                    state.clear_sums()
                net.trace_step()
                yield traces
                if self._each_timestep:
                    yield from self._follow()
            if not self._each_timestep:
                yield from self._follow()

    def _recurrent(self, net: RecurrentSlice) -> Program:
        pe, state = self.pe, net.state
        neurons = self._work("sync", "recurrent_current", "alif_update", "pseudo_derivative")
        send = self._work("send_spikes")
        traces = self._work("receive_spikes", "sync", "e_prop")
        for _ in range(pe.workload.n_samples):
            state.reset()
            n_spikes = 0
            for _ in range(pe.workload.n_timesteps):
                yield from pe.wait_timer()
                yield from pe.barrier()
                yield from self._take("current", state.current)
                spikes = net.neuron_step()
                n_spikes += len(spikes)
                yield neurons
                yield send
                yield from pe.multicast(spikes)
                yield from self._send("psi", state.psi, "in")
                inbox = yield from pe.barrier()
                if self._each_timestep:
                    state.clear_sums()
                net.trace_step(inbox.keys)
                yield traces
                if self._each_timestep:
                    net.check_potentials()
                    yield from self._follow()
            yield from pe.log("spikes", n_spikes)
            if not self._each_timestep:
                net.check_potentials()
                yield from self._follow()

    def _output(self, net: OutputSlice) -> Program:
        pe, state = self.pe, net.state
        traces = self._work("receive_spikes", "sync", "output")
        for _ in range(pe.workload.n_samples):
            state.reset()
            losses: list[float] = []
            for _ in range(pe.workload.n_timesteps):
                yield from pe.wait_timer()
                frame = yield from pe.read_input()  # for its target
                yield from pe.barrier()
                yield self._work("sync")
                inbox = yield from pe.barrier()
                if self._each_timestep:
                    state.clear_sums()
                net.trace_step(inbox.keys)
                yield traces
                if self._each_timestep:
                    judgement = yield from self._judge(net, frame.target)
                    losses.append(judgement.loss)
            if self._each_timestep:
                yield from self._log(net.judge_steps(losses, frame.target))
                yield from pe.log("approximate", 1)
            else:
                yield from self._log((yield from self._judge(net, frame.target)))

    def _judge(self, net: OutputSlice, target: int) -> Any:
        """Error, learning signals and the own update; answers the judgement."""
        net.sum_output()
        judgement = net.form_error(target)
        net.form_signal()
        yield self._work("softmax_loss", "learning_signal")
        yield from self._send("signal", net.state.signal, "in", "rec")
        yield from self.pe.barrier()
        yield (self._learned if net.follow_signal() else self._gradient)
        return judgement

    def _follow(self) -> Program:
        """Take the learning signal of the own neurons, and learn from it."""
        yield from self.pe.barrier()
        yield from self._take("signal", self.net.state.signal)
        yield (self._learned if self.net.follow_signal() else self._gradient)

    def _log(self, judgement: Judgement) -> Program:
        yield from self.pe.log("loss", judgement.loss)
        yield from self.pe.log("correct", judgement.correct)

    def _send(self, name: str, values: Array, *parts: str) -> Program:
        """Bring *values*, one per own neuron, to the PEs of *parts* that hold these neurons."""
        own = self.role.own
        for other in self._everybody:
            if other.part in parts and (common := overlap(own, other.own)):
                slice_ = values[common.start - own.start : common.stop - own.start].copy()
                payload = common.start, slice_
                yield from self.pe.dma_write(other.pe, name, payload, slice_.nbytes)
        yield from self.pe.wait_dma()

    def _take(self, name: str, into: Array) -> Program:
        """What others have sent as *name*, for the own neurons."""
        first = self.role.own.start
        received = yield from self.pe.take_dma(name)
        for start, values in received.values():
            into[start - first : start - first + len(values)] = values

    def _work(self, *functions: str) -> Compute:
        return work_of(self._charges, *functions)


def _slice(
    parameters: EpropParameters, context: PEContext, role: Role
) -> InputSlice | RecurrentSlice | OutputSlice:
    arguments = (parameters, context, role.own, frozenset({role.part}))
    match role.part:
        case "in":
            return InputSlice(*arguments)
        case "rec":
            return RecurrentSlice(*arguments)
        case "out":
            return OutputSlice(*arguments)


def _sizes(parameters: EpropParameters, role: Role, n_alif: int) -> dict[str, int]:
    """Sizes of a cost table, with 0 for what a PE of this *role* has nothing to do with."""
    sizes = {"L": len(role.own), "I": 0, "R": 0, "O": 0}
    match role.part:
        case "in":
            sizes["I"] = parameters.n_in
        case "rec":
            sizes["R"] = parameters.n_rec
        case "out":
            sizes["O"] = parameters.n_out
    return {**sizes, "A": n_alif} if parameters.n_lif else sizes


def _n_alif(parameters: EpropParameters, role: Role) -> int:
    return int(np.count_nonzero(np.array(role.own) >= parameters.n_lif))
