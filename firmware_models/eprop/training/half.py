"""The form ``online`` with matrices of 16 bit: the firmware's bits, a whole sample in one call."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from firmware_models.eprop.half.kernels import KEEP, eligibility_sums, presynaptic_traces
from firmware_models.eprop.network_slice import NetworkSlice
from firmware_models.eprop.training.kernels import output_sum

Array = NDArray[Any]


def online_in_half(net: NetworkSlice, x: Array, z: Array, psi: Array) -> None:
    """``training.kernels.online``, rounding as the storage of *net* does."""
    state, storage, constants = net.state, net.storage, net.constants
    n_lif = len(state.v) - len(state.a)
    for matrix, pre, delay, kind, dw in (
        ("in", x, 0, KEEP, state.dw_in),
        ("rec", z, 1, storage.kind("eps_v_rec"), state.dw_rec),
    ):
        eps_v = presynaptic_traces(pre, delay, kind, constants)
        eps_a, e_bar, sums = (storage.kind(f"{each}_{matrix}") for each in ("eps_a", "e_bar", "dw"))
        eligibility_sums(psi, eps_v, n_lif, dw, (eps_a, e_bar, sums), constants)
    if constants[0].zero_diagonal:
        state.dw_rec[range(len(state.v)), range(len(state.v))] = 0
    output_sum(z, state.zbar_sum, constants)
