"""E-prop with every PE at the same program: each owns neurons and all synapses that lead to them.

Spikes are exchanged in each time step, the error once per sample. That is exact: the loss is on the
output averaged over time, so each time step has the same error, known at the end. For the same
reason the output is formed once, from the sum of the filtered spikes; its cycles are charged in
each time step, where the paper's program forms it.

With ``update_every: timestep`` each time step has a loss, an exchange of the error and an update.
Then the gradient is approximate: eligibilities add up over weights that have changed meanwhile.
PE 0 logs ``approximate``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from firmware_models.eprop.cost_terms import spent
from firmware_models.eprop.network_slice import NetworkSlice
from firmware_models.eprop.parameters import EpropParameters
from firmware_models.eprop.work import Work, load_costs
from spinn2sim.errors import FirmwareError
from spinn2sim.firmware import CostTable, Inbox, PEContext, Program, SramLayout
from spinn2sim.firmware.learner import Judgement

#: Payload of a multicast packet: 128 bit.
WORDS_PER_PACKET = 4


class SynapseBased:
    """The program of one PE. Each PE logs ``spikes``, and PE 0 ``loss`` and ``correct``."""

    def __init__(self, parameters: EpropParameters, context: PEContext) -> None:
        self.pe = context
        self.net = NetworkSlice(parameters, context)
        self._each_timestep = parameters.updates_each_timestep
        table = load_costs(parameters.cost_table)
        self._costs = spent(table, parameters, context.far_cycles, context.n_groups)
        self._sizes = {
            "L": len(self.net.own),
            "I": parameters.n_in,
            "R": parameters.n_rec,
            "O": parameters.n_out,
            **({"A": len(self.net.state.a)} if parameters.n_lif else {}),
        }
        self.work = Work(self._costs, self._sizes, context)
        self._error_keys = parameters.n_rec  # The keys below are neurons.

    def load_weights(self, weights: Mapping[str, NDArray[Any]]) -> None:
        """Begin with the own neurons' part of *weights*, the matrices of the whole network.

        :raises WeightsError: they are those of another network.
        """
        self.net.load_weights(weights)

    def main(self) -> Program:
        """Learn from one sample after the other."""
        pe, net, work = self.pe, self.net, self.work
        # Made once; `yield` alone hands over the answer too, and is faster than `yield from`.
        timer, read_input, no_spikes = pe.wait_timer(), pe.read_input(), pe.multicast(())
        exchange = pe.barrier(lookahead=work.traces.cycles)
        neuron_step, trace_step = net.halves.neuron_step, net.trace_step
        if not self._each_timestep:
            trace_step = net.halves.trace_step
        for _ in range(pe.workload.n_samples):
            net.state.reset()
            n_spikes = 0
            losses: list[float] = []

            for _ in range(pe.workload.n_timesteps):
                yield timer
                frame = yield read_input
                spikes = neuron_step(frame.values)
                n_spikes += len(spikes)
                yield work.neurons
                # On a single PE these two meet nobody and take no time.
                yield pe.multicast(spikes) if spikes else no_spikes
                inbox = yield exchange
                trace_step(inbox.keys)
                yield work.traces
                if self._each_timestep:
                    yield from self._learn(frame.target, losses)

            yield from pe.log("spikes", n_spikes)
            if not self._each_timestep:
                yield from self._learn(frame.target, losses)
            elif pe.pe == 0:
                yield from self._log(net.judge_steps(losses, frame.target))
                yield from pe.log("approximate", 1)

    def _learn(self, target: int, losses: list[float]) -> Program:
        """Error and learning, on the output averaged since the last time; PE 0 keeps the loss."""
        pe, net = self.pe, self.net
        net.sum_output()
        if pe.n_pe > 1:
            yield from self._reduce_output()
        if pe.pe == 0:
            judgement = net.form_error(target)
            yield self.work.error
            if self._each_timestep:
                losses.append(judgement.loss)
            else:
                yield from self._log(judgement)
        if pe.n_pe > 1:
            yield from self._share_error()
        yield (self.work.learn if net.learn() else self.work.gradient)

    def _reduce_output(self) -> Program:
        """Bring the partial outputs of all PEs together on PE 0, by DMA."""
        pe, net = self.pe, self.net
        yield self.work.reduce
        if pe.pe != 0:
            output = net.state.output
            yield from pe.dma_write(0, "partial_outputs", output.copy(), output.nbytes)
            yield from pe.wait_dma()
        yield from pe.barrier()
        if pe.pe == 0:
            partial_outputs = yield from pe.take_dma("partial_outputs")
            net.add_outputs(list(partial_outputs.values()))

    def _log(self, judgement: Judgement) -> Program:
        yield from self.pe.log("loss", judgement.loss)
        yield from self.pe.log("correct", judgement.correct)

    def _share_error(self) -> Program:
        """Multicast the error of PE 0; the others wait for it in the barrier."""
        pe, error = self.pe, self.net.state.error
        if pe.pe == 0:
            words = error.tolist()
            payloads = [
                tuple(words[k : k + WORDS_PER_PACKET])
                for k in range(0, len(words), WORDS_PER_PACKET)
            ]
            keys = range(self._error_keys, self._error_keys + len(payloads))
            yield from pe.multicast(keys, payloads)
        inbox = yield from pe.barrier()
        if pe.pe != 0:
            error[:] = self._complete(_words(inbox))

    def _complete(self, words: list[float]) -> list[float]:
        n_out = len(self.net.state.error)
        if len(words) != n_out:
            raise FirmwareError(
                self.pe.pe,
                f"only {len(words)} of {n_out} words of the output error have arrived",
                "raise chip.comms.fifo_events or set chip.comms.overflow to stall",
            )
        return words

    @property
    def layout(self) -> SramLayout:
        """Every array of the slice."""
        return self.net.state.layout

    @property
    def costs(self) -> CostTable:
        """The table that ``cost_table`` names, with the terms that this program spends."""
        return self._costs

    @property
    def sizes(self) -> Mapping[str, int]:
        """L own neurons, I inputs, R recurrent, O readout neurons; beside LIF ones, A own ALIF."""
        return self._sizes

    def readout(self) -> dict[str, NDArray[Any]]:
        """The weights of the own neurons; ``network.gather`` puts those of all PEs together."""
        return self.net.state.weights()


def _words(inbox: Inbox) -> list[float]:
    """The payloads of *inbox*, end to end."""
    return [word for key in inbox.keys.tolist() for word in inbox.payloads[key]]
