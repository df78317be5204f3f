"""What a scenario may say of the e-prop network. A field that is given wins over the named set."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from firmware_models.eprop.arrays import Optimiser, matrices_of, names_of
from firmware_models.eprop.constants import (
    PARAMETER_SETS,
    Constants,
    Eligibility,
    Gain,
    ParameterSet,
    Reset,
)
from spinn2sim.firmware import FirmwareParameters
from spinn2sim.validated import nearest


def _no_truth_value(value: object) -> object:
    """*value*, unless it is a truth value, which Python takes for 0 or 1."""
    if isinstance(value, bool):
        raise ValueError("expected a number")  # noqa: TRY004 - pydantic takes ValueError only
    return value


_NUMBER = BeforeValidator(_no_truth_value)
Size = Annotated[int, Field(ge=1), _NUMBER]
Count = Annotated[int, Field(ge=0), _NUMBER]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False), _NUMBER]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False), _NUMBER]
Fraction = Annotated[float, Field(ge=0, lt=1), _NUMBER]
Share = Annotated[float, Field(gt=0, le=1), _NUMBER]


def _interval(value: object) -> object:
    if value == "timestep" or (type(value) is int and value >= 1):
        return value
    raise ValueError("expected 1 or more samples, or 'timestep'")


Interval = Annotated[int | Literal["timestep"], BeforeValidator(_interval)]


class EpropParameters(FirmwareParameters):
    """Size, constants and learning rule. Paper: Front. Neurosci. 16:1018006 (2022)."""

    n_in: Size = 80
    """Input channels (paper: 40, 80 or 120 log-mel features)."""
    n_rec: Size = 120
    """Recurrent neurons (paper)."""
    n_lif: Count = 0
    """How many of them, the first ones, are LIF: without adaptation of the threshold. The others
    are ALIF. n_rec or more make a LIF network, fewer an LSNN (paper: evaluated, but ALIF used)."""
    n_out: Size = 12
    """Readout neurons (paper: 12 classes)."""

    parameter_set: ParameterSet = "authors"
    """Constants of the authors' code; the same with the exact gradient; or those of the text."""
    tau_m: Positive | None = None
    """Time constant of the membrane, time steps. 5 in text and code."""
    tau_a: Positive | None = None
    """Time constant of the adaptation, time steps. 150 in text and code."""
    tau_out: Positive | None = None
    """Time constant of readout and trace filter, time steps. 10 in the code, not in the text."""
    v_th: Positive | None = None
    """Threshold at rest. 0.01 in the text; the code runs 1.6."""
    beta: NotNegative | None = None
    """Strength of the adaptation of the threshold. 0.184 in text and code; 0 is a LIF neuron."""
    psi_gamma: Positive | None = None
    """Scale of the pseudo-derivative. 0.5 in the code; the text has none, which is 1."""
    psi_sigma: Positive | None = None
    """Width of its central Gaussian, in units of v. 0.5 in text and code."""
    psi_h: NotNegative | None = None
    """Height of its two negative Gaussians. 0.15 in text and code."""
    psi_s: Positive | None = None
    """Their width in units of ``psi_sigma``. 6 in text and code."""
    reset: Reset | None = None
    """What a spike subtracts from v: ``v_th`` (text) or the adapted ``threshold`` A_t (code)."""
    input_gain: Gain | None = None
    """What a current is multiplied by: ``one`` or the ``complement`` 1 - alpha (code)."""
    adaptation_gain: Gain | None = None
    """What a spike adds to the adaptation: ``one`` or the ``complement`` 1 - rho (code)."""
    eligibility: Eligibility | None = None
    """``exact``, or as the ``authors`` code has it: eps_a one time step early."""
    zero_recurrent_diagonal: bool | None = None
    """No eligibility for a neuron's synapse onto itself (code). The forward pass keeps W_jj."""

    division: Literal["synapse", "neuron"] = "synapse"
    """Who does what: each PE all synapses onto its neurons (the paper's choice), or a PE for each
    kind of neuron (its alternative; 3 or more PEs)."""
    feedback: Literal["symmetric", "random", "adaptive"] = "symmetric"
    """Weights B of the learning signal: W_out itself; drawn once; or drawn and learning what W_out
    learns, where ``l2`` is the decay of both. The paper names all three and uses the first."""
    optimiser: Optimiser = "adam"
    """What turns gradients into weights (paper: Adam, out of these four)."""
    learning_rate: Positive = 0.001
    """At the start (paper: chosen out of 0.01, 0.0003, 0.001 for Adam)."""
    beta1: Fraction = 0.9
    """Decay of Adam's first moment (its authors' default)."""
    beta2: Fraction = 0.999
    """Decay of Adam's second moment (its authors' default)."""
    epsilon: Positive = 1e-5
    """Added to the root of the mean square in Adam, outside of its bias correction (code), and in
    RMSProp."""
    momentum: Fraction = 0.9
    """Share of the last step that the momentum optimiser keeps (the usual value)."""
    rmsprop_decay: Fraction = 0.9
    """Decay of RMSProp's mean square (its author's value)."""
    decay: Share = 1.0
    """What the learning rate is multiplied by, each ``decay_every`` samples."""
    decay_every: Count = 0
    """Samples between two steps of the learning rate; 0 leaves it as it is."""
    update_every: Interval = 1
    """Samples to a weight update, which follows their mean gradient; a last, incomplete batch is
    not learned. Or ``timestep``: each time step has a loss and an update of its own."""
    l2: NotNegative = 0.05e-5
    """Weight of the sum of squares of all weights in the loss (paper: its final run)."""
    rate_weight: NotNegative = 0.0
    """c_reg: c_reg (f_j - f_target) is added to the learning signal of neuron j; 0 is off (paper:
    tried, not used)."""
    rate_target: Share = 0.1
    """f_target, spikes per time step; f_j is the mean over this sample. Our choice."""

    cost_table: str = "paper"
    """Cycle costs: a table in ``firmware_models/eprop/costs``, or the path of a YAML file."""
    far: tuple[str, ...] = ()
    """Matrices in the SRAM of an idle PE of the QPE: ``w dw eps_v eps_a e_bar m v`` for those of
    input and recurrent synapses, or one of them as ``m_rec``. m and v are Adam's moments."""
    bfloat16: tuple[str, ...] = ()
    """Matrices, named as in ``far``, that are kept in 16 bit: 8 of exponent, 7 of fraction."""
    float16: tuple[str, ...] = ()
    """Matrices, named as in ``far``, that are kept in 16 bit: 5 of exponent, 10 of fraction."""
    units: tuple[str, ...] = ()
    """Hardware that takes functions over from the core: a name in
    ``firmware_models/eprop/costs/units``, or the path of a YAML file. It changes no number."""
    precision: Literal["float32", "float64"] = "float32"
    """float32 as on the chip. float64 exists to check the arithmetic against oracles: the ARM core
    has no such hardware, and neither memory nor costs of a float64 run mean anything."""

    def constants(self) -> Constants:
        """The named set with the given fields in place of its own."""
        chosen = {field.name: getattr(self, field.name) for field in fields(Constants)}
        given = {name: value for name, value in chosen.items() if value is not None}
        return replace(PARAMETER_SETS[self.parameter_set], **given)

    @property
    def updates_each_timestep(self) -> bool:
        """Whether the weights change within a sample."""
        return self.update_every == "timestep"

    @property
    def batch_size(self) -> int:
        """Gradients that a weight update follows the mean of."""
        return 1 if self.update_every == "timestep" else self.update_every

    @property
    def far_matrices(self) -> frozenset[str]:
        """Those in the SRAM of another PE."""
        return names_of(self.far)

    @property
    def half_matrices(self) -> dict[str, str]:
        """Those kept in 16 bit, with their type."""
        return {
            **dict.fromkeys(sorted(names_of(self.bfloat16)), "bfloat16"),
            **dict.fromkeys(sorted(names_of(self.float16)), "float16"),
        }

    def approximations(self) -> tuple[str, ...]:
        """Why the gradient is not the one that e-prop's derivation gives; empty if it is."""
        constants = self.constants()
        reasons = {
            "update_every: eligibilities hold what older weights did": self.updates_each_timestep,
            "eligibility: eps_a is one time step early": constants.eligibility == "authors",
            "zero_recurrent_diagonal: the diagonal of w_rec has no gradient": (
                constants.zero_recurrent_diagonal
            ),
            "rate_weight: the rate acts through the filtered eligibility": self.rate_weight > 0,
            "bfloat16, float16: numbers are rounded as they are stored": bool(self.half_matrices),
        }
        return tuple(reason for reason, applies in reasons.items() if applies)

    @model_validator(mode="after")
    def _matrices_exist_and_have_one_type(self) -> Self:
        letters = matrices_of(self.optimiser)
        known = [*letters, *(name for names in letters.values() for name in names)]
        for field in ("far", "bfloat16", "float16"):
            for name in getattr(self, field):
                if name not in known:
                    problem = f"{field}: the program has no matrix {name!r} to choose"
                    raise ValueError(f"{problem}{nearest(name, known)}")
        if both := sorted(names_of(self.bfloat16) & names_of(self.float16)):
            raise ValueError(f"{both[0]} cannot be bfloat16 and float16; name it in one of them")
        if self.precision != "float32" and self.half_matrices:
            raise ValueError("matrices of 16 bit need precision: float32")
        return self

    @model_validator(mode="after")
    def _rates_are_of_whole_samples(self) -> Self:
        if self.updates_each_timestep and self.rate_weight:
            raise ValueError(
                f"rate_weight = {self.rate_weight:g}: the rate of a sample is not known at "
                f"update_every: timestep; set rate_weight to 0"
            )
        return self
