"""All numbers that the arithmetic uses, as one record of the network's precision.

One record, so that a kernel call stays cheap and a kernel reads ``c.alpha``; and no literal can
turn float32 into float64 on the way. On the chip these are literals of the program, in instruction
SRAM, so they are not part of the data layout.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from firmware_models.eprop.parameters import EpropParameters

#: Fixed point of the output: one is 2**40, so a step is 9.1e-13 ...
FIXED_BITS = 40
#: ... and a sum of magnitude below 2**22 = 4,194,304 is below 2**62, within int64.
FIXED_RANGE = 2.0**22

#: ln 2 to 110 bits.
LN2 = Fraction("0.693147180559945309417232121458176568")


@lru_cache  # the same for all PEs of a run
def program_constants(parameters: EpropParameters, n_timesteps: int) -> NDArray[Any]:
    """(1,) record of *parameters* for samples of *n_timesteps*.

    ``per_timestep`` turns sums over the time steps of a weight update into means.
    """
    constants = parameters.constants()
    sigma, wide = constants.psi_sigma, constants.psi_s * constants.psi_sigma
    peak = constants.psi_gamma / math.sqrt(2 * math.pi)
    values: dict[str, Any] = {
        "alpha": constants.alpha,
        "rho": constants.rho,
        "kappa": constants.kappa,
        "beta": constants.beta,
        "v_th": constants.v_th,
        "g_in": constants.g_in,
        "g_a": constants.g_a,
        "reset_by_threshold": constants.reset == "threshold",
        "exact": constants.eligibility == "exact",
        "zero_diagonal": constants.zero_recurrent_diagonal,
        # centre_rate and side_rate multiply the squares of u and of u -+ offset in the exponents.
        "psi_centre": peak * (1 + constants.psi_h) / sigma,
        "psi_side": peak * constants.psi_h / wide,
        "psi_centre_rate": 1 / (2 * sigma**2),
        "psi_side_rate": 1 / (2 * wide**2),
        "psi_offset": sigma,
        "per_timestep": 1 if parameters.updates_each_timestep else 1 / n_timesteps,
        "two_l2": 2 * parameters.l2,
        "beta1": parameters.beta1,
        "beta2": parameters.beta2,
        "one_less_beta1": 1 - parameters.beta1,
        "one_less_beta2": 1 - parameters.beta2,
        "epsilon": parameters.epsilon,
        "momentum": parameters.momentum,
        "rmsprop_decay": parameters.rmsprop_decay,
        "one_less_rmsprop_decay": 1 - parameters.rmsprop_decay,
        "rate_weight": parameters.rate_weight,
        "rate_target": parameters.rate_target,
        "per_batch": 1 / parameters.batch_size,
        "zero": 0.0,
        "one": 1.0,
        "fixed_one": 2.0**FIXED_BITS,
        "fixed_step": 2.0**-FIXED_BITS,
        "fixed_limit": FIXED_RANGE / parameters.n_rec,
        **_exponential(parameters.precision),
    }
    return _record(values, np.dtype(parameters.precision))


def _exponential(precision: DTypeLike) -> dict[str, Any]:
    """exp(x) = 2**-k exp(r) for x <= 0, with |r| <= ln(2) / 2 and a Taylor polynomial for exp(r).

    The high part of ln 2 has so few bits that its product with any k is exact. x is not let below
    the whole number above which exp(x) is a normal number (-87 and -708): no denormals, never 0.
    """
    limits = np.finfo(precision)
    lowest = math.ceil(math.log(limits.tiny))
    scale = 2 ** (limits.nmant - math.ceil(math.log2(-limits.minexp)))
    high = Fraction(math.floor(LN2 * scale), scale)
    n_terms, largest_term = 1, float(LN2) / 2
    while largest_term > limits.eps / 8:
        n_terms += 1
        largest_term *= float(LN2) / 2 / n_terms
    return {
        "exp_lowest": lowest,
        "log2_e": float(1 / LN2),
        "ln2_high": float(high),
        "ln2_low": float(LN2 - high),
        "exp_taylor": [1 / math.factorial(n) for n in range(n_terms)],
        # Added and subtracted it rounds to a whole number, which the lowest bits of the sum hold.
        "round": 1.5 * 2.0**limits.nmant,
    }


def _record(values: dict[str, Any], precision: np.dtype[Any]) -> NDArray[Any]:
    def kind(value: Any) -> tuple[Any, ...]:
        if isinstance(value, bool):
            return (np.bool_,)
        return (precision, (len(value),)) if isinstance(value, list) else (precision,)

    names = [(name, *kind(value)) for name, value in values.items()]
    record = np.zeros(1, np.dtype((np.record, np.dtype(names, align=True))))
    for name, value in values.items():
        record[name] = value
    return record
