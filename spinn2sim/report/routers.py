"""The routers: what their links forwarded, kept waiting and lost, added up router by router.

A link is of the router that it leaves. What waits in Comms of a PE is of no router, so the inject
links are missing here. An event router is part of the mesh router in its place, the first one if it
takes several. Runs of older versions do not say where their links are, and have none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from spinn2sim.report.peaks import seconds_since_release
from spinn2sim.report.traffic import LinkLoad, traffic
from spinn2sim.trace import Mishap, Trace

#: A mishap's rows of the trace: link, tick of the first, packets.
Mishaps = dict[Mishap, dict[int, tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class RouterLoad:
    """One router; seconds are from the release of time step 0, null where there was nothing."""

    chip: tuple[int, int]
    """On the torus of chips; (0, 0) without a board."""
    position: tuple[int, int]
    """On the chip."""
    n_links: int
    """That leave it."""
    n_flits: int
    """Forwarded: packets granted on these links, each on each."""
    queue_peak: int
    """Of the longest queue of one of them."""
    queue_peak_s: float | None
    """When the first of them was so long."""
    utilisation: float
    """Of its busiest link."""
    n_lost: int
    first_lost_s: float | None
    n_resent: int
    first_resent_s: float | None
    n_timed_out: int
    """Dropped: they could not go on."""
    first_timed_out_s: float | None

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)


def routers(trace: Trace) -> tuple[RouterLoad, ...]:
    """Each router that a link leaves, by chip and position."""
    columns = [column.tolist() for column in trace.tables["routers"].values()]
    links: dict[tuple[int, int, int, int], list[int]] = {}
    for link, *place in zip(*columns, strict=True):
        x, y, *position = place
        links.setdefault((x, y, *position), []).append(link)
    loads = dict(zip(trace.tables["links"]["link"].tolist(), traffic(trace).links, strict=True))
    mishaps = _mishaps(trace)
    return tuple(
        _router(trace, place, [loads[link] for link in links[place]], links[place], mishaps)
        for place in sorted(links)
    )


def router_name(router: RouterLoad, *, on_board: bool) -> str:
    """By its position, on a board with that of its chip."""
    x, y = router.position
    chip_x, chip_y = router.chip
    return f"chip ({chip_x},{chip_y}) ({x},{y})" if on_board else f"({x},{y})"


def _router(
    trace: Trace,
    place: tuple[int, int, int, int],
    loads: Sequence[LinkLoad],
    links: Sequence[int],
    mishaps: Mishaps,
) -> RouterLoad:
    peak = max(load.queue_peak for load in loads)
    dated = [load.queue_peak_s for load in loads if load.queue_peak == peak]
    n_lost, first_lost = _added(trace, links, mishaps[Mishap.LOST])
    n_resent, first_resent = _added(trace, links, mishaps[Mishap.RESENT])
    n_timed_out, first_timed_out = _added(trace, links, mishaps[Mishap.TIMED_OUT])
    return RouterLoad(
        chip=place[:2],
        position=place[2:],
        n_links=len(loads),
        n_flits=sum(load.n_flits for load in loads),
        queue_peak=peak,
        queue_peak_s=min((at for at in dated if at is not None), default=None),
        utilisation=max(load.utilisation for load in loads),
        n_lost=n_lost,
        first_lost_s=first_lost,
        n_resent=n_resent,
        first_resent_s=first_resent,
        n_timed_out=n_timed_out,
        first_timed_out_s=first_timed_out,
    )


def _mishaps(trace: Trace) -> Mishaps:
    found: Mishaps = {mishap: {} for mishap in Mishap}
    columns = [column.tolist() for column in trace.tables["mishaps"].values()]
    for mishap, link, at, count in zip(*columns, strict=True):
        found[Mishap(mishap)][link] = at, count
    return found


def _added(
    trace: Trace, links: Sequence[int], rows: dict[int, tuple[int, int]]
) -> tuple[int, float | None]:
    """Packets on *links*, and when the first was."""
    own = [rows[link] for link in links if link in rows]
    firsts = seconds_since_release(trace, [at for at, _ in own])
    return sum(count for _, count in own), min(firsts, default=None)
