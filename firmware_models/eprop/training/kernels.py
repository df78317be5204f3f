"""A whole sample in one call: its spikes, and the sum over time of its filtered eligibilities.

``online`` does what the firmware does, number for number, with the loop over time innermost where
that changes no bit: a synapse's traces stay in registers instead of passing through memory in each
time step. ``fast`` reaches the same sums backwards in time, per neuron instead of per synapse; it
differs in the last bits. Both leave their result in dw_in, dw_rec and zbar_sum.

Shapes: x (n_timesteps, n_in); v, a, z, psi (n_timesteps, n_rec); weights and sums (post, pre).
"""

# ruff: noqa: PLR0917 - kernels take arrays, and by position is how numba takes them fast

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware_models.eprop.kernels import alif_update, compiled, pseudo_derivative

Array = NDArray[Any]


@compiled
def forward(
    x: Array, w_in: Array, w_rec: Array, v: Array, a: Array, z: Array, psi: Array, constants: Array
) -> int:
    """Neurons over all time steps, from rest; answers the number of spikes.

    Weights are transposed once, so that the sums over presynaptic neurons, whose order is fixed,
    run over all postsynaptic neurons side by side.
    """
    n_timesteps, n_rec = v.shape
    w_in_t, w_rec_t = np.ascontiguousarray(w_in.T), np.ascontiguousarray(w_rec.T)
    current, v_now, a_now = np.zeros_like(v[0]), np.zeros_like(v[0]), np.zeros_like(v[0])
    z_before, z_now = np.zeros_like(z[0]), np.zeros_like(z[0])
    n_spikes = 0
    for t in range(n_timesteps):
        current[:] = 0
        n_by_four = x.shape[1] // 4 * 4
        for i in range(0, n_by_four, 4):  # four terms for one load and store, in the same order
            for j in range(n_rec):
                total = current[j] + w_in_t[i, j] * x[t, i]
                total += w_in_t[i + 1, j] * x[t, i + 1]
                total += w_in_t[i + 2, j] * x[t, i + 2]
                current[j] = total + w_in_t[i + 3, j] * x[t, i + 3]
        for i in range(n_by_four, x.shape[1]):
            for j in range(n_rec):
                current[j] += w_in_t[i, j] * x[t, i]
        for i in range(n_rec):
            if z_before[i]:
                for j in range(n_rec):
                    current[j] += w_rec_t[i, j]
        alif_update(current, z_before, v_now, a_now, z_now, 0, constants)
        for j in range(n_rec):
            v[t, j], a[t, j], z[t, j], z_before[j] = v_now[j], a_now[j], z_now[j], z_now[j]
            n_spikes += z_now[j]
    pseudo_derivative(v.reshape(-1), a.reshape(-1), psi.reshape(-1), constants)
    return n_spikes


@compiled
def online(
    x: Array, z: Array, psi: Array, dw_in: Array, dw_rec: Array, zbar_sum: Array, constants: Array
) -> None:
    """Sums of filtered eligibilities, forwards in time, to the bit as the firmware gets them."""
    before = np.zeros_like(psi)
    for t in range(1, len(z)):
        before[t] = z[t - 1]
    _eligibility_sums(psi, _presynaptic_traces(x, constants), dw_in, constants)
    _eligibility_sums(psi, _presynaptic_traces(before, constants), dw_rec, constants)
    _clear_diagonal(dw_rec, constants)
    output_sum(z, zbar_sum, constants)


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
def _presynaptic_traces(pre: Array, constants: Array) -> Array:
    """eps_v = alpha eps_v + g_in pre, of every time step."""
    c = constants[0]
    eps_v = np.empty_like(pre)
    now = np.zeros_like(pre[0])
    for t in range(len(pre)):
        for i in range(len(now)):
            now[i] = c.alpha * now[i] + c.g_in * pre[t, i]
            eps_v[t, i] = now[i]
    return eps_v


@compiled
def _eligibility_sums(psi: Array, eps_v: Array, dw: Array, constants: Array) -> None:
    """Sums e_bar over time; the arithmetic of ``kernels.eligibility`` with its loops exchanged."""
    c = constants[0]
    n_pre = dw.shape[1]
    eps_a, e_bar = np.empty_like(eps_v[0]), np.empty_like(eps_v[0])
    for j in range(dw.shape[0]):
        eps_a[:] = 0
        e_bar[:] = 0
        dw[j] = 0
        for t in range(len(psi)):
            rate = psi[t, j]
            decay, gain = c.rho - c.g_a * c.beta * rate, c.g_a * rate
            if c.exact:
                for i in range(n_pre):
                    e = rate * (eps_v[t, i] - c.beta * eps_a[i])
                    eps_a[i] = decay * eps_a[i] + gain * eps_v[t, i]
                    e_bar[i] = c.kappa * e_bar[i] + e
                    dw[j, i] += e_bar[i]
            else:
                for i in range(n_pre):
                    eps_a[i] = decay * eps_a[i] + gain * eps_v[t, i]
                    e = rate * (eps_v[t, i] - c.beta * eps_a[i])
                    e_bar[i] = c.kappa * e_bar[i] + e
                    dw[j, i] += e_bar[i]


@compiled
def fast(
    x: Array, z: Array, psi: Array, dw_in: Array, dw_rec: Array, zbar_sum: Array, constants: Array
) -> None:
    """The same sums by the adjoint: eps_a is linear in eps_v, with coefficients of (j, t) only.

    Summed over time, e_bar weighs e^t with w_t = (1 - kappa^(T - t)) / (1 - kappa). Backwards in
    time, ``later`` is what a unit of eps_a^t adds to the sum through later time steps, and ``c``
    what a unit of pre^t adds; then dw = sum_t c^t pre^t.
    """
    n_timesteps, n_rec = z.shape
    c = _adjoint(psi, zbar_sum, z, constants)
    n_by_four = n_timesteps // 4 * 4
    for j in range(n_rec):
        dw_in[j] = 0
        for t in range(0, n_by_four, 4):  # four terms for one load and store
            for i in range(x.shape[1]):
                early = c[t, j] * x[t, i] + c[t + 1, j] * x[t + 1, i]
                late = c[t + 2, j] * x[t + 2, i] + c[t + 3, j] * x[t + 3, i]
                dw_in[j, i] += early + late
        for t in range(n_by_four, n_timesteps):
            for i in range(x.shape[1]):
                dw_in[j, i] += c[t, j] * x[t, i]
    dw_rec_t = np.zeros_like(dw_rec)
    for t in range(1, n_timesteps):
        for i in range(n_rec):
            if z[t - 1, i]:
                for j in range(n_rec):
                    dw_rec_t[i, j] += c[t, j]
    dw_rec[:] = dw_rec_t.T
    _clear_diagonal(dw_rec, constants)


@compiled
def _adjoint(psi: Array, zbar_sum: Array, z: Array, constants: Array) -> Array:
    """What a unit of presynaptic input adds to dw, (n_timesteps, n_rec); sets zbar_sum, too."""
    k = constants[0]
    n_timesteps, n_rec = psi.shape
    result = np.empty_like(psi)
    later, through_eps_v = np.zeros_like(psi[0]), np.zeros_like(psi[0])
    zbar_sum[:] = 0
    weight = psi.dtype.type(0)
    for t in range(n_timesteps - 1, -1, -1):
        weight = k.kappa * weight + psi.dtype.type(1)
        for j in range(n_rec):
            rate = psi[t, j]
            direct = weight * rate
            decay = k.rho - k.g_a * k.beta * rate
            if k.exact:
                here = rate * (weight + k.g_a * later[j])
                later[j] = decay * later[j] - k.beta * direct
            else:
                from_eps_a = later[j] - k.beta * direct
                here = direct + k.g_a * rate * from_eps_a
                later[j] = decay * from_eps_a
            through_eps_v[j] = k.alpha * through_eps_v[j] + here
            result[t, j] = k.g_in * through_eps_v[j]
            zbar_sum[j] += weight * z[t, j]
    return result


@compiled
def _clear_diagonal(dw_rec: Array, constants: Array) -> None:
    if constants[0].zero_diagonal:
        for j in range(len(dw_rec)):
            dw_rec[j, j] = 0
