"""The network and its training, as the simulated firmware has them."""

from __future__ import annotations

from typing import Any, get_args

from experiments.paper import runs
from firmware_models.eprop.parameters import EpropParameters
from spinn2sim import simulate
from spinn2sim.claims import Found
from spinn2sim.feasibility import N_TIMED, noise
from spinn2sim.report.memory import memory
from spinn2sim.validated import validate
from spinn2sim.workload import FeatureSettings
from spinn2sim.workload.silence import N_SILENCE


def shape(preset: str) -> str:
    """Inputs, recurrent and readout neurons, PEs and time steps of a run."""
    trace, summary = runs.trace(preset), runs.summary(preset)
    sizes = trace.meta["sizes"][0]
    step_ms = trace.meta["scenario"]["timestep"] / 1e6
    pes = "1 PE" if summary.n_pe == 1 else f"{summary.n_pe} PEs"
    network = "/".join(str(sizes[symbol]) for symbol in ("I", "R", "O"))
    return f"{network}, {pes}, {summary.n_steps} x {step_ms:g} ms"


def n_weights() -> int:
    """Elements of the weight arrays of all PEs."""
    return runs.summary().n_weights


def precision() -> Found:
    """The type of the arrays with one entry or more for each synapse."""
    rows = memory(runs.trace()).rows
    n_own = runs.trace().meta["sizes"][0]["L"]
    per_synapse = {row.dtype for row in rows if len(row.shape) > 1 and n_own in row.shape}
    others = sorted({f"{row.name} {row.dtype}" for row in rows if row.dtype not in per_synapse})
    return Found(", ".join(sorted(per_synapse)), f"others: {', '.join(others)}")


def kinds_of_neuron() -> Found:
    """How many of ALIF, LIF and a mix of both (LSNN) run on the simulated machine."""
    n_rec = parameters().n_rec
    kinds = {"ALIF": 0, "LSNN": n_rec // 2, "LIF": n_rec}
    ran = [name for name, n_lif in kinds.items() if _runs(n_lif=n_lif)]
    return Found(len(ran), ", ".join(ran))


def kinds_of_feedback() -> Found:
    """How many kinds of feedback weights run."""
    kinds = get_args(EpropParameters.model_fields["feedback"].annotation)
    ran = [kind for kind in kinds if _runs(feedback=kind)]
    return Found(len(ran), ", ".join(ran))


def parameters() -> EpropParameters:
    """Of the paper's network, defaults included."""
    return validate(EpropParameters, runs.scenario().parameters, "parameters")


def parameter(*, name: str) -> Any:
    """One of them."""
    value = getattr(parameters(), name)
    return value if isinstance(value, str) else float(value)


def n_classes() -> int:
    """Classes of the embedded speech."""
    return len(runs.speech().classes)


def inputs_by_order() -> str:
    """N_in for each order of derivatives."""
    return "/".join(str(FeatureSettings(derivative_orders=order).n_in) for order in (0, 1, 2))


def frames_per_second() -> int:
    """Time steps that a second of audio has become."""
    return int(runs.speech().samples[0].values.shape[0])


def feature_settings() -> str:
    """Window, hop and mel bands."""
    settings = FeatureSettings()
    return f"{settings.window_samples}/{settings.hop_samples}, {settings.n_mels} bands"


def silent_clips() -> str:
    """Cuts of noise in the train and validation splits of the whole data set."""
    return "/".join(str(N_SILENCE[split]) for split in ("train", "validation"))


def data_set_gb(*, n_samples: int) -> float:
    """GB of the features of *n_samples* utterances, float32."""
    return n_samples * runs.speech().samples[0].values.nbytes / 1e9


def _runs(**changes: object) -> bool:
    wanted = runs.scenario()
    wanted = wanted.with_changes(parameters={**wanted.parameters, **changes})
    return simulate(wanted, noise(wanted, N_TIMED)).n_pe == wanted.n_pe
