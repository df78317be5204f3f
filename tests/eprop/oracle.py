"""The network as automatic differentiation sees it, written from its equations.

E-prop's gradient is that of this forward pass with some of its paths cut (``detach``). It shares no
arithmetic with the firmware: only the values of the constants come from there.
"""

# ruff: noqa: ARG001, ARG005 - autograd hands every argument to every rule

import autograd.numpy as np
from autograd import grad
from autograd.extend import defvjp, primitive

MATRICES = ("w_in", "w_rec", "w_out")


@primitive
def detach(value):
    return value + 0.0


defvjp(detach, lambda _, value: lambda g: np.zeros(np.shape(value)))


def surrogate(u, constants):
    def normal(mean, sd):
        return np.exp(-((u - mean) ** 2) / (2 * sd**2)) / (np.sqrt(2 * np.pi) * sd)

    sigma, h, wide = constants.psi_sigma, constants.psi_h, constants.psi_s * constants.psi_sigma
    sides = normal(sigma, wide) + normal(-sigma, wide)
    return constants.psi_gamma * ((1 + h) * normal(0, sigma) - h * sides)


@primitive
def spike(u, constants):
    return (u > 0).astype(np.float64)


defvjp(spike, lambda _, u, constants: lambda g: g * surrogate(u, constants), argnums=(0,))


#: The readout with its backward weights replaced by the feedback.
@primitive
def readout(w_out, zbar, feedback):
    return w_out @ zbar


defvjp(
    readout,
    lambda _, w_out, zbar, feedback: lambda g: np.outer(g, zbar),
    lambda _, w_out, zbar, feedback: lambda g: feedback.T @ g,
    argnums=(0, 1),
)


#: The paths that e-prop cuts and backpropagation through time follows.
CUT = ("spike in recurrence", "spike in reset", "threshold in reset")


def forward(weights, x, parameters, feedback, departures):
    """The time-averaged output and all spikes; *departures* are the rules that are broken."""
    constants = parameters.constants()
    w_in, w_rec, w_out = weights
    beta = constants.beta * (np.arange(len(w_rec)) >= parameters.n_lif)
    alpha, rho, kappa = (
        np.exp(-1 / tau) for tau in (constants.tau_m, constants.tau_a, constants.tau_out)
    )
    g_in = 1 - alpha if constants.input_gain == "complement" else 1.0
    g_a = 1 - rho if constants.adaptation_gain == "complement" else 1.0

    def cut(path, value):
        return value if path in departures else detach(value)

    def keep(path, value):
        return detach(value) if path in departures else value

    v = a = z = zbar = np.zeros(len(w_rec))
    y, spikes = 0.0, []
    for x_t in x:
        a = rho * a + g_a * keep("spike in adaptation", z)
        threshold = constants.v_th + beta * a
        by_threshold = constants.reset == "threshold"
        reset = cut("threshold in reset", threshold) if by_threshold else constants.v_th
        current = w_in @ x_t + w_rec @ cut("spike in recurrence", z)
        v = alpha * v + g_in * current - cut("spike in reset", z) * reset
        z = spike(v - threshold, constants)
        zbar = kappa * zbar + z
        y = y + (w_out @ zbar if feedback is None else readout(w_out, zbar, feedback))
        spikes.append(z)
    return y / len(x), spikes


def loss(weights, x, target, parameters, *, feedback=None, departures=()):
    y, _ = forward(weights, x, parameters, feedback, departures)
    log_pi = y[target] - np.log(np.sum(np.exp(y)))
    return -log_pi + parameters.l2 * sum(np.sum(w**2) for w in weights)


def gradients(weights, x, target, parameters, *, feedback=None, departures=()):
    """dw_in, dw_rec, dw_out for *weights* in that order; no feedback is symmetric feedback."""
    if feedback is not None:
        feedback = np.array(feedback, np.float64)
    weights = tuple(np.array(w, np.float64) for w in weights)
    x = np.array(x, np.float64)
    return grad(loss)(weights, x, target, parameters, feedback=feedback, departures=departures)


def spikes_of(weights, x, parameters):
    """(n_timesteps, n_rec) in float64."""
    weights = tuple(np.array(w, np.float64) for w in weights)
    return np.array(forward(weights, np.array(x, np.float64), parameters, None, ())[1]) > 0
