"""The e-prop network as one writes it for automatic differentiation, with e-prop's cuts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd.numpy as np
from autograd import grad
from autograd.extend import defvjp, primitive

from firmware_models.eprop.constants import Constants


@primitive
def detach(value: Any) -> Any:
    """*value*, through which no derivative passes."""
    return value + 0.0


defvjp(detach, lambda _, value: lambda g: np.zeros(np.shape(value)))  # noqa: ARG005 - of any g


def surrogate(u: Any, c: Constants) -> Any:
    """psi(u)."""

    def normal(mean: float, sd: float) -> Any:
        return np.exp(-((u - mean) ** 2) / (2 * sd**2)) / (np.sqrt(2 * np.pi) * sd)

    sigma, wide = c.psi_sigma, c.psi_s * c.psi_sigma
    sides = normal(sigma, wide) + normal(-sigma, wide)
    return c.psi_gamma * ((1 + c.psi_h) * normal(0, sigma) - c.psi_h * sides)


@primitive
def spike(u: Any, c: Constants) -> Any:  # noqa: ARG001 - the derivative takes it
    """Whether u is above 0; its derivative is the surrogate."""
    return (u > 0).astype(float)


defvjp(spike, lambda _, u, c: lambda g: g * surrogate(u, c), argnums=(0,))


def gradient_of(c: Constants) -> Callable[..., Any]:
    """A function of (weights, x, target) that gives dw_in, dw_rec and dw_out."""

    def loss(weights: Any, x: Any, target: int) -> Any:
        w_in, w_rec, w_out = weights
        v = a = z = zbar = np.zeros(len(w_rec))
        y = 0.0
        for x_t in x:
            a = c.rho * a + c.g_a * z
            threshold = c.v_th + c.beta * a
            reset = detach(z) * (detach(threshold) if c.reset == "threshold" else c.v_th)
            v = c.alpha * v + c.g_in * (w_in @ x_t + w_rec @ detach(z)) - reset
            z = spike(v - threshold, c)
            zbar = c.kappa * zbar + z
            y = y + w_out @ zbar
        y = y / len(x)
        return np.log(np.sum(np.exp(y))) - y[target]

    return grad(loss)
