"""The arithmetic of ``reference``, compiled: the same functions, the same bits, no temporaries.

Shapes and contracts are documented there. No fast-math: a contracted or reordered sum would change
a last bit, and one such bit reaches every weight after one update.
"""

# ruff: noqa: PLR0917 - kernels take arrays, and by position is how numba takes them fast

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

Array = NDArray[Any]

compiled = njit(cache=True, error_model="numpy", boundscheck=False, fastmath=False)

#: For what is called in a loop: constants leave the loop, and the loop becomes vector instructions.
inlined = njit(cache=True, error_model="numpy", boundscheck=False, fastmath=False, forceinline=True)


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
    current: Array,
    z_before: Array,
    v: Array,
    a: Array,
    z: Array,
    psi: Array,
    first: int,
    constants: Array,
) -> None:
    """One time step of the leaky integrate-and-fire neurons."""
    z_before, z, n = z_before[first : first + len(v)], z[first : first + len(v)], len(v) - len(a)
    _lif(current[:n], z_before[:n], v[:n], z[:n], psi[:n], constants)
    _alif(current[n:], z_before[n:], v[n:], a, z[n:], psi[n:], constants)


@inlined
def _lif(current: Array, z_before: Array, v: Array, z: Array, psi: Array, constants: Array) -> None:
    c = constants[0]
    for j in range(len(v)):
        v[j] = c.alpha * v[j] + c.g_in * current[j] - z_before[j] * c.v_th
        psi[j] = v[j] - c.v_th
        z[j] = psi[j] > c.zero


@inlined
def _alif(
    current: Array, z_before: Array, v: Array, a: Array, z: Array, psi: Array, constants: Array
) -> None:
    # Few arrays in a loop, and no constants: the compiler gives up if many could overlap.
    c = constants[0]
    alpha, rho, beta, g_in, g_a, v_th, zero = c.alpha, c.rho, c.beta, c.g_in, c.g_a, c.v_th, c.zero
    for j in range(len(v)):
        a[j] = rho * a[j] + g_a * z_before[j]
        psi[j] = v_th + beta * a[j]  # the threshold, for now
    if c.reset_by_threshold:
        for j in range(len(v)):
            v[j] = alpha * v[j] + g_in * current[j] - z_before[j] * psi[j]
    else:
        for j in range(len(v)):
            v[j] = alpha * v[j] + g_in * current[j] - z_before[j] * v_th
    for j in range(len(v)):
        psi[j] = v[j] - psi[j]
        z[j] = psi[j] > zero


@compiled
def pseudo_derivative(psi: Array, constants: Array) -> None:
    """Surrogate derivative psi(u) in place of u."""
    c = constants[0]
    for j in range(len(psi)):
        u = psi[j]
        left, right = u - c.psi_offset, u + c.psi_offset
        psi_j = c.psi_centre * _exponential(-(u * u) * c.psi_centre_rate, c)
        psi_j -= c.psi_side * _exponential(-(left * left) * c.psi_side_rate, c)
        psi[j] = psi_j - c.psi_side * _exponential(-(right * right) * c.psi_side_rate, c)


@compiled
def exponential(x: Array, constants: Array) -> Array:
    """exp(x) for x <= 0."""
    result = np.empty_like(x)
    for i in range(len(x)):
        result[i] = _exponential(x[i], constants[0])
    return result


@inlined
def _exponential(x: float, c: Any) -> float:
    """exp(x) without branch, table or call, so that a loop over it becomes vector instructions."""
    # Adding and taking away a large number rounds to a whole one, and leaves it in the lowest bits.
    bounded = x if x > c.exp_lowest else c.exp_lowest  # noqa: FURB136 - a nan counts as the lowest
    rounded = bounded * c.log2_e + c.round
    k = rounded - c.round
    r = bounded - k * c.ln2_high - k * c.ln2_low
    last = len(c.exp_taylor) - 1
    exp_r = c.exp_taylor[last]
    for n in range(1, last + 1):
        exp_r = exp_r * r + c.exp_taylor[last - n]
    power: float = _two_to_the_lowest_bits(rounded)  # type: ignore[call-arg]  # numba's own form
    return exp_r * power


@intrinsic
def _two_to_the_lowest_bits(_context: Any, number: Any) -> Any:
    """2**k of a float whose lowest bits hold k, as its exponent: k + bias in place."""
    n_bits = number.bitwidth
    precision = np.finfo(f"float{n_bits}")

    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        integer = context.get_value_type(types.Integer.from_bitwidth(n_bits, signed=True))
        bits = builder.bitcast(arguments[0], integer)
        exponent = builder.add(bits, integer(1 - precision.minexp))
        power = builder.shl(exponent, integer(precision.nmant))
        return builder.bitcast(power, arguments[0].type)

    return number(number), generate


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
    alif_update(current, z_before, v, a, z, psi, first, constants)
    pseudo_derivative(psi, constants)
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
    n_lif = len(psi) - len(eps_a)
    for j in range(len(psi)):
        row = eps_v[min(j, len(eps_v) - 1)]
        if j < n_lif:
            lif_eligibility(psi[j], row, e_bar[j], dw[j], constants)
        else:
            alif_eligibility(psi[j], row, eps_a[j - n_lif], e_bar[j], dw[j], constants)


@inlined
def lif_eligibility(psi: float, eps_v: Array, e_bar: Array, dw: Array, constants: Array) -> None:
    """A time step of the row of a LIF neuron."""
    c = constants[0]
    for i in range(len(eps_v)):
        e_bar[i] = c.kappa * e_bar[i] + psi * eps_v[i]
        dw[i] += e_bar[i]


@inlined
def alif_eligibility(
    psi: float, eps_v: Array, eps_a: Array, e_bar: Array, dw: Array, constants: Array
) -> None:
    """A time step of the row of an ALIF neuron."""
    c = constants[0]
    decay, gain = c.rho - c.g_a * c.beta * psi, c.g_a * psi
    if c.exact:
        for i in range(len(eps_v)):
            e = psi * (eps_v[i] - c.beta * eps_a[i])
            eps_a[i] = decay * eps_a[i] + gain * eps_v[i]
            e_bar[i] = c.kappa * e_bar[i] + e
            dw[i] += e_bar[i]
    else:
        for i in range(len(eps_v)):
            eps_a[i] = decay * eps_a[i] + gain * eps_v[i]
            e = psi * (eps_v[i] - c.beta * eps_a[i])
            e_bar[i] = c.kappa * e_bar[i] + e
            dw[i] += e_bar[i]


@compiled
def count_spikes(z: Array, spike_count: Array, first: int) -> None:
    """Counts the spikes of a time step."""
    for j in range(len(spike_count)):
        spike_count[j] += z[first + j]


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
def rate_signal(spike_count: Array, signal: Array, constants: Array) -> None:
    """Adds c_reg (f_j - f_target) to the learning signal."""
    c = constants[0]
    for j in range(len(signal)):
        rate = signal.dtype.type(spike_count[j]) * c.per_timestep
        signal[j] += c.rate_weight * (rate - c.rate_target)


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
def accumulate(dw: Array, batch: Array, constants: Array) -> None:
    """Adds the share of one sample to the mean gradient of a mini-batch."""
    c = constants[0]
    for j in range(dw.shape[0]):
        for i in range(dw.shape[1]):
            batch[j, i] += dw[j, i] * c.per_batch


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


@compiled
def rmsprop(w: Array, dw: Array, v: Array, rate: float, constants: Array) -> None:
    """RMSProp: w -= rate dw / (sqrt(v) + epsilon)."""
    c = constants[0]
    for j in range(w.shape[0]):
        for i in range(w.shape[1]):
            g = dw[j, i]
            v[j, i] = c.rmsprop_decay * v[j, i] + c.one_less_rmsprop_decay * (g * g)
            w[j, i] -= rate * g / (np.sqrt(v[j, i]) + c.epsilon)


@compiled
def momentum(w: Array, dw: Array, m: Array, rate: float, constants: Array) -> None:
    """Gradient descent with momentum: w -= rate m."""
    c = constants[0]
    for j in range(w.shape[0]):
        for i in range(w.shape[1]):
            m[j, i] = c.momentum * m[j, i] + dw[j, i]
            w[j, i] -= rate * m[j, i]


@compiled
def sgd(w: Array, dw: Array, rate: float, constants: Array) -> None:  # noqa: ARG001 - as the others
    """Gradient descent: w -= rate dw."""
    for j in range(w.shape[0]):
        for i in range(w.shape[1]):
            w[j, i] -= rate * dw[j, i]
