"""The contract that firmware models are written against."""

from spinn2sim.firmware.contract import (
    FarCycles,
    Firmware,
    FirmwareClass,
    FirmwareParameters,
    PEContext,
    WorkloadShape,
)
from spinn2sim.firmware.cost import CostTable, CostTerm, load_cost_table
from spinn2sim.firmware.layout import SramLayout, Variable
from spinn2sim.firmware.levels import Levels, Policy
from spinn2sim.firmware.ops import Charge, Frame, Inbox, Op, Program

__all__ = [
    "Charge",
    "CostTable",
    "CostTerm",
    "FarCycles",
    "Firmware",
    "FirmwareClass",
    "FirmwareParameters",
    "Frame",
    "Inbox",
    "Levels",
    "Op",
    "PEContext",
    "Policy",
    "Program",
    "SramLayout",
    "Variable",
    "WorkloadShape",
    "load_cost_table",
]
