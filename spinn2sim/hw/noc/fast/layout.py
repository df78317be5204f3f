"""The plan and the pool of the kernel that takes windows link by link: what stands where."""

from __future__ import annotations

#: The plan: what does not change, then the links (addresses) in order of crossing; of length 0 if
#: they have none. N_LINKS links follow.
FIRST_LINK, N_LINKS, MOST_NODES, PLAN_FIELDS = range(4)

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

#: Instead of a number of reports: the pool is too small.
NO_POOL = -3

#: In the pool: a link,
(
    FREE_AT,
    GRANTED_PORT,
    PEAK_WAITING,
    N_FLITS,
    FIRST_GRANTED,  # crossing
    PEAK_BY,  # cycle of the grant before which so many as PEAK_WAITING were seen first
    LINK_FIELDS,
) = range(7)
#: a PE,
(
    N_HELD,
    PEAK_HELD,
    N_OF_KIND,  # four kinds
    LATEST,  # four kinds
    N_DELIVERED,
    FIRED_AT,
    PEAK_HELD_AT,  # cycle, if PEAK_HELD is a new one
    PE_FIELDS,
) = (0, 1, 2, 6, *range(10, 14))
#: and a crossing.
(
    ARRIVED,  # cycle in which it came to the link
    NODE,
    PACKET,  # as it was handed to Comms: says what it carries
    PARENT,  # its crossing of the link before
    GRANTED,
    FREED,  # cycle in which the last of its branches has left the router that it led to
    BEHIND,  # in its queue
    GRANTED_NEXT,  # on its link
    CROSSING_FIELDS,
) = range(9)
