"""The machine's timing for programs that are known beforehand, in one compiled call."""

from spinn2sim.hw.replay.programs import Programs
from spinn2sim.hw.replay.replay import Again, Happenings, replay

__all__ = ["Again", "Happenings", "Programs", "replay"]
