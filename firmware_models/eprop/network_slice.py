"""One PE's slice of the network: what it computes, with neither time nor messages.

The arithmetic lives in ``kernels``; this binds it to the arrays of the PE. ``reference`` has the
same functions, uncompiled, for whoever wants to see the same numbers come out of plain NumPy.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware_models.eprop import kernels
from firmware_models.eprop.half import Storage
from firmware_models.eprop.halves import Compiled, Halves, Plain, Rounded
from firmware_models.eprop.network import keep_own
from firmware_models.eprop.parameters import EpropParameters
from firmware_models.eprop.partition import own_neurons
from firmware_models.eprop.program_constants import program_constants
from firmware_models.eprop.state import PARTS, Parts, State, Trained
from spinn2sim.errors import DivergenceError
from spinn2sim.firmware import PEContext
from spinn2sim.firmware.learner import Judgement

Array = NDArray[Any]


def judged(loss: float, output: Array, target: int) -> Judgement:
    """The judgement of *output*, (n_out,); undecided if several are the largest.

    The outputs of a network without spikes are all 0: it has not heard the first class.
    """
    outputs = output.tolist()
    largest = max(outputs)
    decided = outputs.count(largest) == 1
    predicted = outputs.index(largest) if decided else len(outputs)
    return Judgement(loss, predicted, predicted == target)


class Learning:
    """The arrays of the neurons *own* on one PE, and what turns sums over time into weights.

    *parts* are the kinds of synapses that the PE holds, as in ``State``.
    """

    def __init__(
        self,
        parameters: EpropParameters,
        pe: PEContext,
        own: range,
        parts: Parts = PARTS,
        arithmetic: ModuleType = kernels,
    ) -> None:
        self.own, self._parts = own, parts
        self.state = state = State(parameters, pe, own, parts)
        self.n_gradients = 0
        self._parameters, self._pe, self.arithmetic = parameters, pe, arithmetic
        self._each_timestep = parameters.updates_each_timestep
        self._follow = getattr(arithmetic, parameters.optimiser)
        self.constants = program_constants(parameters, pe.workload.n_timesteps)
        self.storage = Storage(vars(state), parameters.half_matrices)
        self._store_weights()

    @property
    def n_samples(self) -> int:
        """Samples learned, in whole."""
        per_sample = self._pe.workload.n_timesteps if self._each_timestep else 1
        return self.n_gradients // per_sample

    def load_weights(self, weights: Mapping[str, Array]) -> None:
        """Begin with the own neurons' part of *weights*, the matrices of the whole network.

        :raises WeightsError: they are those of another network.
        """
        keep_own(weights, self.state, self._parameters.n_rec)
        self._store_weights()

    def sum_output(self) -> None:
        """What the own neurons add to the output averaged over time, into ``state.output``.

        :raises DivergenceError: a membrane potential or a term of the sum is not a usable number.
        """
        state = self.state
        if "rec" in self._parts:
            self.check_potentials()
        if not self.arithmetic.partial_output(
            state.w_out, state.zbar_sum, state.output, self.constants
        ):
            limit = float(self.constants["fixed_limit"][0])
            raise self._divergence(f"terms of the output are beyond {limit:,.0f} or not a number")

    def check_potentials(self) -> None:
        """:raises DivergenceError: a membrane potential is not a usable number."""
        if not np.isfinite(self.state.v).all():
            raise self._divergence("membrane potentials are infinite or not a number")

    def add_outputs(self, partial_outputs: list[Array]) -> None:
        """What the neurons of the other PEs add to the output."""
        state = self.state
        state.partial_outputs[:] = partial_outputs
        state.output += state.partial_outputs.sum(axis=0)

    def form_error(self, target: int) -> Judgement:
        """Softmax of the output; leaves pi - onehot(target) in ``state.error``."""
        pi = error = self.state.error
        self.arithmetic.softmax(self.state.output, pi, self.constants)
        judgement = judged(-math.log(pi[target]), self.state.output, target)
        error[target] -= 1
        if self.state.output_sum is not None:
            self.state.output_sum += self.state.output // self._pe.workload.n_timesteps
        return judgement

    def judge_steps(self, losses: Sequence[float], target: int) -> Judgement:
        """The judgement of a sample of which each time step was judged, with *losses*."""
        assert self.state.output_sum is not None
        return judged(math.fsum(losses) / len(losses), self.state.output_sum, target)

    def learn(self) -> bool:
        """Gradients from ``state.error``, and the weight update that is due with them.

        The gradients stay in dw_in, dw_rec and dw_out until the next sample begins. Answers whether
        the weights were updated.
        """
        self.form_signal()
        return self.follow_signal()

    def form_signal(self) -> None:
        """The learning signal of the own neurons, from ``state.error``; the feedback learns."""
        state, constants = self.state, self.constants
        self.arithmetic.learning_signal(state.b_out, state.error, state.signal, constants)
        if state.spike_count is not None:
            self.arithmetic.rate_signal(state.spike_count, state.signal, constants)
        if state.trained_feedback is not None:
            self._output_gradient(state.b_out)
            self._update(state.trained_feedback)

    def follow_signal(self) -> bool:
        """Gradients from ``state.signal`` and ``state.error``; as ``learn``."""
        state, constants = self.state, self.constants
        if "in" in self._parts:
            self.arithmetic.gradient(state.dw_in, state.w_in, state.signal, constants)
            self.storage.store(state.dw_in)
        if "rec" in self._parts:
            self.arithmetic.gradient(state.dw_rec, state.w_rec, state.signal, constants)
            self.storage.store(state.dw_rec)
        if "out" in self._parts:
            self._output_gradient(state.w_out)
        return self.update()

    def update(self) -> bool:
        """The step of the optimiser along dw_in, dw_rec and dw_out, or along a batch of them.

        Answers whether it was due.
        """
        for trained in self.state.trained:
            self._update(trained)
        due = self._update_is_due
        self.n_gradients += 1
        return due

    def follow(self, gradient: Mapping[str, Array]) -> None:
        """The step of the optimiser along the mean *gradient* of a mini-batch, by matrix.

        All of its samples count as learned, whoever has collected their gradients.
        """
        self.n_gradients += self._parameters.batch_size - 1
        for name, (w, _, kept, _) in self.state.matrices.items():
            self._follow(w, gradient[name], *kept, self._rate(), self.constants)
            self.storage.store(w, *kept)
        self.n_gradients += 1

    def _update(self, trained: Trained) -> None:
        w, dw, kept, batch = trained
        if batch is not None:
            self.arithmetic.accumulate(dw, batch, self.constants)
            dw = batch
        if self._update_is_due:
            self._follow(w, dw, *kept, self._rate(), self.constants)
            self.storage.store(w, *kept)
            if batch is not None:
                batch.fill(0)

    @property
    def _update_is_due(self) -> bool:
        return (self.n_gradients + 1) % self._parameters.batch_size == 0

    def _output_gradient(self, w: Array) -> None:
        state = self.state
        self.arithmetic.output_gradient(
            state.dw_out, w, state.error, state.zbar_sum, self.constants
        )

    def _rate(self) -> Any:
        """The learning rate, for Adam with both bias corrections, rounded to the precision."""
        given, k = self._parameters, self.n_gradients // self._parameters.batch_size + 1
        rate = given.learning_rate
        if given.decay_every:
            rate *= given.decay ** (self.n_samples // given.decay_every)
        if given.optimiser == "adam":
            rate *= math.sqrt(1 - given.beta2**k) / (1 - given.beta1**k)
        return self.state.signal.dtype.type(rate)

    def _store_weights(self) -> None:
        if "in" in self._parts:
            self.storage.store(self.state.w_in)
        if "rec" in self._parts:
            self.storage.store(self.state.w_rec)

    def _divergence(self, problem: str) -> DivergenceError:
        where = f"sample {self.n_samples}, neurons {self.own.start} to {self.own.stop - 1}"
        given = self._parameters.learning_rate
        return DivergenceError(
            where, problem, f"lower learning_rate ({given:g}) or the scale of the input"
        )


class NetworkSlice(Learning):
    """All synapses of the neurons that one PE owns, and both halves of their time step."""

    def __init__(
        self, parameters: EpropParameters, pe: PEContext, arithmetic: ModuleType = kernels
    ) -> None:
        own = own_neurons(parameters.n_rec, pe.n_pe, pe.pe)
        super().__init__(parameters, pe, own, arithmetic=arithmetic)
        self.halves: Halves = (
            Compiled(self.state, self.constants)
            if arithmetic is kernels
            else Plain(arithmetic, self.state, self.constants)
        )
        if parameters.half_matrices:
            self.halves = Rounded(self.halves, self.storage)

    def neuron_step(self, values: Array) -> list[int]:
        """A time step up to the pseudo-derivative, with the inputs *values*; the own spikes."""
        return self.halves.neuron_step(values)

    def trace_step(self, others: Array) -> None:
        """Eligibility and output traces of a time step, with the spikes of the *others*."""
        if self._each_timestep:
            self.state.clear_sums()
        self.halves.trace_step(others)
