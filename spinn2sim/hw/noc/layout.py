"""The block of memory that holds a NoC: what stands where.

All state is one int64 block, because the dispatch of a compiled function costs time per array
argument. A row (a link, a flit, ...) is known by its address, the index in the block at which it
begins, and its fields by their place in the row: ``noc[link + FREE_AT]``. The block begins with one
row of its own, whose fields need no address: ``noc[CYCLE]``.
"""

from __future__ import annotations

from typing import Protocol, TypeAlias, overload

Address: TypeAlias = int


class Block(Protocol):
    """A one-dimensional int64 array, seen by its single numbers."""

    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, address: Address, /) -> int: ...
    @overload
    def __getitem__(self, addresses: slice, /) -> Block: ...
    def __setitem__(self, address: Address, number: int, /) -> None: ...


NONE = -1
NO_ROOM = -2
#: In N_BRANCHES of a packet on a link: it will not arrive.
LOST = -3
#: Later than any cycle.
NEVER = 1 << 62

RX, FLAG0, FLAG1, DMA = range(4)
DROP, OVERWRITE, STALL = range(3)

#: First row of the block: state of the whole, then what stays as it is.
(
    CYCLE,  # being processed, or the last one that was
    DELIVERED,  # cycle of the latest delivery, which may be ahead of CYCLE in ``advance``
    N_REACHED,  # PEs in the wheel
    N_EVENTS,  # flits, PEs and links in the wheel
    NEXT_ENTRY,  # least of the cycles of ENTRIES
    N_FIRED,  # watches satisfied but not yet reported
    ALL_WAIT,  # 1: all PEs waited for the same when the first of those was satisfied
    LIMIT,  # cycle up to which the events do not depend on what is reported, or NEVER
    FREE_PACKET,  # first of the list of unused packets
    N_FREE_PACKETS,
    FREE_FLIT,  # first of the list of unused flits
    N_FREE_FLITS,
    N_ARRIVALS,  # rows used in the table of arrivals
    MAX_ARRIVALS,  # rows it has; NONE: arrivals are not recorded
    ARRIVALS,
    TICKS_PER_CYCLE,
    CYCLE_UNITS,  # units in a NoC cycle; what is called a cycle here is a unit
    EDGES,  # 1: links have clocks with other periods than 1
    RECHECK,  # cycles after which a link looks again for packets that have waited too long, or NONE
    FAULTY,  # 1: packets may be lost or sent again
    MAX_RESENDS,
    N_LOST,  # deliveries that were due from packets lost on links
    N_TIMED_OUT,  # deliveries that were due from packets dropped after waiting
    FIFO_EVENTS,
    OVERFLOW,  # DROP, OVERWRITE or STALL
    MOST_BRANCHES,  # a flit forks into
    ENTRIES,  # what ENTERS_AT says of all PEs, one behind the other
    PES,  # first one; all PEs follow each other
    END_OF_PES,
    WHEEL,  # lists of what happens in a cycle, by cycle modulo the (power of two) number of rows
    WHEEL_MASK,
    SCRATCH,  # where numbers go that nobody wants
    NOC_FIELDS,
) = range(33)

#: A link.
(
    TO_PE,  # NONE unless an eject link
    PENDING,  # 1: in the wheel
    NEXT_LINK,  # in the wheel
    WAITED_AT,  # ports at which packets wait: bit by bit, if there are not more than MOST_BITS
    GRANTED_PORT,  # last one
    FREE_AT,  # cycle
    QUEUES,  # one per input port of the router that it leaves
    FLIT_MASK,  # bits of a branch that waits for it which are the flit; NONE: packets wait
    N_WAITING,
    PEAK_WAITING,
    N_FLITS,  # granted so far
    OCCUPANCY,
    LATENCY,
    CREDITS,  # free slots downstream, with those freed in this cycle
    FREED_AT,  # cycle in which a slot was freed last
    N_FREED,  # slots freed in it
    TO_PORT,  # input port that it feeds at the next router
    N_QUEUES,
    EXTRA_BEAT_CYCLES,  # more of its occupancy after a beat of DMA
    PERIOD,  # of its clock
    PATIENCE,  # cycles that a packet heads a queue after this link before it is dropped, or NONE
    ENDS,  # by queue, the cycle at which its first packet is dropped, or NEVER
    CHECKING,  # 1: in the wheel, to look for packets that have waited too long
    NEXT_CHECKING,  # in the wheel
    DROPPED,  # packets that waited for this link too long
    FIRST_DROPPED,  # cycle, or NONE
    SALT,  # of the faults of this link
    LOSS,  # of a packet, as a share of HASH_RANGE
    ERROR,  # on the way of a packet that is no beat of DMA, as a share of HASH_RANGE
    BEAT_ERROR,  # on the way of a beat
    RESENT,  # packets sent again
    FIRST_RESENT,  # cycle, or NONE
    LOST_PACKETS,
    FIRST_LOST,  # cycle, or NONE
    PEAK_AT,  # cycle in which so many as PEAK_WAITING waited first, or NONE
    LINK_FIELDS,
) = range(36)

#: Ports of a router that WAITED_AT can tell: bits of a number above zero.
MOST_BITS = 62

#: Hashes are from 0 to this.
HASH_RANGE = 1 << 62

#: First number of a packet, flit or branch: the next one in its queue, in the wheel or unused.
BEHIND = 0

#: A first-in-first-out list of branches, or of packets. TAIL is where the next one is to be noted:
#: the last one's BEHIND, or HEAD.
HEAD, TAIL, QUEUE_FIELDS = range(3)

#: A packet: handed to Comms, then in the transmit queue.
(
    TAG,
    KIND,
    PARITY,
    SOURCE,  # PE
    NODE,  # of the multicast tree: says the link
    N_BRANCHES,  # none
    ENTRY,  # cycle in which it enters the transmit queue
    PACKET_FIELDS,
) = range(1, 9)

#: What a PE gets of a packet: TAG to SOURCE.
CARRIED_FIELDS = SOURCE + 1 - TAG

#: A flit: a copy of a packet on a link, or in the router behind it, where it holds a slot until all
#: its branches are granted. Begins like a packet. A branch is a number, BEHIND, in the queue of the
#: link that it is to take; rows of flits begin at multiples of a power of two, so a branch says the
#: flit (FLIT_MASK of the link).
(
    CAME_BY,  # link
    BRANCHES,  # as many as a router has links; not used on a link
) = (PACKET_FIELDS - 1, PACKET_FIELDS)

#: A node of a multicast tree: a link, and those to take next, its children, which are consecutive
#: nodes. One number for all three, the lowest bits first: the address of the link, that of the
#: first child and the number of children. How often a tree was sent stands before its first root.
LINK_BITS, CHILDREN_BITS = 26, 30
MOST_CHILDREN = (1 << (63 - LINK_BITS - CHILDREN_BITS)) - 1
N_SENT = -1

#: Behind each root: where the pool has the fork behind it (see ``fast.layout``).
FORK, ROOT_FIELDS = 1, 2

#: A PE, beginning with its four counters.
(
    LATEST,  # cycle of the latest delivery counted, four kinds
    WATCHED,  # kind, or NONE
    THRESHOLD,
    N_DELIVERED,
    COMING,  # CARRIED_FIELDS of the packet on the eject link: there is one at most
    NEXT_REACHED,  # PE, in the wheel
    N_HELD,
    PEAK_HELD,
    FIFO,  # receive FIFO: a ring of FIFO_EVENTS entries, each 2 * tag + parity
    OLDEST,  # its place in the ring
    GRACE,  # cycles after its watch is satisfied in which the PE does nothing to the network
    FIRED_AT,  # cycle, or NONE
    INJECT,  # its links
    EJECT,
    HANDED,  # queue of packets that have not yet entered the transmit queue, by ENTRY
    ENTERS_AT,  # where the cycle is in which the first of them does, or NEVER
    N_DROPPED,
    N_OVERWRITTEN,
    FIRST_LOSS,  # cycle, or NONE
    PEAK_HELD_AT,  # cycle in which so many as PEAK_HELD were held first, or NONE
    PE_FIELDS,
) = (4, *range(8, 12), *range(15, 31))

#: A cycle to come: flits that arrive, PEs that are reached, links to arbitrate, or to look at.
ARRIVING, REACHED, ARBITRATING, TO_CHECK, CYCLE_FIELDS = range(5)

#: What ``serve`` is asked for. A SEND is followed by its tags; a WATCH is PE, kind, threshold and
#: grace.
SEND, WATCH = range(2)
(
    SENDER,
    ROOT,
    N_ROOTS,
    SENT_KIND,
    SENT_PARITY,
    TICK,
    SPACING,
    N_TAGS,
    SEND_FIELDS,
) = range(1, 10)
WATCH_FIELDS = 5

#: A recorded delivery: tag, PE, cycle.
ARRIVAL_FIELDS = 3
