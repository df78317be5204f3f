"""The pool: the memory of the kernel that takes windows of packets whole. What stands where.

One int64 block, like that of the network (see ``hw.noc.layout``), a fraction of its size: a packet
in a router is one number, and so is a queue of packets.
"""

from __future__ import annotations

from typing import NamedTuple

from spinn2sim.hw.noc.layout import Address

#: First row of the pool: where the others begin, then what is found of the window.
(
    LINKS,
    LINK_FIELDS,  # of a row, with its queues
    N_LINKS,
    N_PE,
    FIRST_EJECT,  # number of the eject link of the first PE
    PES,
    WHEEL,
    WHEEL_MASK,
    N_WORDS,
    FREED,  # slots that became free in this cycle: addresses of their numbers
    FIRST_LINK,  # address in the block of the network
    END,  # cycle of the last delivery
    N_ARRIVALS,  # rows used in the table of arrivals
    BROKEN,  # certificate, as its place in the counts; 0: none
    LIMIT,  # cycle up to which no PE acts on the network
    POOL_FIELDS,
) = range(16)

#: A link. Its number is its place among all links; an eject link has neither slots nor a pipeline.
(
    FREE_AT,  # cycle
    WAITED_AT,  # ports at which packets wait: bit by bit
    GRANTED_PORT,  # last one
    N_WAITING,
    IS_PENDING,  # 1: in the wheel
    N_FLITS,  # granted in this window
    OCCUPANCY,
    SLOTS,  # of the first port of the router that it leaves
    FREE_SLOTS,  # at the port that it feeds, bit by bit; of an eject link one, always
    ALL_SLOTS,  # what FREE_SLOTS is between windows
    PIPELINE,  # queue of the slots to which the flits on it go
    LATENCY,
    TO_SLOTS,  # of the port that it feeds
    TO_PORT,
    PEAK_WAITING,
    PEAK_AT,  # cycle in which so many as PEAK_WAITING waited first in this window, or NONE
    IS_DEEP,  # 1: to run out of FREE_SLOTS breaks a certificate
    QUEUES,  # by port, the slots whose flits are to take this link; an inject link has packets:
) = range(18)

#: The transmit queue of an inject link: the next packets to be granted, and to enter, by BEHIND.
NEXT_OUT, NEXT_IN, INJECT_QUEUES = QUEUES, QUEUES + 1, 2

#: A port of a router: number of the link that feeds it, then its slots.
FEEDER, PORT_FIELDS = 0, 16

#: Slots of a port, counted from 1. A queue of slots is one number: 4 bits for each, the next one
#: lowest.
MOST_SLOTS, SLOT_BITS = PORT_FIELDS - 1, 4

#: What a slot holds is one number. Lowest bits first: branches that have not left, then the node of
#: the tree whose link the flit has come by, or its first child once it has arrived; then the packet.
BRANCH_BITS, NODE_BITS = 7, 30
PACKET_BITS = 63 - BRANCH_BITS - NODE_BITS

#: A PE.
(
    N_HELD,
    NEXT_PLACE,  # where the next entry of its receive FIFO goes
    PEAK_HELD,
    PEAK_HELD_AT,  # cycle, if PEAK_HELD is a new one
    N_DELIVERED,
    FIRED_AT,  # cycle, or NONE
    N_OF_KIND,  # four kinds
    LATEST,  # four kinds
    PE_FIELDS,
) = (0, 1, 2, 3, 4, 5, 6, 10, 14)

#: Links per word of the wheel.
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


class Places(NamedTuple):
    """Where the rows of the pool begin, at hand for the compiled loops."""

    links: Address
    link_fields: int
    n_links: int
    n_pe: int
    first_eject: int
    pes: Address
    wheel: Address
    wheel_mask: int
    n_words: int
    freed: Address
    first_link: Address
