"""A whole sample in one call: its spikes, and the sum over time of its filtered eligibilities.

``online`` does what the firmware does, number for number, with loops exchanged where that changes
no bit: all time steps of a neuron follow each other, so that its traces stay in the fastest cache.
``fast`` reaches the same sums backwards in time, per neuron instead of per synapse; it differs in
the last bits. Both leave their result in dw_in, dw_rec and zbar_sum.

Shapes: x (n_timesteps, n_in); z, 0 or 1 as a real number, and psi (n_timesteps, n_rec); weights and
sums (post, pre). The first n_lif neurons are LIF.
"""

# ruff: noqa: PLR0917 - kernels take arrays, and by position is how numba takes them fast

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware_models.eprop.kernels import (
    alif_eligibility,
    alif_update,
    compiled,
    lif_eligibility,
    pseudo_derivative,
)

Array = NDArray[Any]


@compiled
def forward(
    x: Array, w_in: Array, w_rec: Array, v: Array, a: Array, z: Array, psi: Array, constants: Array
) -> int:
    """Neurons over all time steps, from rest; answers the number of spikes.

    v: (n_rec,) and a: (n_alif,) are left as after the last time step. Weights are transposed, so
    that the sums over presynaptic neurons, whose order is fixed, run over all postsynaptic neurons
    side by side.
    """
    n_timesteps, n_rec = z.shape
    current, w_rec_t = np.empty_like(psi), _transposed(w_rec)
    _product(x, _transposed(w_in), current)
    v[:] = 0
    a[:] = 0
    z_before, spiking, n_spiking, n_spikes = np.zeros_like(z[0]), np.empty(n_rec, np.intp), 0, 0
    for t in range(n_timesteps):
        total = current[t]
        for k in range(n_spiking):
            w = w_rec_t[spiking[k]]
            for j in range(n_rec):
                total[j] += w[j]
        alif_update(total, z_before, v, a, z[t], psi[t], 0, constants)
        z_before, n_spiking = z[t], 0
        for j in range(n_rec):
            if z_before[j] != 0:
                spiking[n_spiking] = j
                n_spiking += 1
        n_spikes += n_spiking
    pseudo_derivative(psi.reshape(-1), constants)
    return n_spikes


@compiled
def online(
    x: Array,
    z: Array,
    psi: Array,
    n_lif: int,
    dw_in: Array,
    dw_rec: Array,
    zbar_sum: Array,
    constants: Array,
) -> None:
    """Sums of filtered eligibilities, forwards in time, to the bit as the firmware gets them."""
    _eligibility_sums(psi, _presynaptic_traces(x, 0, constants), n_lif, dw_in, constants)
    _eligibility_sums(psi, _presynaptic_traces(z, 1, constants), n_lif, dw_rec, constants)
    _clear_diagonal(dw_rec, constants)
    output_sum(z, zbar_sum, constants)


@compiled
def fast(
    x: Array,
    z: Array,
    psi: Array,
    n_lif: int,
    dw_in: Array,
    dw_rec: Array,
    zbar_sum: Array,
    constants: Array,
) -> None:
    """The same sums by the adjoint: eps_a is linear in eps_v, with coefficients of (j, t) only.

    Summed over time, e_bar weighs e^t with w_t = (1 - kappa^(T - t)) / (1 - kappa). Backwards in
    time, ``later`` is what a unit of eps_a^t adds to the sum through later time steps, and ``c``
    what a unit of pre^t adds; then dw = sum_t c^t pre^t.
    """
    n_timesteps, n_rec = z.shape
    c = _adjoint(psi, n_lif, zbar_sum, z, constants)
    _product(c.T, x, dw_in)
    dw_rec_t = np.zeros_like(dw_rec)
    for t in range(1, n_timesteps):
        for i in range(n_rec):
            if z[t - 1, i] != 0:
                total, add = dw_rec_t[i], c[t]
                for j in range(n_rec):
                    total[j] += add[j]
    dw_rec[:] = dw_rec_t.T
    _clear_diagonal(dw_rec, constants)


@compiled
def output_sum(z: Array, zbar_sum: Array, constants: Array) -> None:
    """Filtered spikes summed over time, forwards, as the firmware gets them."""
    c = constants[0]
    zbar = np.zeros_like(zbar_sum)
    zbar_sum[:] = 0
    for t in range(len(z)):
        for j in range(len(zbar)):
            zbar[j] = c.kappa * zbar[j] + z[t, j]
            zbar_sum[j] += zbar[j]


@compiled
def _product(a: Array, b: Array, out: Array) -> None:
    """out = a b, each sum in the order of the inner index. a: (m, k), b: (k, n), out: (m, n).

    Two rows and four terms at a time: fewer loads and stores for the same additions.
    """
    n_by_two, k_by_four = a.shape[0] // 2 * 2, a.shape[1] // 4 * 4
    out[:] = 0
    for m in range(0, n_by_two, 2):
        one, two = out[m], out[m + 1]
        for k in range(0, k_by_four, 4):
            b0, b1, b2, b3 = b[k], b[k + 1], b[k + 2], b[k + 3]
            c0, c1, c2, c3 = a[m, k], a[m, k + 1], a[m, k + 2], a[m, k + 3]
            d0, d1, d2, d3 = a[m + 1, k], a[m + 1, k + 1], a[m + 1, k + 2], a[m + 1, k + 3]
            for n in range(len(b0)):
                one[n] = one[n] + c0 * b0[n] + c1 * b1[n] + c2 * b2[n] + c3 * b3[n]
                two[n] = two[n] + d0 * b0[n] + d1 * b1[n] + d2 * b2[n] + d3 * b3[n]
    for m in range(a.shape[0]):
        for k in range(k_by_four if m < n_by_two else 0, a.shape[1]):
            row, total = b[k], out[m]
            for n in range(len(row)):
                total[n] += a[m, k] * row[n]


@compiled
def _transposed(w: Array) -> Array:
    result = np.empty((w.shape[1], w.shape[0]), w.dtype)
    for i in range(result.shape[0]):
        for j in range(result.shape[1]):
            result[i, j] = w[j, i]
    return result


@compiled
def _presynaptic_traces(pre: Array, delay: int, constants: Array) -> Array:
    """eps_v of every time step; pre comes *delay* time steps late."""
    c = constants[0]
    eps_v = np.zeros_like(pre)
    now = np.zeros_like(pre[0])
    for t in range(delay, len(pre)):
        here, out = pre[t - delay], eps_v[t]
        for i in range(len(now)):
            now[i] = c.alpha * now[i] + c.g_in * here[i]
            out[i] = now[i]
    return eps_v


@compiled
def _eligibility_sums(psi: Array, eps_v: Array, n_lif: int, dw: Array, constants: Array) -> None:
    """Sums e_bar over time: the loops of ``kernels.eligibility`` and of time, exchanged."""
    eps_a, e_bar = np.empty_like(eps_v[0]), np.empty_like(eps_v[0])
    for j in range(len(dw)):
        total = dw[j]
        eps_a[:] = 0
        e_bar[:] = 0
        total[:] = 0
        for t in range(len(psi)):
            if j < n_lif:
                lif_eligibility(psi[t, j], eps_v[t], e_bar, total, constants)
            else:
                alif_eligibility(psi[t, j], eps_v[t], eps_a, e_bar, total, constants)


@compiled
def _adjoint(psi: Array, n_lif: int, zbar_sum: Array, z: Array, constants: Array) -> Array:
    """What a unit of presynaptic input adds to dw, (n_timesteps, n_rec); sets zbar_sum, too."""
    k = constants[0]
    result = np.empty_like(psi)
    later, through_eps_v, beta = np.zeros_like(psi[0]), np.zeros_like(psi[0]), np.zeros_like(psi[0])
    beta[n_lif:] = k.beta
    zbar_sum[:] = 0
    weight = k.zero
    for t in range(len(psi) - 1, -1, -1):
        weight = k.kappa * weight + psi.dtype.type(1)
        rates, spikes, out = psi[t], z[t], result[t]
        if k.exact:
            for j in range(len(out)):
                out[j] = rates[j] * (weight + k.g_a * later[j])
                decay = k.rho - k.g_a * beta[j] * rates[j]
                later[j] = decay * later[j] - beta[j] * (weight * rates[j])
        else:
            for j in range(len(out)):
                from_eps_a = later[j] - beta[j] * (weight * rates[j])
                out[j] = weight * rates[j] + k.g_a * rates[j] * from_eps_a
                later[j] = (k.rho - k.g_a * beta[j] * rates[j]) * from_eps_a
        for j in range(len(out)):
            through_eps_v[j] = k.alpha * through_eps_v[j] + out[j]
            out[j] = k.g_in * through_eps_v[j]
        for j in range(len(out)):
            zbar_sum[j] += weight * spikes[j]
    return result


@compiled
def _clear_diagonal(dw_rec: Array, constants: Array) -> None:
    if constants[0].zero_diagonal:
        for j in range(len(dw_rec)):
            dw_rec[j, j] = 0
