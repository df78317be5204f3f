"""Reports: read a Trace, never hardware; values first, rendering apart."""

from spinn2sim.report.energy import Energy, energy
from spinn2sim.report.fall_backs import fall_backs
from spinn2sim.report.memory import Memory, memory
from spinn2sim.report.notes import notes
from spinn2sim.report.profile import FunctionCycles, clock_profile
from spinn2sim.report.realtime import RealTime, real_time
from spinn2sim.report.summary import Summary, summarise
from spinn2sim.report.traffic import Traffic, traffic

__all__ = [
    "Energy",
    "FunctionCycles",
    "Memory",
    "RealTime",
    "Summary",
    "Traffic",
    "clock_profile",
    "energy",
    "fall_backs",
    "memory",
    "notes",
    "real_time",
    "summarise",
    "traffic",
]
