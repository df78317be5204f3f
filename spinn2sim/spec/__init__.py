"""What the user asks for."""

from spinn2sim.spec.board import BoardSpec
from spinn2sim.spec.chip import (
    ChipSpec,
    CommsSpec,
    DmaSpec,
    DramSpec,
    EventRouterSpec,
    NocSpec,
    PESpec,
    SramSpec,
)
from spinn2sim.spec.faults import FaultsSpec
from spinn2sim.spec.host import HostSpec
from spinn2sim.spec.loading import dump_scenario, load_scenario, presets
from spinn2sim.spec.power import ChipPower, PowerLevel, PowerSpec
from spinn2sim.spec.provenance import Provenance
from spinn2sim.spec.published import PublishedTraining, load_published
from spinn2sim.spec.scenario import Scenario, WorkloadSpec

__all__ = [
    "BoardSpec",
    "ChipPower",
    "ChipSpec",
    "CommsSpec",
    "DmaSpec",
    "DramSpec",
    "EventRouterSpec",
    "FaultsSpec",
    "HostSpec",
    "NocSpec",
    "PESpec",
    "PowerLevel",
    "PowerSpec",
    "Provenance",
    "PublishedTraining",
    "Scenario",
    "SramSpec",
    "WorkloadSpec",
    "dump_scenario",
    "load_published",
    "load_scenario",
    "presets",
]
