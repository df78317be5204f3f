"""Backpropagation through time: the gradient that the paper's competitor learns with.

Nothing is detached. Where e-prop cuts the path of a spike into later time steps, here the error
flows back through all three: z_{t-1} in W_rec z_{t-1}, z_{t-1} in the reset, and A_t in the reset
(where R = A_t). The surrogate derivative psi is the same, and so are forward model, loss and
optimiser. The recurrent diagonal has its gradient, whatever e-prop does with it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware_models.eprop.network_slice import NetworkSlice
from firmware_models.eprop.parameters import EpropParameters
from spinn2sim.errors import SpecError

Array = NDArray[Any]


def check_loss(parameters: EpropParameters) -> None:
    """Refuse what is no gradient of a loss on the time-averaged output.

    :raises SpecError: *parameters* ask for such learning.
    """
    problems = {
        f"feedback = {parameters.feedback!r}: bptt is symmetric": (
            parameters.feedback != "symmetric"
        ),
        f"rate_weight = {parameters.rate_weight:g}: e-prop's rule for rates is no loss; set 0": (
            parameters.rate_weight > 0
        ),
        "update_every = 'timestep': bptt needs the whole sample": parameters.updates_each_timestep,
    }
    if found := tuple(problem for problem, applies in problems.items() if applies):
        raise SpecError("form bptt", found)


def backpropagate(net: NetworkSlice, x: Array, z: Array, psi: Array) -> None:
    """The gradient of a sample, from ``state.error``, into dw_in, dw_rec and dw_out.

    x: (n_timesteps, n_in); z, 0 or 1, and psi: (n_timesteps, n_rec) of all neurons.
    """
    state, c = net.state, net.constants[0]
    z_before = np.vstack([np.zeros_like(z[:1]), z[:-1]])
    dv = _potentials(net, z_before, psi)
    state.dw_in[:] = c.g_in * (dv.T @ x) + c.two_l2 * state.w_in
    state.dw_rec[:] = c.g_in * (dv.T @ z_before) + c.two_l2 * state.w_rec
    state.dw_out[:] = (
        np.outer(state.error, state.zbar_sum * c.per_timestep) + c.two_l2 * state.w_out
    )


def _potentials(net: NetworkSlice, z_before: Array, psi: Array) -> Array:
    """Derivatives of the loss by v_t, (n_timesteps, n_rec), backwards in time."""
    state, c = net.state, net.constants[0]
    beta = np.full_like(psi[0], c.beta)
    beta[: len(beta) - len(state.a)] = 0
    reset = _resets(z_before, beta, net.constants)
    through_output = state.w_out.T @ state.error * c.per_timestep
    dv = np.empty_like(psi)
    weight, dz_later = c.zero, np.zeros_like(psi[0])
    dv_later, da_later = np.zeros_like(psi[0]), np.zeros_like(psi[0])
    for t in range(len(psi) - 1, -1, -1):
        weight = c.kappa * weight + c.one
        du = psi[t] * (weight * through_output + dz_later)
        dv[t] = du + c.alpha * dv_later
        by_threshold = z_before[t] * dv[t] if c.reset_by_threshold else 0
        da = c.rho * da_later - beta * (du + by_threshold)
        dz_later = c.g_in * (state.w_rec.T @ dv[t]) - reset[t] * dv[t] + c.g_a * da
        dv_later, da_later = dv[t], da
    return dv


def _resets(z_before: Array, beta: Array, constants: Array) -> Array:
    """What a spike of the time step before subtracts from v, (n_timesteps, n_rec)."""
    c = constants[0]
    reset = np.full_like(z_before, c.v_th)
    if c.reset_by_threshold:
        a = np.zeros_like(z_before[0])
        for t, spikes in enumerate(z_before):
            a = c.rho * a + c.g_a * spikes
            reset[t] += beta * a
    return reset
