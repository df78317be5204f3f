"""Cycle costs of compiled firmware: a Cortex-M4F timing model, and a machine that applies it."""

from spinn2sim.arm.elf import Elf, Labels, load_elf
from spinn2sim.arm.interrupt import InterruptCycles, interrupt_cycles
from spinn2sim.arm.machine import Machine
from spinn2sim.arm.measure import MeasuredTable, Row, measure
from spinn2sim.arm.measurement import Band, HotBlock, Measurement
from spinn2sim.arm.memory import Range, RegisterStub
from spinn2sim.arm.timing import Timing, TimingBand, load_timing

__all__ = [
    "Band",
    "Elf",
    "HotBlock",
    "InterruptCycles",
    "Labels",
    "Machine",
    "MeasuredTable",
    "Measurement",
    "Range",
    "RegisterStub",
    "Row",
    "Timing",
    "TimingBand",
    "interrupt_cycles",
    "load_elf",
    "load_timing",
    "measure",
]
