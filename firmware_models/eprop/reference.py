"""The arithmetic of e-prop in plain NumPy, equation by equation: what ``kernels`` must agree with.

Both files have the same functions and give the same bits. Sums over presynaptic neurons run in a
fixed order and outputs are summed in fixed point, so no bit depends on the number of PEs. Arrays
are changed in place; ``constants`` is the record of ``program_constants``. Shapes: n_post neurons
of this PE, the first being neuron ``first`` of the network; n_pre is n_in or n_rec.

Letters as in the paper (Front. Neurosci. 16:1018006, 2022) and in e-prop's own (Bellec et al., Nat.
Commun. 11:3625, 2020).
"""

# ruff: noqa: PLR0917 - kernels take arrays, and by position is how numba takes them fast

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def input_current(x: Array, w_in: Array, current: Array) -> None:
    """Input current I = W_in x. x: (n_in,), w_in: (n_post, n_in), current: (n_post,)."""
    current[:] = 0
    for i in range(len(x)):
        current += w_in[:, i] * x[i]


def recurrent_current(z_before: Array, w_rec: Array, current: Array) -> None:
    """Adds the recurrent current W_rec z^{t-1}. z_before: (n_rec,) bool, w_rec: (n_post, n_rec)."""
    for i in range(len(z_before)):
        if z_before[i]:
            current += w_rec[:, i]


def alif_update(
    current: Array,
    z_before: Array,
    v: Array,
    a: Array,
    z: Array,
    psi: Array,
    first: int,
    constants: Array,
) -> None:
    """One time step of the leaky integrate-and-fire neurons; sets their part of z, and psi to u.

    a = rho a + g_a z^{t-1};  A = v_th + beta a;  v = alpha v + g_in current - z^{t-1} R;
    u = v - A;  z = [u > 0], strict, with no refractory period; R is A or v_th. a: (n_alif,), of the
    last neurons; those before are LIF, for which A = v_th.
    """
    c = constants[0]
    own = slice(first, first + len(v))
    adaptive = slice(len(v) - len(a), None)
    a[:] = c.rho * a + c.g_a * z_before[own][adaptive]
    threshold = np.full_like(v, c.v_th)
    threshold[adaptive] += c.beta * a
    reset = threshold if c.reset_by_threshold else c.v_th
    v[:] = c.alpha * v + c.g_in * current - z_before[own] * reset
    psi[:] = v - threshold
    z[own] = psi > 0


def pseudo_derivative(psi: Array, constants: Array) -> None:
    """Surrogate derivative psi(u) in place of u: a Gaussian between two wide negative ones."""
    c = constants[0]
    left, right = psi - c.psi_offset, psi + c.psi_offset
    psi[:] = c.psi_centre * exponential(-(psi * psi) * c.psi_centre_rate, constants)
    psi -= c.psi_side * exponential(-(left * left) * c.psi_side_rate, constants)
    psi -= c.psi_side * exponential(-(right * right) * c.psi_side_rate, constants)


def exponential(x: Array, constants: Array) -> Array:
    """exp(x) for x <= 0, to one or two units in the last place; a nan counts as the lowest x."""
    c = constants[0]
    x = np.fmax(x, c.exp_lowest)
    k = np.rint(x * c.log2_e)
    r = x - k * c.ln2_high - k * c.ln2_low
    exp_r: Array = np.full_like(r, c.exp_taylor[-1])
    for coefficient in c.exp_taylor[-2::-1]:
        exp_r = exp_r * r + coefficient
    result: Array = np.ldexp(exp_r, k.astype(np.int32))
    return result


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
    alif_update(current, z_before, v, a, z, psi, first, constants)
    pseudo_derivative(psi, constants)
    return int(np.count_nonzero(z[first : first + len(v)]))


def presynaptic_trace(pre: Array, eps_v: Array, constants: Array) -> None:
    """Filtered inputs eps_v = alpha eps_v + g_in pre.

    pre: (n_pre,), eps_v: (1 or n_post, n_pre).
    """
    c = constants[0]
    eps_v[:] = c.alpha * eps_v + c.g_in * pre


def eligibility(
    psi: Array, eps_v: Array, eps_a: Array, e_bar: Array, dw: Array, constants: Array
) -> None:
    """Eligibility e = psi (eps_v - beta eps_a), filtered into e_bar; dw sums e_bar over time.

    eps_v: (1 or n_post, n_pre); e_bar, dw: (n_post, n_pre); eps_a: (n_alif, n_pre), of the last
    neurons, for those before are LIF: e = psi eps_v. Exact, eps_a is what e needs at the next time
    step; the authors' code differs in the order of two lines.
    """
    c = constants[0]
    adaptive = slice(len(dw) - len(eps_a), None)
    psi, eps_v = psi[:, None], np.broadcast_to(eps_v, dw.shape)
    decay, gain = c.rho - c.g_a * c.beta * psi[adaptive], c.g_a * psi[adaptive]
    eps_a_next = decay * eps_a + gain * eps_v[adaptive]
    e = psi * eps_v
    if c.exact:
        e[adaptive] = psi[adaptive] * (eps_v[adaptive] - c.beta * eps_a)
        eps_a[:] = eps_a_next
    else:
        eps_a[:] = eps_a_next
        e[adaptive] = psi[adaptive] * (eps_v[adaptive] - c.beta * eps_a)
    e_bar[:] = c.kappa * e_bar + e
    dw += e_bar


def count_spikes(z: Array, spike_count: Array, first: int) -> None:
    """Counts the spikes of a time step. spike_count: (n_post,) int32."""
    spike_count += z[first : first + len(spike_count)]


def output_trace(z: Array, zbar: Array, zbar_sum: Array, first: int, constants: Array) -> None:
    """Filtered spikes zbar = kappa zbar + z, summed over time. zbar, zbar_sum: (n_post,)."""
    c = constants[0]
    zbar[:] = c.kappa * zbar + z[first : first + len(zbar)]
    zbar_sum += zbar


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
        np.fill_diagonal(eps_v_rec[:, first:], 0)
    eligibility(psi, eps_v_in, eps_a_in, e_bar_in, dw_in, constants)
    eligibility(psi, eps_v_rec, eps_a_rec, e_bar_rec, dw_rec, constants)
    output_trace(z, zbar, zbar_sum, first, constants)
    z_before[:] = z
    z[:] = False


def partial_output(w_out: Array, zbar_sum: Array, partial: Array, constants: Array) -> bool:
    """What these neurons add to the time-averaged output, in fixed point.

    w_out: (n_out, n_post), partial: (n_out,) int64. Answers whether every term is a number within
    the range of the fixed point; if not, *partial* means nothing.
    """
    c = constants[0]
    terms = w_out * (zbar_sum * c.per_timestep)
    if not (np.abs(terms) < c.fixed_limit).all():
        return False
    partial[:] = np.rint(terms * c.fixed_one).astype(np.int64).sum(axis=1)
    return True


def softmax(output: Array, pi: Array, constants: Array) -> None:
    """Softmax pi of the output. output: (n_out,) int64 in fixed point, pi: (n_out,)."""
    c = constants[0]
    pi[:] = output
    pi *= c.fixed_step
    pi[:] = exponential(pi - pi.max(), constants)
    total = pi[0]
    for k in range(1, len(pi)):
        total = total + pi[k]
    pi /= total


def learning_signal(b: Array, error: Array, signal: Array, constants: Array) -> None:
    """Learning signal L_j = (1 / T) sum_k B_kj err_k.

    b: (n_out, n_post), error: (n_out,), signal: (n_post,).
    """
    signal[:] = 0
    for k in range(len(error)):
        signal += b[k] * error[k]
    signal *= constants[0].per_timestep


def rate_signal(spike_count: Array, signal: Array, constants: Array) -> None:
    """Adds c_reg (f_j - f_target) to the learning signal; f_j: spikes per time step."""
    c = constants[0]
    rate = spike_count.astype(signal.dtype) * c.per_timestep
    signal += c.rate_weight * (rate - c.rate_target)


def gradient(dw: Array, w: Array, signal: Array, constants: Array) -> None:
    """Gradient dw = L_j sum_t e_bar + 2 l2 w; dw comes as the sum. dw, w: (n_post, n_pre)."""
    dw[:] = signal[:, None] * dw + constants[0].two_l2 * w


def output_gradient(
    dw_out: Array, w_out: Array, error: Array, zbar_sum: Array, constants: Array
) -> None:
    """Gradient dw_out = err_k (1 / T) sum_t zbar_j + 2 l2 w_out. dw_out, w_out: (n_out, n_post)."""
    c = constants[0]
    dw_out[:] = error[:, None] * (zbar_sum * c.per_timestep) + c.two_l2 * w_out


def accumulate(dw: Array, batch: Array, constants: Array) -> None:
    """Adds one sample's share to the mean gradient of a mini-batch. Both are shaped like w."""
    batch += dw * constants[0].per_batch


def adam(w: Array, dw: Array, m: Array, v: Array, rate: float, constants: Array) -> None:
    """Adam: w -= rate m / (sqrt(v) + epsilon); m, v: running means of dw and its square.

    *rate* is lr sqrt(1 - beta2^k) / (1 - beta1^k) in update k, of the network's precision. All
    optimisers take it last but one, and before it the arrays that they keep for each weight.
    """
    c = constants[0]
    m[:] = c.beta1 * m + c.one_less_beta1 * dw
    v[:] = c.beta2 * v + c.one_less_beta2 * (dw * dw)
    w -= rate * m / (np.sqrt(v) + c.epsilon)


def rmsprop(w: Array, dw: Array, v: Array, rate: float, constants: Array) -> None:
    """RMSProp: w -= rate dw / (sqrt(v) + epsilon); v: running mean of the square of dw."""
    c = constants[0]
    v[:] = c.rmsprop_decay * v + c.one_less_rmsprop_decay * (dw * dw)
    w -= rate * dw / (np.sqrt(v) + c.epsilon)


def momentum(w: Array, dw: Array, m: Array, rate: float, constants: Array) -> None:
    """Gradient descent with momentum: m = momentum m + dw;  w -= rate m."""
    m[:] = constants[0].momentum * m + dw
    w -= rate * m


def sgd(w: Array, dw: Array, rate: float, constants: Array) -> None:  # noqa: ARG001 - as the others
    """Gradient descent: w -= rate dw."""
    w -= rate * dw
