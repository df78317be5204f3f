"""Power and energy of a training by the two models of ``report.energy``.

``paper`` is the paper's estimate, microwatts per megahertz and core; ``chip`` the whole chip with
its baseline, by measurements published later. Time is that of the simulated machine.
"""

from __future__ import annotations

from experiments.paper import runs, timing
from spinn2sim.claims import Found

#: The clock of the paper's figure for a core, and that of the chip at the same voltage.
CLOCKS = {"paper": "100MHz", "chip": "150MHz"}


def power_mw(*, model: str) -> Found:
    """Of 12 PEs that run the paper's network on the final chip."""
    found = runs.summary(runs.PAPER, f"chip.pe.clock={CLOCKS[model]}", machine=runs.CHIP)
    note = f"at {found.clock_hz / 1e6:g} MHz"
    return Found(1e3 * found.energy_j[model] / found.simulated_s, note)


def training_kj(*, model: str, n_samples: int, epochs: int) -> Found:
    """Of a whole training."""
    power = power_mw(model=model)
    seconds = timing.epoch_hours(n_samples=n_samples, epochs=epochs) * timing.HOUR_S
    return Found(float(power.value) * 1e-6 * seconds, f"{power.value:.1f} mW {power.note}")


def times_less_than_gpu(*, model: str, n_samples: int, epochs: int, gpu_kj: float) -> float:
    """The *gpu_kj* of the paper's GPU by ours."""
    return gpu_kj / float(training_kj(model=model, n_samples=n_samples, epochs=epochs).value)
