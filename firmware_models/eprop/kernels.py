"""The arithmetic of ``reference``, compiled: the same functions, the same bits, no temporaries.

Shapes and contracts are documented there. No fast-math: a contracted or reordered sum would change
a last bit, and one such bit reaches every weight after one update.
"""

# ruff: noqa: PLR0917 - kernels take arrays, and by position is how numba takes them fast

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[Any]

compiled = njit(cache=True, error_model="numpy", boundscheck=False, fastmath=False)


@compiled
def input_current(x: Array, w_in: Array, current: Array) -> None:
    """Input current I = W_in x."""
    for j in range(len(current)):
        total = x.dtype.type(0)
        for i in range(len(x)):
            total += w_in[j, i] * x[i]
        current[j] = total


@compiled
def recurrent_current(z_before: Array, w_rec: Array, current: Array) -> None:
    """Adds the recurrent current W_rec z^{t-1}."""
    for i in range(len(z_before)):
        if z_before[i]:
            for j in range(len(current)):
                current[j] += w_rec[j, i]


@compiled
def alif_update(
    current: Array, z_before: Array, v: Array, a: Array, z: Array, first: int, constants: Array
) -> None:
    """One time step of the adaptive leaky integrate-and-fire neurons."""
    c = constants[0]
    for j in range(len(v)):
        a[j] = c.rho * a[j] + c.g_a * z_before[first + j]
        threshold = c.v_th + c.beta * a[j]
        reset = threshold if c.reset_by_threshold else c.v_th
        v[j] = c.alpha * v[j] + c.g_in * current[j] - z_before[first + j] * reset
        z[first + j] = v[j] > threshold


@compiled
def pseudo_derivative(v: Array, a: Array, psi: Array, constants: Array) -> None:
    """Surrogate derivative psi(u), u = v - A."""
    c = constants[0]
    u, x = np.empty_like(v), np.empty_like(v)
    for j in range(len(v)):
        u[j] = v[j] - (c.v_th + c.beta * a[j])
        x[j] = -(u[j] * u[j]) * c.psi_centre_rate
    centre = exponential(x, constants)
    for j in range(len(v)):
        left = u[j] - c.psi_offset
        x[j] = -(left * left) * c.psi_side_rate
    side = exponential(x, constants)
    for j in range(len(v)):
        psi[j] = c.psi_centre * centre[j] - c.psi_side * side[j]
        right = u[j] + c.psi_offset
        x[j] = -(right * right) * c.psi_side_rate
    side = exponential(x, constants)
    for j in range(len(v)):
        psi[j] -= c.psi_side * side[j]


@compiled
def exponential(x: Array, constants: Array) -> Array:
    """exp(x) for x <= 0; each loop is over the array, so that it becomes vector instructions."""
    c = constants[0]
    k, r, result = np.empty_like(x), np.empty_like(x), np.empty_like(x)
    degree = len(c.exp_taylor) - 1
    for i in range(len(x)):
        bounded = x[i] if x[i] > c.exp_lowest else c.exp_lowest  # noqa: FURB136 - a nan counts as it
        k[i] = np.rint(bounded * c.log2_e)
        r[i] = bounded - k[i] * c.ln2_high - k[i] * c.ln2_low
        result[i] = c.exp_taylor[degree]
    for n in range(degree - 1, -1, -1):
        for i in range(len(x)):
            result[i] = result[i] * r[i] + c.exp_taylor[n]
    for i in range(len(x)):
        result[i] *= c.two_to_minus[np.int64(-k[i])]
    return result


@compiled
def neuron_step(
    x: Array,
    z_before: Array,
    w_in: Array,
    w_rec: Array,
    current: Array,
    v: Array,
    a: Array,
    z: Array,
    psi: Array,
    first: int,
    constants: Array,
) -> int:
    """A time step up to the spikes and the pseudo-derivative; answers the number of spikes."""
    input_current(x, w_in, current)
    recurrent_current(z_before, w_rec, current)
    alif_update(current, z_before, v, a, z, first, constants)
    pseudo_derivative(v, a, psi, constants)
    n_spikes = 0
    for j in range(first, first + len(v)):
        n_spikes += z[j]
    return n_spikes


@compiled
def presynaptic_trace(pre: Array, eps_v: Array, constants: Array) -> None:
    """Filtered inputs eps_v = alpha eps_v + g_in pre."""
    c = constants[0]
    for j in range(eps_v.shape[0]):
        for i in range(eps_v.shape[1]):
            eps_v[j, i] = c.alpha * eps_v[j, i] + c.g_in * pre[i]


@compiled
def eligibility(
    psi: Array, eps_v: Array, eps_a: Array, e_bar: Array, dw: Array, constants: Array
) -> None:
    """Eligibility e = psi (eps_v - beta eps_a), filtered into e_bar; dw sums e_bar over time."""
    c = constants[0]
    for j in range(len(psi)):
        decay, gain = c.rho - c.g_a * c.beta * psi[j], c.g_a * psi[j]
        row = min(j, eps_v.shape[0] - 1)
        if c.exact:
            for i in range(eps_v.shape[1]):
                e = psi[j] * (eps_v[row, i] - c.beta * eps_a[j, i])
                eps_a[j, i] = decay * eps_a[j, i] + gain * eps_v[row, i]
                e_bar[j, i] = c.kappa * e_bar[j, i] + e
                dw[j, i] += e_bar[j, i]
        else:
            for i in range(eps_v.shape[1]):
                eps_a[j, i] = decay * eps_a[j, i] + gain * eps_v[row, i]
                e = psi[j] * (eps_v[row, i] - c.beta * eps_a[j, i])
                e_bar[j, i] = c.kappa * e_bar[j, i] + e
                dw[j, i] += e_bar[j, i]


@compiled
def output_trace(z: Array, zbar: Array, zbar_sum: Array, first: int, constants: Array) -> None:
    """Filtered spikes zbar = kappa zbar + z, summed over time."""
    c = constants[0]
    for j in range(len(zbar)):
        zbar[j] = c.kappa * zbar[j] + z[first + j]
        zbar_sum[j] += zbar[j]


@compiled
def trace_step(
    x: Array,
    z_before: Array,
    z: Array,
    psi: Array,
    eps_v_in: Array,
    eps_a_in: Array,
    e_bar_in: Array,
    dw_in: Array,
    eps_v_rec: Array,
    eps_a_rec: Array,
    e_bar_rec: Array,
    dw_rec: Array,
    zbar: Array,
    zbar_sum: Array,
    first: int,
    constants: Array,
) -> None:
    """The rest of the time step, once z holds the spikes of all neurons; then z is z_before."""
    presynaptic_trace(x, eps_v_in, constants)
    presynaptic_trace(z_before, eps_v_rec, constants)
    if constants[0].zero_diagonal:
        for j in range(len(psi)):
            eps_v_rec[j, first + j] = 0
    eligibility(psi, eps_v_in, eps_a_in, e_bar_in, dw_in, constants)
    eligibility(psi, eps_v_rec, eps_a_rec, e_bar_rec, dw_rec, constants)
    output_trace(z, zbar, zbar_sum, first, constants)
    for i in range(len(z)):
        z_before[i] = z[i]
        z[i] = False


@compiled
def partial_output(w_out: Array, zbar_sum: Array, partial: Array, constants: Array) -> bool:
    """What these neurons add to the time-averaged output; whether all of it is in range."""
    c = constants[0]
    partial[:] = 0
    for k in range(w_out.shape[0]):
        for j in range(w_out.shape[1]):
            term = w_out[k, j] * (zbar_sum[j] * c.per_timestep)
            if not abs(term) < c.fixed_limit:
                return False
            partial[k] += np.int64(np.rint(term * c.fixed_one))
    return True


@compiled
def softmax(output: Array, pi: Array, constants: Array) -> None:
    """Softmax pi of the output."""
    c = constants[0]
    for k in range(len(pi)):
        pi[k] = output[k]
        pi[k] *= c.fixed_step
    pi[:] = exponential(pi - pi.max(), constants)
    total = pi.dtype.type(0)
    for k in range(len(pi)):
        total += pi[k]
    for k in range(len(pi)):
        pi[k] /= total


@compiled
def learning_signal(b: Array, error: Array, signal: Array, constants: Array) -> None:
    """Learning signal L_j = (1 / T) sum_k B_kj err_k."""
    signal[:] = 0
    for k in range(len(error)):
        for j in range(len(signal)):
            signal[j] += b[k, j] * error[k]
    for j in range(len(signal)):
        signal[j] *= constants[0].per_timestep


@compiled
def gradient(dw: Array, w: Array, signal: Array, constants: Array) -> None:
    """Gradient dw = L_j sum_t e_bar + 2 l2 w."""
    c = constants[0]
    for j in range(dw.shape[0]):
        for i in range(dw.shape[1]):
            dw[j, i] = signal[j] * dw[j, i] + c.two_l2 * w[j, i]


@compiled
def output_gradient(
    dw_out: Array, w_out: Array, error: Array, zbar_sum: Array, constants: Array
) -> None:
    """Gradient dw_out = err_k (1 / T) sum_t zbar_j + 2 l2 w_out."""
    c = constants[0]
    for k in range(dw_out.shape[0]):
        for j in range(dw_out.shape[1]):
            share = zbar_sum[j] * c.per_timestep
            dw_out[k, j] = error[k] * share + c.two_l2 * w_out[k, j]


@compiled
def adam(w: Array, dw: Array, m: Array, v: Array, rate: float, constants: Array) -> None:
    """Adam: w -= rate m / (sqrt(v) + epsilon)."""
    c = constants[0]
    for j in range(w.shape[0]):
        for i in range(w.shape[1]):
            g = dw[j, i]
            m[j, i] = c.beta1 * m[j, i] + c.one_less_beta1 * g
            v[j, i] = c.beta2 * v[j, i] + c.one_less_beta2 * (g * g)
            w[j, i] -= rate * m[j, i] / (np.sqrt(v[j, i]) + c.epsilon)
