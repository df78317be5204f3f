"""Outputs of a simulated point: the figures of a summary as flat columns, units in their names."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

from spinn2sim.report import Summary
from spinn2sim.report.ledger import KINDS

Outputs: TypeAlias = dict[str, bool | int | float | str | None]

#: Figures of the summary that are columns under their own names.
PLAIN = (
    "fits",
    "bound_by",
    "verdict",
    "period_cycles",
    "response_cycles",
    "slack_cycles",
    "cycles_per_step",
    "cycles_per_update",
    "update_over_step",
    "multiply_share",
    "sram_bytes_total",
    "sram_bytes_max_pe",
    "sram_bytes_available",
    "n_weights",
    "n_steps",
    "overruns",
    "late_packets",
    "late_inputs",
    "packets_sent",
    "packets_lost",
    "noc_link_utilisation",
    "host_utilisation",
    "simulated_s",
    "digest",
)
#: Groups of the summary, and how the columns of their parts are called.
GROUPS = {
    "utilisation": "utilisation_{}",
    "label_share": "share_{}",
    "waiting_cycles_per_step": "waiting_{}_cycles_per_step",
    "energy_j": "energy_{}_j",
    "ledger": "ledger_{}",
    "log": "log_{}",
}
#: What is made of several figures.
DERIVED = ("response_ms", "power_chip_mw", "power_paper_mw")

#: All names that are known before a run; those of ``label_share`` and ``log`` are the firmware's.
SUMMARY_OUTPUTS = (
    *PLAIN,
    *DERIVED,
    *(f"utilisation_{part}" for part in ("compute", "memory", "noc", "host")),
    *(
        f"waiting_{part}_cycles_per_step"
        for part in ("timer", "sync", "packets", "dma", "host", "sram", "clock")
    ),
    *(f"energy_{model}_j" for model in ("chip", "paper")),
    *(f"ledger_{kind}" for kind in KINDS),
    "share_*",
    "log_*",
)


def summary_outputs(summary: Summary) -> Outputs:
    """The columns of *summary*; a figure that is no number is null."""
    found: Outputs = {name: getattr(summary, name) for name in PLAIN}
    for group, pattern in GROUPS.items():
        for part, value in getattr(summary, group).items():
            found[pattern.format(part)] = value
    found["response_ms"] = 1e3 * summary.response_cycles / summary.clock_hz
    for model, joules in summary.energy_j.items():
        found[f"power_{model}_mw"] = 1e3 * joules / summary.simulated_s
    return {name: _finite(value) for name, value in found.items()}


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
