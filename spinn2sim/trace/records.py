"""What a run leaves behind: the vocabulary and the columns of its tables.

Times are ticks of the trace's timebase, counted from the start of the run; a suffix names the unit
of everything else.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Cause(IntEnum):
    """Why a core did nothing."""

    TIMER = 0
    """Asleep until the next time step: slack."""
    SYNC = 1
    """At a barrier: for spikes and sync flags of other PEs."""
    HOST = 2
    """For input that the host has not written yet."""
    DMA = 3
    """For the completion of its own DMA."""
    PACKETS = 4
    """For packets outside of a barrier."""
    SRAM = 5
    """Held up by DMA or the host in the same memory bank, or by a neighbour's SRAM."""
    CLOCK = 6
    """Stopped while its voltage and clock change."""


class Fault(IntEnum):
    """What went wrong, as a scenario asked for; ``amount`` counts in the unit named here."""

    HOST_STALL = 0
    """The host stalled before a refill for this PE; ticks."""
    PE_DEATH = 1
    """The PE stopped for good; 1."""
    DMA_RETRY = 2
    """A DMA transfer of the PE was started again; attempts that failed."""
    DMA_FAILURE = 3
    """A DMA transfer of the PE was given up; transfers."""


class Mishap(IntEnum):
    """What became of packets on a link."""

    LOST = 0
    """They did not arrive."""
    RESENT = 1
    """They arrived with a bit error and were sent again; a packet counts each time."""
    TIMED_OUT = 2
    """They waited for the link too long and were dropped."""


#: What a packet is for: to a receive FIFO, a sync flag of an even or odd barrier, a beat of DMA.
PACKET_KINDS = ("multicast", "flag0", "flag1", "dma")

#: Columns of each table, all int64 but where FLOATS says otherwise.
TABLES: dict[str, tuple[str, ...]] = {
    # One row per PE and time step: released by the timer, started, finished.
    "steps": ("pe", "timestep", "released", "started", "finished"),
    # One row per op of work; what it consists of is told by the rows of its segment.
    "work": ("pe", "timestep", "start", "segment"),
    # Charges of each distinct segment, in order.
    "segments": ("segment", "label", "cycles"),
    # One row per stretch of waiting.
    "waits": ("pe", "timestep", "cause", "start", "stop"),
    # One row per multicast: packets handed to Comms.
    "sends": ("pe", "timestep", "at", "n_packets"),
    # One row per multicast packet without payload.
    "spikes": ("pe", "timestep", "key"),
    # Figures noted by firmware.
    "log": ("pe", "timestep", "name", "value"),
    # One row per half buffer that the host fills.
    "refills": ("pe", "block", "requested", "started", "finished", "n_bytes"),
    # One row per DMA transfer.
    "dma": ("pe", "to", "started", "finished", "n_bytes"),
    # One row per link of the NoC.
    "links": ("link", "n_flits", "queue_peak"),
    # One row per PE: what its Comms and SRAM saw. first_loss is -1 where nothing was lost.
    "pes": (
        "pe",
        "packets_expected",
        "packets_delivered",
        "packets_dropped",
        "packets_overwritten",
        "fifo_peak",
        "first_loss",
        "sram_bytes",
    ),
    # One row per fault that took effect.
    "faults": ("fault", "pe", "at", "amount"),
    # One row per mishap and link that had it: packets, and when the first was.
    "mishaps": ("mishap", "link", "at", "count"),
    # One row per packet and target, if a run records them: the packet's number in the order of
    # sending, its kind by place in PACKET_KINDS, its tag (the key, above it the number of a
    # payload), when Comms was handed it and when it arrived, or -1.
    "packets": ("packet", "source", "target", "kind", "tag", "sent", "arrived"),
    # One row, if DMA went from chip to chip: beats of completed transfers times links crossed.
    "chip_beats": ("n_beats",),
    # One row per block between a PE's SRAM and DRAM (write: to DRAM): asked for, begun by the
    # channel, and complete in its place.
    "dram": ("pe", "write", "requested", "started", "finished", "n_bytes"),
    # One row per change of a PE's performance level, by its place in power.levels.
    "levels": ("pe", "at", "level"),
    # One row per link for which packets waited: when there were first so many as its queue_peak.
    "queue_peaks": ("link", "at"),
    # One row per PE whose receive FIFO held something: when it held first its fifo_peak.
    "fifo_peaks": ("pe", "at"),
    # One row per link that leaves a router: that router's chip on the torus, and place on the chip.
    "routers": ("link", "chip_x", "chip_y", "x", "y"),
}

#: Tables of features that most runs do without: where they are empty, the digest leaves them out.
OCCASIONAL = {"faults", "mishaps", "packets", "chip_beats", "dram", "levels"}

#: Tables that came after digests were published, and tell more of what others tell: no digest has
#: them, so that those of before hold, and files of before are read as if they were empty.
UNDIGESTED = {"queue_peaks", "fifo_peaks", "routers"}

FLOATS = {("log", "value")}


def column_type(table: str, column: str) -> type[np.generic]:
    """The dtype of a column."""
    return np.float64 if (table, column) in FLOATS else np.int64
