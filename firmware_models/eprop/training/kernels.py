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

from pathlib import Path
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
from spinn2sim.compiled import forget_stale

forget_stale(__file__, root=Path(__file__).parents[1])

Array = NDArray[Any]

#: Loops take so many numbers at once and the rest one by one, so rows are padded with zeros to it.
BLOCK = 32


@compiled
def forward(
    x: Array,
    w_in: Array,
    w_rec: Array,
    v: Array,
    a: Array,
    z: Array,
    psi: Array,
    spiking: Array,
    ends: Array,
    constants: Array,
) -> int:
    """Neurons over all time steps, from rest; answers the number of spikes.

    v: (n_rec,) and a: (n_alif,) are left as after the last time step. The neurons that spike in
    time step t are left in spiking[ends[t] : ends[t + 1]], in order; ends: (n_timesteps + 1,),
    spiking: (n_timesteps * n_rec + 1,) integers. Weights are transposed, so that the sums over
    presynaptic neurons, whose order is fixed, run over all postsynaptic neurons side by side.
    """
    n_timesteps, n_rec = z.shape
    w_in_t, w_rec_t = _transposed(w_in), _transposed(w_rec)
    current = np.empty((n_timesteps, w_in_t.shape[1]), w_in_t.dtype)
    _product(x, w_in_t, current)
    v[:] = 0
    a[:] = 0
    ends[0] = 0
    z_before = np.zeros_like(z[0])
    for t in range(n_timesteps):
        total = current[t]
        if t > 0:
            for k in range(ends[t - 1], ends[t]):
                w = w_rec_t[spiking[k]]
                for j in range(len(total)):
                    total[j] += w[j]
        alif_update(total[:n_rec], z_before, v, a, z[t], psi[t], 0, constants)
        z_before, n = z[t], ends[t]
        for j in range(n_rec):
            spiking[n] = j  # without a branch, which the processor would guess wrong at each spike
            n += np.intp(z_before[j])
        ends[t + 1] = n
    pseudo_derivative(psi.reshape(-1), constants)
    return int(ends[n_timesteps])


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
    spiking: Array,
    ends: Array,
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
    last = len(x) - 1
    w = _weights(psi, constants)
    c = _adjoint(psi, w, n_lif, constants)
    _product(_transposed(c)[: len(dw_in), : len(x)], x[::-1].copy(), dw_in)
    dw_rec_t = np.zeros((len(dw_rec), c.shape[1]), c.dtype)
    zbar_sum[:] = 0
    for t in range(len(x)):
        for k in range(ends[t], ends[t + 1]):
            zbar_sum[spiking[k]] += w[t]
            if t < last:
                total, add = dw_rec_t[spiking[k]], c[last - (t + 1)]
                for j in range(len(total)):
                    total[j] += add[j]
    for j in range(len(dw_rec)):
        for i in range(len(dw_rec)):
            dw_rec[j, i] = dw_rec_t[i, j]
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
    """Product out = a b, sums in the order of the inner index. a: (m, k), b: (k, n), out: (m, n).

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
    """(pre, post), padded."""
    result = np.zeros((w.shape[1], _padded(w.shape[0])), w.dtype)
    for i in range(result.shape[0]):
        for j in range(w.shape[0]):
            result[i, j] = w[j, i]
    return result


@compiled
def _padded(n: int) -> int:
    return (n + BLOCK - 1) // BLOCK * BLOCK


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
def _weights(psi: Array, constants: Array) -> Array:
    """How often e^t counts in the sum over time of e_bar: w_t, (n_timesteps,)."""
    w = np.ones(len(psi), psi.dtype)
    for t in range(len(w) - 2, -1, -1):
        w[t] += constants[0].kappa * w[t + 1]
    return w


@compiled
def _adjoint(psi: Array, w: Array, n_lif: int, constants: Array) -> Array:
    """What a unit of presynaptic input adds to dw, (n_timesteps, n_rec), padded.

    Row 0 is the last time step: with rows in falling order, compiled loops take one by one.
    """
    k = constants[0]
    n_timesteps, n_rec = psi.shape
    c = np.zeros((n_timesteps, _padded(n_rec)), psi.dtype)
    c[:, :n_rec] = psi[::-1]
    later, through_eps_v, beta = np.zeros_like(c[0]), np.zeros_like(c[0]), np.zeros_like(c[0])
    beta[n_lif:] = k.beta
    rho, alpha, g_in, g_a = k.rho, k.alpha, k.g_in, k.g_a
    for s in range(n_timesteps):
        weight, here = w[n_timesteps - 1 - s], c[s]
        if k.exact:
            for j in range(len(here)):
                rate = here[j]
                here[j] = rate * (weight + g_a * later[j])
                decay = rho - g_a * beta[j] * rate
                later[j] = decay * later[j] - beta[j] * (weight * rate)
        else:
            for j in range(len(here)):
                rate = here[j]
                from_eps_a = later[j] - beta[j] * (weight * rate)
                here[j] = weight * rate + g_a * rate * from_eps_a
                later[j] = (rho - g_a * beta[j] * rate) * from_eps_a
        for j in range(len(here)):
            through_eps_v[j] = alpha * through_eps_v[j] + here[j]
            here[j] = g_in * through_eps_v[j]
    return c


@compiled
def _clear_diagonal(dw_rec: Array, constants: Array) -> None:
    if constants[0].zero_diagonal:
        for j in range(len(dw_rec)):
            dw_rec[j, j] = 0
