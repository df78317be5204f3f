"""What the user asks for."""

from spinn2sim.spec.board import BoardSpec
from spinn2sim.spec.chip import (
    ChipSpec,
    CommsSpec,
    DmaSpec,
    EventRouterSpec,
    NocSpec,
    PESpec,
    SramSpec,
)
from spinn2sim.spec.host import HostSpec, PowerLevel, PowerSpec
from spinn2sim.spec.loading import dump_scenario, load_scenario, presets
from spinn2sim.spec.provenance import Provenance
from spinn2sim.spec.scenario import Scenario, WorkloadSpec

__all__ = [
    "BoardSpec",
    "ChipSpec",
    "CommsSpec",
    "DmaSpec",
    "EventRouterSpec",
    "HostSpec",
    "NocSpec",
    "PESpec",
    "PowerLevel",
    "PowerSpec",
    "Provenance",
    "Scenario",
    "SramSpec",
    "WorkloadSpec",
    "dump_scenario",
    "load_scenario",
    "presets",
]
