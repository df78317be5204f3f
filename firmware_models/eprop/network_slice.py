"""One PE's slice of the network: what it computes, with neither time nor messages.

The arithmetic lives in ``kernels``; this binds it to the arrays of the PE. ``reference`` has the
same functions, uncompiled, for whoever wants to see the same numbers come out of plain NumPy.
"""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware_models.eprop import kernels
from firmware_models.eprop.parameters import EpropParameters
from firmware_models.eprop.partition import own_neurons
from firmware_models.eprop.program_constants import program_constants
from firmware_models.eprop.state import State
from spinn2sim.errors import DivergenceError
from spinn2sim.firmware import PEContext
from spinn2sim.firmware.learner import Judgement

Array = NDArray[Any]


class NetworkSlice:
    """The neurons that one PE owns."""

    def __init__(
        self, parameters: EpropParameters, pe: PEContext, arithmetic: ModuleType = kernels
    ) -> None:
        self.own = own_neurons(parameters.n_rec, pe.n_pe, pe.pe)
        self.state = state = State(parameters, pe, self.own)
        self.n_updates = 0
        self._parameters, self.arithmetic = parameters, arithmetic
        self.constants = program_constants(parameters, pe.workload.n_timesteps)
        self._own_z = state.z[self.own.start : self.own.stop]
        end = (self.own.start, self.constants)
        self._neuron_arrays = (
            *(state.z_before, state.w_in, state.w_rec),
            *(state.current, state.v, state.a, state.z, state.psi, *end),
        )
        self._trace_arrays = (
            *(state.z_before, state.z, state.psi),
            *(state.eps_v_in, state.eps_a_in, state.e_bar_in, state.dw_in),
            *(state.eps_v_rec, state.eps_a_rec, state.e_bar_rec, state.dw_rec),
            *(state.zbar, state.zbar_sum, *end),
        )

    def neuron_step(self, x: Array) -> int:
        """Currents, neurons and pseudo-derivative of a time step; the number of own spikes."""
        return int(self.arithmetic.neuron_step(x, *self._neuron_arrays))

    def own_spikes(self) -> list[int]:
        """The own neurons that spike in this time step."""
        spikes: list[int] = (self._own_z.nonzero()[0] + self.own.start).tolist()
        return spikes

    def add_spikes(self, neurons: Array) -> None:
        """Neurons of other PEs that spike in this time step."""
        self.state.z[neurons] = True

    def trace_step(self, x: Array) -> None:
        """Eligibility and output traces of a time step, once all its spikes are known."""
        self.arithmetic.trace_step(x, *self._trace_arrays)

    def sum_output(self) -> None:
        """What the own neurons add to the output averaged over time, into ``state.output``.

        :raises DivergenceError: a membrane potential or a term of the sum is not a usable number.
        """
        state = self.state
        if not np.isfinite(state.v).all():
            raise self._divergence("membrane potentials are infinite or not a number")
        if not self.arithmetic.partial_output(
            state.w_out, state.zbar_sum, state.output, self.constants
        ):
            limit = float(self.constants["fixed_limit"][0])
            raise self._divergence(f"terms of the output are beyond {limit:,.0f} or not a number")

    def add_outputs(self, partial_outputs: list[Array]) -> None:
        """What the neurons of the other PEs add to the output."""
        state = self.state
        state.partial_outputs[:] = partial_outputs
        state.output += state.partial_outputs.sum(axis=0)

    def form_error(self, target: int) -> Judgement:
        """Softmax of the output; leaves pi - onehot(target) in ``state.error``."""
        pi = error = self.state.error
        self.arithmetic.softmax(self.state.output, pi, self.constants)
        predicted = int(np.argmax(pi))
        judgement = Judgement(-math.log(pi[target]), predicted, predicted == target)
        error[target] -= 1
        return judgement

    def learn(self) -> None:
        """Gradients from ``state.error``, and one step of Adam on all weights.

        The gradients stay in dw_in, dw_rec and dw_out until the next sample begins.
        """
        state, constants = self.state, self.constants
        self.n_updates += 1
        rate = self._adam_rate()
        self.arithmetic.learning_signal(state.b_out, state.error, state.signal, constants)
        if self._parameters.feedback == "adaptive":
            self._output_gradient(state.b_out)
            self.arithmetic.adam(state.b_out, state.dw_out, state.m_b, state.v_b, rate, constants)
        self.arithmetic.gradient(state.dw_in, state.w_in, state.signal, constants)
        self.arithmetic.gradient(state.dw_rec, state.w_rec, state.signal, constants)
        self._output_gradient(state.w_out)
        self.arithmetic.adam(state.w_in, state.dw_in, state.m_in, state.v_in, rate, constants)
        self.arithmetic.adam(state.w_rec, state.dw_rec, state.m_rec, state.v_rec, rate, constants)
        self.arithmetic.adam(state.w_out, state.dw_out, state.m_out, state.v_out, rate, constants)

    def _output_gradient(self, w: Array) -> None:
        state = self.state
        self.arithmetic.output_gradient(
            state.dw_out, w, state.error, state.zbar_sum, self.constants
        )

    def _adam_rate(self) -> Any:
        """The learning rate with both bias corrections of Adam, rounded to the precision."""
        given, k = self._parameters, self.n_updates
        rate = given.learning_rate * math.sqrt(1 - given.beta2**k) / (1 - given.beta1**k)
        return self.state.error.dtype.type(rate)

    def _divergence(self, problem: str) -> DivergenceError:
        where = f"sample {self.n_updates}, neurons {self.own.start} to {self.own.stop - 1}"
        given = self._parameters.learning_rate
        return DivergenceError(
            where, problem, f"lower learning_rate ({given:g}) or the scale of the input"
        )
