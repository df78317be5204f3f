"""The pool: the memory of the kernel that takes windows of packets whole. What stands where.

One int64 block, like that of the network (see ``hw.noc.layout``), a fraction of its size: a packet
in a router is one number, and so are a queue of packets, a set of links and a set of PEs.
"""

from __future__ import annotations

from typing import NamedTuple

from spinn2sim.hw.noc.layout import Address

#: First row of the pool: what is found of the window; where the others begin is in ``Places``.
(
    END,  # cycle of the last delivery
    BROKEN,  # certificate, as its place in the counts; 0: none
    LIMIT,  # cycle up to which no PE acts on the network
    N_ARRIVALS,  # rows used in the table of arrivals
    PLACES,
) = range(5)


class Places(NamedTuple):
    """Where the rows of the pool begin and how many there are, in the pool from PLACES on."""

    links: Address
    """All links but those to PEs, by number."""
    link_fields: int
    """Of a row, with its queues."""
    n_links: int
    pes: Address
    pe_fields: int
    n_pe: int
    n_ports: int
    """Of a router."""
    wheel: Address
    """By cycle modulo its length: sets of links at whose end a flit arrives, of links that are to
    grant, and of PEs whose eject links are.
    """
    wheel_mask: int
    n_words: int
    """Of a set of links."""
    n_pe_words: int
    """Of a set of PEs."""
    pending: Address
    """Set of links, then of PEs, that are to grant."""
    freed: Address
    """Slots that became free in this cycle, as addresses."""
    first_link: Address
    """In the block of the network."""
    eject_cycles: int
    """Occupancy of an eject link."""
    eject_latency: int


POOL_FIELDS = PLACES + len(Places._fields)

#: A link that leads to a router.
(
    FREE_AT,  # cycle
    WAITED_AT,  # ports at which packets wait: bit by bit
    GRANTED_PORT,  # last one
    N_WAITING,
    PEAK_WAITING,
    SLOTS,  # of the first port of the router that it leaves
    FREE_SLOTS,  # at the port that it feeds, bit by bit
    PIPELINE,  # queue of the slots to which the flits on it go
    OCCUPANCY,
    LATENCY,
    TO_SLOTS,  # of the port that it feeds
    TO_PORT,
    N_FLITS,  # granted in this window
    EXTRA_BEAT_CYCLES,
    PEAK_AT,  # cycle in which so many as PEAK_WAITING waited first in this window, or NONE
    ALL_SLOTS,  # what FREE_SLOTS is between windows
    IS_DEEP,  # 1: to run out of FREE_SLOTS breaks a certificate
    QUEUES,  # by port, the slots whose flits are to take this link
) = range(18)

#: The transmit queue of an inject link: the packets to be granted, and to enter, next.
NEXT_OUT, NEXT_IN, INJECT_QUEUES = QUEUES, QUEUES + 1, 2

#: A PE and its eject link, which begins like any.
(
    NEXT_PLACE,  # where the next entry of its receive FIFO goes
    STOP_PLACE,  # where it cannot go: the ring ends there, or is full
    N_OF_KIND,  # four kinds
    LATEST,  # four kinds
    PE_PEAK_AT,
    N_BEATS,  # of DMA that came in this window
    FIRED_AT,  # cycle, or NONE
    PE_QUEUES,
) = (6, 7, 8, 12, *range(16, 20))

#: A port of a router: number of the link that feeds it, then its slots.
FEEDER, PORT_FIELDS = 0, 16

#: Slots of a port, counted from 1. A queue of slots is one number: 4 bits for each, the next one
#: lowest.
MOST_SLOTS, SLOT_BITS = PORT_FIELDS - 1, 4

#: What a slot holds is one number. Lowest bits first: branches that have not left, the fork at which
#: the flit is or to which it goes, the packet.
BRANCH_BITS, FORK_BITS, PACKET_BITS = 7, 30, 26

#: A fork of a multicast tree: behind a link. Forks behind the links taken next follow each other.
(
    TAKES,  # lowest bits first: PEs, from the first one on, bit by bit; first of them; that link
    ONWARD,  # lowest bits first: branches, how many of them are forks, the first of those
    FORK_FIELDS,
) = range(3)
PE_SET_BITS, PE_BITS = 14, 24

#: Ports of a router that two copies of WAITED_AT in one number can tell.
MOST_PORTS = 31

#: Members of a set in one number of it.
WORD_SHIFT = 6
WORD_BITS = 1 << WORD_SHIFT

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
