"""The NoC as a map: a square for each QPE on the mesh, a line for each link, coloured by load.

The two directions of a link lie side by side; a square shows the busiest of its PEs' own links.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from spinn2sim.report.html.figure import Chart, Figure, figure, plain
from spinn2sim.report.traffic import LinkLoad, traffic
from spinn2sim.trace import Trace

#: What a colour may stand for: title, value of a link, format.
MEASURES: dict[str, tuple[str, Callable[[LinkLoad], float], str]] = {
    "utilisation": ("share of capacity", lambda link: link.utilisation, ".3%"),
    "flits": ("flits", lambda link: link.n_flits, ",.0f"),
    "queue": ("longest queue, flits", lambda link: link.queue_peak, ",.0f"),
}

#: Steps of the Cividis scale, from least to most; even people without red or green see its order.
SCALE = (
    "#00224E",
    "#123570",
    "#3B496C",
    "#575D6D",
    "#707173",
    "#8A8678",
    "#A59C74",
    "#C3B369",
    "#E1CC55",
    "#FEE838",
)

#: Distance of a direction from the middle of a link, of its ends from the QPEs; those are 1 apart.
ASIDE, SHORTER = 0.1, 0.3

#: Pixels from one QPE to the next, if there is room.
CELL = 120

Position = tuple[int, int]


class Hop(NamedTuple):
    """A link between two routers."""

    start: Position
    end: Position
    load: LinkLoad


def noc_chart(trace: Trace) -> Chart:
    """The map by each measure; empty as ``no_map`` says."""
    if no_map(trace):
        return Chart("noc", "", {}, {})
    links = traffic(trace).links
    hops = [hop for link in links if (hop := _hop(link))]
    choices = [(key, title) for key, (title, _, _) in MEASURES.items()]
    return Chart(
        "noc",
        "Load of the NoC's links on the grid of QPEs",
        {key: _map(trace, key, hops, links) for key in MEASURES},
        {"colour": choices},
    )


def no_map(trace: Trace) -> str:
    """Why there is no map of the run; empty if there is one."""
    if trace.meta["scenario"].get("board"):
        return "There is no map of many chips; the table has the links of all, by name."
    moved = trace.tables["links"]["n_flits"].any()
    return "" if moved else "Nothing moved over the NoC in this run."


def _map(trace: Trace, key: str, hops: list[Hop], links: tuple[LinkLoad, ...]) -> Figure:
    title, value, form = MEASURES[key]
    most = max((value(link) for link in links), default=0) or 1
    chip = trace.meta["scenario"]["chip"]
    qpes = [(x, y) for x, y in chip["qpes"]]
    own = _own_links(links, chip["pes_per_qpe"])
    traces = [_under(hops), *_lines(hops, value, most), _middles(hops)]
    squares = _squares(qpes, own, chip["pes_per_qpe"], trace.n_pe, value)
    bar = {"title": {"text": title, "side": "right"}, "tickformat": form, "thickness": 14}
    squares["marker"] |= {"cmin": 0, "cmax": most, "colorscale": _colorscale(), "colorbar": bar}
    xs, ys = zip(*qpes, strict=True)
    return figure(
        [*traces, squares],
        height=CELL * (max(ys) - min(ys) + 1) + 120,
        maxwidth=CELL * (max(xs) - min(xs) + 1) + 240,
        showlegend=False,
        hovermode="closest",
        margin={"r": 110},
        xaxis=_coordinate("x", min(xs), max(xs), constrain="domain"),
        yaxis=_coordinate("y", min(ys), max(ys), scaleanchor="x", constrain="domain"),
    )


def _hop(link: LinkLoad) -> Hop | None:
    found = re.fullmatch(r"\((\d+),(\d+)\)->\((\d+),(\d+)\)", link.name)
    if not found:
        return None
    x0, y0, x1, y1 = map(int, found.groups())
    return Hop((x0, y0), (x1, y1), link)


def _own_links(links: tuple[LinkLoad, ...], pes_per_qpe: int) -> Mapping[int, list[LinkLoad]]:
    """The links between PEs and router, by number of the QPE."""
    own: dict[int, list[LinkLoad]] = {}
    for link in links:
        found = re.fullmatch(r"(?:inject|eject) PE (\d+)", link.name)
        if found:
            own.setdefault(int(found[1]) // pes_per_qpe, []).append(link)
    return own


def _ends(hop: Hop) -> tuple[tuple[float, float], tuple[float, float]]:
    """Where the line of *hop* begins and ends: on the right of its direction."""
    (x0, y0), (x1, y1) = hop.start, hop.end
    along_x, along_y = (x1 > x0) - (x1 < x0), (y1 > y0) - (y1 < y0)
    aside_x, aside_y = along_y * ASIDE, -along_x * ASIDE
    return (
        (x0 + aside_x + along_x * SHORTER, y0 + aside_y + along_y * SHORTER),
        (x1 + aside_x - along_x * SHORTER, y1 + aside_y - along_y * SHORTER),
    )


def _line(hops: list[Hop], colour: str, width: float) -> dict[str, Any]:
    x: list[float | None] = []
    y: list[float | None] = []
    for hop in hops:
        (x0, y0), (x1, y1) = _ends(hop)
        x += [x0, x1, None]
        y += [y0, y1, None]
    line = {"color": colour, "width": width}
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": line, "hoverinfo": "skip"}


def _under(hops: list[Hop]) -> dict[str, Any]:
    """An outline, so that dark lines show on a dark page."""
    return _line(hops, "$outline", 9)


def _lines(
    hops: list[Hop], value: Callable[[LinkLoad], float], most: float
) -> list[dict[str, Any]]:
    by_step: dict[int, list[Hop]] = {}
    for hop in hops:
        step = min(int(value(hop.load) / most * len(SCALE)), len(SCALE) - 1)
        by_step.setdefault(step, []).append(hop)
    return [_line(found, SCALE[step], 6) for step, found in sorted(by_step.items())]


def _middles(hops: list[Hop]) -> dict[str, Any]:
    """Points without a face that answer to the pointer."""
    ends = [_ends(hop) for hop in hops]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [(x0 + x1) / 2 for (x0, _), (x1, _) in ends],
        "y": [(y0 + y1) / 2 for (_, y0), (_, y1) in ends],
        "marker": {"size": 22, "opacity": 0},
        "customdata": [_words(hop.load) for hop in hops],
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _squares(
    qpes: list[Position],
    own: Mapping[int, list[LinkLoad]],
    pes_per_qpe: int,
    n_pe: int,
    value: Callable[[LinkLoad], float],
) -> dict[str, Any]:
    texts, words = [], []
    for number, (x, y) in enumerate(qpes):
        first = number * pes_per_qpe
        last = min(first + pes_per_qpe, n_pe) - 1
        texts.append(f"{first}-{last}" if last > first else str(first) if last == first else "·")
        lines = [_words(link) for link in own.get(number, [])]
        words.append("<br>".join([f"QPE ({x},{y})", *(lines or ["not in use"])]))
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": [x for x, _ in qpes],
        "y": [y for _, y in qpes],
        "text": texts,
        "textposition": "top center",
        "textfont": {"size": 11},
        "marker": {
            "symbol": "square",
            "size": 26,
            "color": [max(map(value, own.get(n, [])), default=0) for n in range(len(qpes))],
            "line": {"color": "$outline", "width": 2},
        },
        "customdata": words,
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _words(link: LinkLoad) -> str:
    return plain(
        f"{link.name}: {link.n_flits:,} flits, {link.utilisation:.4%} of capacity, "
        f"queue of {link.queue_peak}"
    )


def _colorscale() -> list[list[float | str]]:
    return [[number / (len(SCALE) - 1), colour] for number, colour in enumerate(SCALE)]


def _coordinate(name: str, low: int, high: int, **more: Any) -> dict[str, Any]:
    title = {"text": f"QPE {name}"}
    span = {"range": [low - 0.6, high + 0.6], "dtick": 1, "zeroline": False, "showgrid": False}
    return {"title": title, **span, **more}
