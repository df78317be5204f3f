"""What happened, and when."""

from spinn2sim.trace.files import load_trace, save_trace
from spinn2sim.trace.recorder import Recorder
from spinn2sim.trace.records import Cause
from spinn2sim.trace.trace import Trace

__all__ = ["Cause", "Recorder", "Trace", "load_trace", "save_trace"]
