"""The arithmetic of each kind of PE: functions of ``kernels``, in the other program's order.

So currents, spikes and weights have the same bits: the recurrent current is added onto the input's,
as there, which is why a recurrent PE has to wait for the input's first.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from firmware_models.eprop.network_slice import Learning

Array = NDArray[Any]


class InputSlice(Learning):
    """Synapses from the inputs onto the neurons ``own``."""

    def input_step(self, values: Array) -> None:
        """The input current of a time step, into ``state.current``."""
        state = self.state
        self._x = state.x[state.next_frame()]
        self._x[:] = values
        self.arithmetic.input_current(self._x, state.w_in, state.current)

    def trace_step(self) -> None:
        """Eligibility traces of a time step, with ``state.psi`` of the own neurons."""
        state, constants = self.state, self.constants
        self.arithmetic.presynaptic_trace(self._x, state.eps_v_in, constants)
        traces = (state.eps_v_in, state.eps_a_in, state.e_bar_in, state.dw_in)
        self.arithmetic.eligibility(state.psi, *traces, constants)
        self.storage.after_step()


class RecurrentSlice(Learning):
    """The neurons ``own`` and the synapses onto them from all neurons."""

    def neuron_step(self) -> list[int]:
        """A time step from the input current in ``state.current``; the own spikes, ascending."""
        state, constants, first = self.state, self.constants, self.own.start
        self.arithmetic.recurrent_current(state.z_before, state.w_rec, state.current)
        neurons = (state.v, state.a, state.z, state.psi)
        self.arithmetic.alif_update(state.current, state.z_before, *neurons, first, constants)
        self.arithmetic.pseudo_derivative(state.psi, constants)
        spiking: list[int] = (state.z[first : self.own.stop].nonzero()[0] + first).tolist()
        return spiking

    def trace_step(self, others: Array) -> None:
        """Eligibility traces of a time step, with the spikes of the *others*."""
        state, constants = self.state, self.constants
        state.z[others] = True
        self.arithmetic.presynaptic_trace(state.z_before, state.eps_v_rec, constants)
        if constants[0].zero_diagonal:
            rows = range(len(self.own))
            state.eps_v_rec[rows, self.own] = 0
        traces = (state.eps_v_rec, state.eps_a_rec, state.e_bar_rec, state.dw_rec)
        self.arithmetic.eligibility(state.psi, *traces, constants)
        state.z_before[:] = state.z
        state.z.fill(0)
        self.storage.after_step()


class OutputSlice(Learning):
    """The readout of all neurons."""

    def trace_step(self, spikes: Array) -> None:
        """The filtered spikes of a time step, summed over time."""
        state = self.state
        state.z.fill(0)
        state.z[spikes] = True
        if state.spike_count is not None:
            self.arithmetic.count_spikes(state.z, state.spike_count, 0)
        self.arithmetic.output_trace(state.z, state.zbar, state.zbar_sum, 0, self.constants)
