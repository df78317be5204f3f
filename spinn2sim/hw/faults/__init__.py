"""Parts that fail as a scenario asks; a chip without faults is built of none of them."""

from spinn2sim.hw.faults.dma import FaultyDma
from spinn2sim.hw.faults.draws import Draws
from spinn2sim.hw.faults.firmware import FaultyFirmware, afflicted
from spinn2sim.hw.faults.host import LateHost
from spinn2sim.hw.faults.links import link_faults

__all__ = ["Draws", "FaultyDma", "FaultyFirmware", "LateHost", "afflicted", "link_faults"]
