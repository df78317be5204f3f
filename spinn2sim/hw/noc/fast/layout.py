"""The pool: the memory of the kernel that takes windows of packets whole. What stands where.

One int64 block, like that of the network (see ``hw.noc.layout``), and a fraction of its size: a
packet in a router is one number, and so are a fork of a multicast tree, a set of links, and what
waits for up to four links.
"""

from __future__ import annotations

from typing import NamedTuple

from spinn2sim.hw.noc.layout import Address

#: First row of the pool: what is found of the window; where the others begin is in ``Places``.
(
    START,  # cycle of the first entry
    END,  # cycle of the last delivery
    LIMIT,  # cycle up to which no PE acts on the network
    BROKEN,  # certificate, as its place in the counts; 0: none
    N_ARRIVALS,  # rows used in the table of arrivals
    PLACES,
) = range(6)


class Places(NamedTuple):
    """Where the rows of the pool begin and how many there are, in the pool from PLACES on."""

    ports: Address
    links: Address
    """Links to routers, by number: those of PEs, then four for each quad of them."""
    n_links: int
    first_quad: int
    """Number of the first link that is in a quad."""
    n_pe: int
    ejects: Address
    """PEs and the links to them, by number: four for each quad."""
    n_ejects: int
    link_quads: Address
    eject_quads: Address
    quad_fields: int
    wheel: Address
    """By cycle modulo its length: sets of links at whose end a flit arrives, of links that are to
    grant, and of eject links that are.
    """
    wheel_mask: int
    n_words: int
    """Of a set of links."""
    n_eject_words: int
    """Of a set of eject links."""
    pending: Address
    """Set of links, then of eject links, that are in the wheel to grant."""
    freed: Address
    """Ports of which a slot became free in this cycle."""
    eject_cycles: int
    """Occupancy of an eject link."""
    eject_latency: int
    is_impatient: int
    """1: packets may not wait for ever, so none may wait for a slot."""


POOL_FIELDS = PLACES + len(Places._fields)

#: A link that leads to a router.
(
    FREE_AT,  # cycle
    TO_PORT,  # row of the port that it feeds
    LATENCY,
    OCCUPANCY,
    EXTRA_BEAT_CYCLES,
    N_FLITS,  # granted in this window
    N_WAITING,  # of an inject link
    LINK,  # in the block of the network; NONE: there is none
    PEAK_AT,  # cycle in which so many as ever waited first in this window, or NONE
    PLACE,  # of a link that leaves a router: among all of those
    PEAK_WAITING,  # of an inject link, like what follows
    NEXT_OUT,  # packet to be granted next
    NEXT_IN,  # packet to enter the transmit queue next
    EJECT,  # row of the eject link of the same PE
    LINK_FIELDS,
) = (*range(14), 16)

#: A PE and its eject link, which begins like any.
(
    NEXT_PLACE,  # where the next entry of its receive FIFO goes
    STOP_PLACE,  # where it cannot go: the ring ends there, or is full
    SEEN,  # four kinds: packets counted, and the cycle of the last, after START
    PE,  # in the block of the network
    N_BEATS,  # of DMA that came in this window
    FIRED_AT,  # cycle, or NONE
    EJECT_FIELDS,
) = (1, 2, 3, 9, 10, 11, 16)

#: Of SEEN, lowest: packets, counted so that with FIRES_AT the PE has all that it waits for.
SEEN_BITS, FIRES_AT = 24, 1 << 23
SEEN_MASK = (1 << SEEN_BITS) - 1

#: After START, of which SEEN can tell each.
MOST_CYCLES = 1 << 63 - SEEN_BITS

#: Up to four links that leave one router: what is true of each is a lane of a number.
(
    PORTS,  # of that router
    FIRST,  # number of the first link
    WAITED_AT,  # by link, ports at which packets wait: bit by bit
    GRANTED,  # by link, port that was granted last
    ALL_WAITING,  # by link, packets that wait
    ALL_PEAKS,  # by link, the most that have waited
    WAITING,  # by port: by link, slots whose flits are to take it, bit by bit
) = range(7)
LANES, LANE_SHIFT, LANE_BITS = 4, 2, 16
QUAD_MASK, LANE_MASK = (1 << LANES) - 1, (1 << LANE_BITS) - 1

#: The lowest bit of each lane, and the highest, as a signed number. What to multiply four bits by
#: to spread them over the lanes, and one bit in each lane by to gather them in the highest one.
LOWEST = 0x0001_0001_0001_0001
HIGHEST = (LOWEST << LANE_BITS - 1) - (1 << 64)
SPREAD = 1 | 1 << 15 | 1 << 30 | 1 << 45
GATHER = 1 << 3 | 1 << 18 | 1 << 33 | 1 << 48

#: The most that a lane counts.
MOST_WAITING = LANE_MASK >> 1

#: An input port of a router. Its slots are used in turn: the oldest is the first from HEAD on.
(
    HEAD,  # slot that is taken next
    ARRIVING,  # slot whose flit arrives next
    CREDITS,
    ALL_CREDITS,  # what CREDITS are between windows
    FEEDER,  # number of the link that feeds it
    NUMBER,  # of the port
    LINK_QUADS,  # of its router
    EJECT_QUADS,
    SLOTS,
    PORT_FIELDS,
) = (*range(9), 25)
N_SLOTS = LANE_BITS
SLOT_MASK = N_SLOTS - 1

#: What a slot holds is one number, 0 if nothing. Lowest bits first: branches that have not left,
#: the fork at which the flit is or to which it goes, the kind of the packet, the packet.
BRANCH_BITS, FORK_BITS, KIND_BITS, PACKET_BITS = 6, 28, 2, 26
BRANCH_MASK, FORK_MASK, KIND_MASK = ((1 << n) - 1 for n in (BRANCH_BITS, FORK_BITS, KIND_BITS))
KIND_SHIFT = BRANCH_BITS + FORK_BITS
PACKET_SHIFT = KIND_SHIFT + KIND_BITS

#: A fork of a multicast tree is one number. Lowest bits first: which of the PEs at its router it
#: reaches and which of the links it takes, bit by bit; how many both are; where the fork behind the
#: first of those links stands, before those behind the others. Trees share what they have in
#: common.
PE_SET_BITS, LINK_SET_BITS = 14, 12
PE_SET_MASK, LINK_SET_MASK = (1 << PE_SET_BITS) - 1, (1 << LINK_SET_BITS) - 1
LINK_SET_SHIFT = PE_SET_BITS
N_BRANCHES_SHIFT = LINK_SET_SHIFT + LINK_SET_BITS
ONWARD_SHIFT = N_BRANCHES_SHIFT + BRANCH_BITS

#: Members of a set in one number of it.
WORD_SHIFT = 6
WORD_BITS = 1 << WORD_SHIFT
WORD_MASK = WORD_BITS - 1

#: Counts: windows left to the other kernel, and done; how many are to be left without a try, and
#: how many that was last: a failure makes the next ones unlikely to succeed. Then why those were
#: left: which certificate they broke, or no room to record arrivals, or not tried.
(
    LEFT,
    DONE,
    TO_SKIP,
    LAST_SKIP,
    NOT_CLOSED,
    INPUT_FIFO,
    RECEIVE_FIFO,
    NO_RECORD,
    NOT_TRIED,
    COUNT_FIELDS,
) = range(10)

#: At most so many are left without a try.
MOST_SKIPPED = 63
