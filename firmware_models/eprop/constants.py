"""The network's constants, and the three sets of them that have a name.

Paper: Rostami et al., Front. Neurosci. 16:1018006 (2022). Its text and its authors' public code
differ; what neither states is our choice and is marked so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

Reset: TypeAlias = Literal["v_th", "threshold"]
Gain: TypeAlias = Literal["one", "complement"]
Eligibility: TypeAlias = Literal["exact", "authors"]
ParameterSet: TypeAlias = Literal["authors", "authors-exact", "paper-text"]


@dataclass(frozen=True, slots=True)
class Constants:
    """Constants of the neuron, the surrogate and the traces. ``EpropParameters`` explains each."""

    tau_m: float
    tau_a: float
    tau_out: float
    v_th: float
    beta: float
    psi_gamma: float
    psi_sigma: float
    psi_h: float
    psi_s: float
    reset: Reset
    input_gain: Gain
    adaptation_gain: Gain
    eligibility: Eligibility
    zero_recurrent_diagonal: bool

    @property
    def alpha(self) -> float:
        """Decay of the membrane potential in a time step."""
        return math.exp(-1 / self.tau_m)

    @property
    def rho(self) -> float:
        """Decay of the adaptation in a time step."""
        return math.exp(-1 / self.tau_a)

    @property
    def kappa(self) -> float:
        """Decay of the filtered traces, and leak of the readout: one constant for both."""
        return math.exp(-1 / self.tau_out)

    @property
    def g_in(self) -> float:
        """What a unit of current adds to the membrane potential."""
        return 1.0 if self.input_gain == "one" else 1 - self.alpha

    @property
    def g_a(self) -> float:
        """What a spike adds to the adaptation."""
        return 1.0 if self.adaptation_gain == "one" else 1 - self.rho


AUTHORS = Constants(
    tau_m=5.0,
    tau_a=150.0,
    tau_out=10.0,
    v_th=1.6,
    beta=0.184,
    psi_gamma=0.5,
    psi_sigma=0.5,
    psi_h=0.15,
    psi_s=6.0,
    reset="threshold",
    input_gain="complement",
    adaptation_gain="complement",
    eligibility="authors",
    zero_recurrent_diagonal=True,
)

PARAMETER_SETS: dict[ParameterSet, Constants] = {
    # What the authors' code runs: its v_th flag of 0.01 is not read, 1.6 is.
    "authors": AUTHORS,
    # The same network with the gradient that e-prop's derivation gives, diagonal included.
    "authors-exact": replace(AUTHORS, eligibility="exact", zero_recurrent_diagonal=False),
    # Text: tau_m, tau_a (units unstated, read as time steps), v_th, beta, psi without a gamma, the
    # reset. Our choice where it is silent: tau_out as in the code, gains of one, whole diagonal.
    "paper-text": replace(
        AUTHORS,
        v_th=0.01,
        psi_gamma=1.0,
        reset="v_th",
        input_gain="one",
        adaptation_gain="one",
        eligibility="exact",
        zero_recurrent_diagonal=False,
    ),
}
