"""Sweeps that tests share: small networks, quick points, and stand-ins for slow fidelities."""

from pathlib import Path

import yaml

from spinn2sim import load_scenario
from spinn2sim.explore.plan import make_plan
from spinn2sim.explore.point import Answer
from spinn2sim.explore.sweep_file import make_sweep

BASE = {"preset": "paper-1pe", "machine": "spinnaker2"}


def content(**changes):
    """A sweep of six quick checks."""
    grid = {"chip.pe.clock": ["65MHz", "150MHz"], "parameters.n_rec": [4, 8, 12]}
    return {"name": "small", "base": BASE, "axes": [{"grid": grid}], **changes}


def plan(**changes):
    return make_plan(*make_sweep(content(**changes), "sweep"), "sweep")


def write(path: Path, **changes) -> Path:
    path.write_text(yaml.safe_dump(content(**changes)))
    return path


def scenario(*overrides):
    return load_scenario(preset="paper-1pe", machine="spinnaker2", overrides=overrides)


def answer(key, *, status="done", error="", lasting=True, wall_s=0.1, fidelity="check", **outputs):
    return Answer(key, fidelity, status, error, lasting, wall_s, outputs)
