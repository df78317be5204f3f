"""The two halves of a time step, for arrays that are named by their addresses.

To hand a compiled function an array costs a fifth of a microsecond, more than ten neurons take for
their arithmetic. So the arrays of a PE, which stay where they are, are handed over as one table of
addresses and lengths, and the functions of ``eprop.kernels`` are called on them from within.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numba import carray, types  # type: ignore[attr-defined]  # numba has no types
from numba.extending import intrinsic
from numpy.typing import NDArray

from firmware_models.eprop.kernels import (
    compiled,
    count_spikes,
    neuron_step,
    trace_step,
)
from spinn2sim.compiled import forget_stale

forget_stale(__file__, root=Path(__file__).parents[1])

Array = NDArray[Any]

#: Rows of a table: where an array stands, and its shape (a vector has one column).
(
    X,  # the ping-pong buffer
    SPIKING,  # the own neurons that spike in this time step, from the front
    Z_BEFORE,
    W_IN,
    W_REC,
    CURRENT,
    V,
    A,
    Z,
    PSI,
    EPS_V_IN,
    EPS_A_IN,
    E_BAR_IN,
    DW_IN,
    EPS_V_REC,
    EPS_A_REC,
    E_BAR_REC,
    DW_REC,
    ZBAR,
    ZBAR_SUM,
    SPIKE_COUNT,  # of length 0 where spikes are not counted
    ROWS,
) = range(22)
ADDRESS, LENGTH, WIDTH = range(3)

#: Of the type of spikes.
SPIKE = True


@intrinsic
def _pointer(_context: Any, address: Any, like: Any) -> Any:
    """*address* as that of numbers of the type of *like*."""

    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        kind = context.get_data_type(like).as_pointer()
        return builder.inttoptr(arguments[0], kind)

    signature = types.CPointer(like)(address, like)  # type: ignore[no-untyped-call]  # nor here
    return signature, generate


@compiled
def _vector(table: Array, row: int, like: Any) -> Array:
    at = table[row]
    return carray(_pointer(at[ADDRESS], like), (at[LENGTH],))  # type: ignore[call-arg]  # numba's own form


@compiled
def _matrix(table: Array, row: int, like: Any) -> Array:
    at = table[row]
    return carray(_pointer(at[ADDRESS], like), (at[LENGTH], at[WIDTH]))  # type: ignore[call-arg]  # numba's own form


@compiled
def first_half(values: Array, frame: int, table: Array, first: int, constants: Array) -> int:
    """Stores the input and runs ``neuron_step``; the number of spikes, which stand in SPIKING."""
    real = constants[0].zero
    x = _matrix(table, X, real)[frame]
    for i in range(len(x)):
        x[i] = values[i]
    z = _vector(table, Z, SPIKE)
    v = _vector(table, V, real)
    n_spikes = neuron_step(
        x,
        _vector(table, Z_BEFORE, SPIKE),
        _matrix(table, W_IN, real),
        _matrix(table, W_REC, real),
        _vector(table, CURRENT, real),
        v,
        _vector(table, A, real),
        z,
        _vector(table, PSI, real),
        first,
        constants,
    )
    if n_spikes:
        spiking, n = _vector(table, SPIKING, np.int64(0)), 0
        for j in range(first, first + len(v)):
            if z[j]:
                spiking[n] = j
                n += 1
    if table[SPIKE_COUNT, LENGTH]:
        count_spikes(z, _vector(table, SPIKE_COUNT, np.int32(0)), first)
    return n_spikes


@compiled
def second_half(others: Array, frame: int, table: Array, first: int, constants: Array) -> None:
    """Adds the spikes of the other PEs and runs ``trace_step``."""
    real = constants[0].zero
    z = _vector(table, Z, SPIKE)
    for j in others:
        if j >= len(z):
            raise IndexError("a spike of a neuron that the network does not have")
        z[j] = True
    trace_step(
        _matrix(table, X, real)[frame],
        _vector(table, Z_BEFORE, SPIKE),
        z,
        _vector(table, PSI, real),
        _matrix(table, EPS_V_IN, real),
        _matrix(table, EPS_A_IN, real),
        _matrix(table, E_BAR_IN, real),
        _matrix(table, DW_IN, real),
        _matrix(table, EPS_V_REC, real),
        _matrix(table, EPS_A_REC, real),
        _matrix(table, E_BAR_REC, real),
        _matrix(table, DW_REC, real),
        _vector(table, ZBAR, real),
        _vector(table, ZBAR_SUM, real),
        first,
        constants,
    )
