"""What happened, and when."""

from spinn2sim.trace.files import load_trace, save_trace
from spinn2sim.trace.recorder import Recorder, frozen_trace, in_order_of_first
from spinn2sim.trace.records import PACKET_KINDS, TABLES, Cause, Fault, Mishap, column_type
from spinn2sim.trace.trace import Trace
from spinn2sim.trace.window_counts import WindowCounts

__all__ = [
    "PACKET_KINDS",
    "TABLES",
    "Cause",
    "Fault",
    "Mishap",
    "Recorder",
    "Trace",
    "WindowCounts",
    "column_type",
    "frozen_trace",
    "in_order_of_first",
    "load_trace",
    "save_trace",
]
