"""The two halves of a time step on the arrays of a PE: before the spikes of the others, and after.

``Plain`` calls the arithmetic function by function; ``Compiled`` reaches the same compiled
functions by one call per half, since such a call costs more than the arithmetic of ten neurons.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from firmware_models.eprop.addressed import kernels as addressed
from firmware_models.eprop.half import Storage
from firmware_models.eprop.state import State

Array = NDArray[Any]


class Halves(Protocol):
    """How a PE goes through a time step."""

    def neuron_step(self, values: Array) -> list[int]:
        """Store the input *values* and update the neurons; the own ones that spike, ascending."""

    def trace_step(self, others: Array) -> None:
        """Eligibility and output traces, now that the spikes of the *others* are known."""


class Rounded:
    """As *halves*, where what *storage* keeps in 16 bit is rounded at the end."""

    def __init__(self, halves: Halves, storage: Storage) -> None:
        self.neuron_step = halves.neuron_step
        self._trace_step, self._after_step = halves.trace_step, storage.after_step

    def trace_step(self, others: Array) -> None:
        """As in ``Halves``."""
        self._trace_step(others)
        self._after_step()


class Plain:
    """With the functions of the module *arithmetic*."""

    def __init__(self, arithmetic: ModuleType, state: State, constants: Array) -> None:
        self._arithmetic, self._state, self._first = arithmetic, state, state.own.start
        self._x = state.x[0]
        self._own_z = state.z[state.own.start : state.own.stop]
        end = (state.own.start, constants)
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

    def neuron_step(self, values: Array) -> list[int]:
        """As in ``Halves``."""
        state = self._state
        self._x = state.x[state.next_frame()]
        self._x[:] = values
        self._arithmetic.neuron_step(self._x, *self._neuron_arrays)
        if state.spike_count is not None:
            self._arithmetic.count_spikes(state.z, state.spike_count, self._first)
        spiking: list[int] = (self._own_z.nonzero()[0] + self._first).tolist()
        return spiking

    def trace_step(self, others: Array) -> None:
        """As in ``Halves``."""
        self._state.z[others] = True
        self._arithmetic.trace_step(self._x, *self._trace_arrays)


class Compiled:
    """With ``addressed.kernels``. The arrays of *state* may be written to, but not replaced."""

    def __init__(self, state: State, constants: Array) -> None:
        self._state, self._frame = state, 0
        self._spiking = np.zeros(len(state.own), np.int64)
        count = state.spike_count
        arrays = (
            *(state.x, self._spiking, state.z_before, state.w_in, state.w_rec),
            *(state.current, state.v, state.a, state.z, state.psi),
            *(state.eps_v_in, state.eps_a_in, state.e_bar_in, state.dw_in),
            *(state.eps_v_rec, state.eps_a_rec, state.e_bar_rec, state.dw_rec),
            *(state.zbar, state.zbar_sum, np.zeros(0, np.int32) if count is None else count),
        )
        assert len(arrays) == addressed.ROWS
        assert all(array.flags.c_contiguous for array in arrays)
        table = np.array([(a.ctypes.data, len(a), a.shape[-1]) for a in arrays], np.int64)
        self._arrays = arrays  # for as long as their addresses are used
        self._end = (table, state.own.start, constants)

    def neuron_step(self, values: Array) -> list[int]:
        """As in ``Halves``."""
        self._frame = self._state.next_frame()
        n_spikes = addressed.first_half(values, self._frame, *self._end)
        spiking: list[int] = self._spiking[:n_spikes].tolist() if n_spikes else []
        return spiking

    def trace_step(self, others: Array) -> None:
        """As in ``Halves``."""
        addressed.second_half(others, self._frame, *self._end)
