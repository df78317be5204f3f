"""The plan and the pool of the kernel that takes windows link by link: what stands where."""

from __future__ import annotations

#: The plan: what does not change, then the links (addresses) in order of crossing; of length 0 if
#: they have none.
FIRST_LINK, N_LINKS, MOST_NODES, PLAN_FIELDS = range(4)

#: How a window ended; the counts of windows, by these numbers.
LEFT, DONE = range(2)

#: Instead of a number of reports: the pool is too small.
NO_POOL = -3

#: In the pool: a link,
(
    FREE_AT,
    GRANTED_PORT,
    PEAK_WAITING,
    N_FLITS,
    FIRST_GRANTED,  # crossing
    LINK_FIELDS,
) = range(6)
#: a PE,
(
    N_HELD,
    PEAK_HELD,
    N_OF_KIND,  # four kinds
    LATEST,  # four kinds
    N_DELIVERED,
    FIRED_AT,
    PE_FIELDS,
) = (0, 1, 2, 6, 10, 11, 12)
#: and a crossing.
(
    ARRIVED,  # cycle in which it came to the link
    NODE,
    FLIT,  # as it was handed to Comms: says what it carries
    PARENT,  # its crossing of the link before
    GRANTED,
    FREED,  # cycle in which the last of its branches has left the router that it led to
    BEHIND,  # in its queue
    GRANTED_NEXT,  # on its link
    CROSSING_FIELDS,
) = range(9)
