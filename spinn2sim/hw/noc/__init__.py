"""The network-on-chip (NoC): routers and links that carry packets between PEs.

Clocked behaviour with one right answer, computed event by event. Time inside is whole NoC cycles.

**Links** have an occupancy (cycles before the next grant) and a latency (grant to arrival):

========  =============================  =================  =================
kind      from, to                       occupancy          latency
========  =============================  =================  =================
inject    Comms of a PE, its router      ``inject_cycles``  ``inject_cycles``
mesh      router, neighbour router       ``link_cycles``    ``hop_cycles``
eject     router, Comms of a PE          ``eject_cycles``   ``eject_cycles``
========  =============================  =================  =================

**Entry.** A packet (one flit) that Comms is handed at tick t enters the unbounded transmit queue of
the PE's inject link at cycle ceil(t / ticks per cycle) + 1: the synchroniser. Packets that enter in
the same cycle keep the order in which they were sent.

**Routers.** Each incoming link feeds an input port with a FIFO. A packet that arrives forks into
one branch per output link of its multicast tree; each output link has a queue per input port, so
branches to different outputs do not block each other. Routes are XY, x first. Every position in the
bounding box of the QPEs has a router (see ``topology``, also for the order of the ports).

**Cycle** t, in this order:

1. Packets that arrive, or enter a transmit queue, at t do so.
2. Each output link that is free (last grant + occupancy <= t) and has a credit grants one branch:
   round robin over input ports, from the one after the last granted (at first port 0), the oldest
   branch of a port first.
3. That packet arrives downstream at t + latency. With the last branch of a packet its slot in the
   input FIFO is free, usable from t + 1: credits are registered, so the order in which routers are
   visited within a cycle does not matter.

**Capacity** of an input FIFO is ``fifo_flits`` plus the latency of its link, whose pipeline stages
hold flits too. A slot is taken at the grant of the upstream link.

**Delivery.** An RX packet goes into the receive FIFO of its PE (``comms.fifo_events`` deep). If it
is full, *drop* loses the packet and *overwrite* the oldest entry; with *stall* the eject link
grants an RX packet only while there is room for it and for those already on the way: packets behind
it in its input port wait, those of other ports pass. Room that the PE makes at cycle c is for
grants later than c. Sync flags and DMA never wait for the receive FIFO.

**Multicast.** *tree*: one packet per send, forked along the union of the XY paths. *per_qpe*: Comms
sends one packet per destination QPE, in ascending order of QPE, with a mask of its PEs.

**Three computations of it**, behind one interface (``network``): ``hop`` is plain SimPy, hop by
hop, to be read; ``kernels`` takes packets as they come, compiled; ``fast`` takes a whole window of
packets in a memory that is small, compiled, where it can prove that this is exact. ``Noc`` picks
of these two.
"""

from spinn2sim.hw.noc.hop import HopNoc
from spinn2sim.hw.noc.network import Network
from spinn2sim.hw.noc.noc import Noc, PacketKind
from spinn2sim.hw.noc.recorded import RecordedNoc
from spinn2sim.hw.noc.stats import LinkStats, NocStats

__all__ = ["HopNoc", "LinkStats", "Network", "Noc", "NocStats", "PacketKind", "RecordedNoc"]
