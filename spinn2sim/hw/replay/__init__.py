"""The machine's timing for programs that are known beforehand, in one compiled call."""

from spinn2sim.hw.replay.networks import Networks
from spinn2sim.hw.replay.programs import Programs
from spinn2sim.hw.replay.replay import Happenings, replay

__all__ = ["Happenings", "Networks", "Programs", "replay"]
