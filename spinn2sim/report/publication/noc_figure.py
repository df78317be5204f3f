"""The map of the NoC for print: QPEs as squares, links as arrows coloured by their load."""

from __future__ import annotations

import re

from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from spinn2sim.report.publication.preset import INK
from spinn2sim.report.traffic import traffic
from spinn2sim.trace import Trace

#: Distance of a direction from the middle of a link, and of its ends from the QPEs.
ASIDE, SHORTER = 0.1, 0.28

LINK = re.compile(r"\((\d+),(\d+)\)->\((\d+),(\d+)\)")


def paint_noc(trace: Trace, axes: Axes) -> None:
    """Share of the capacity of each link that was used."""
    links = [(match, link) for link in traffic(trace).links if (match := LINK.fullmatch(link.name))]
    most = max((link.utilisation for _, link in links), default=0) or 1.0
    colours = ScalarMappable(Normalize(0, most * 100), "cividis")
    for match, link in links:
        x0, y0, x1, y1 = map(int, match.groups())
        along_x, along_y = (x1 > x0) - (x1 < x0), (y1 > y0) - (y1 < y0)
        begin = x0 + along_y * ASIDE + along_x * SHORTER, y0 - along_x * ASIDE + along_y * SHORTER
        end = x1 + along_y * ASIDE - along_x * SHORTER, y1 - along_x * ASIDE - along_y * SHORTER
        arrow = {"arrowstyle": "-|>", "color": colours.cmap(link.utilisation / most)}
        axes.annotate("", end, begin, arrowprops={**arrow, "linewidth": 1.6, "mutation_scale": 6})
    qpes = trace.meta["scenario"]["chip"]["qpes"]
    xs, ys = [x for x, _ in qpes], [y for _, y in qpes]
    axes.plot(xs, ys, "s", markersize=9, markerfacecolor="white", markeredgecolor=INK)
    axes.set_xlim(min(xs) - 0.5, max(xs) + 0.5)
    axes.set_ylim(min(ys) - 0.5, max(ys) + 0.5)
    axes.set_aspect("equal")
    axes.set_xticks(sorted(set(xs)))
    axes.set_yticks(sorted(set(ys)))
    axes.set_xlabel("QPE x")
    axes.set_ylabel("QPE y")
    axes.figure.colorbar(colours, ax=axes, shrink=0.7, label="load of a link (% of capacity)")
