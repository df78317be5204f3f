"""What the charts of a page share: a figure is plain JSON for plotly.js, with colours by name.

A colour that begins with ``$`` is a variable of the page's theme and is looked up when a chart is
drawn, so that one figure serves light, dark and print. Colours of data are from the Okabe-Ito
palette, which colour-blind people can tell apart; where it runs out, patterns go on.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Figure = dict[str, Any]

#: Okabe and Ito's palette without black, which a dark page would swallow.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
PATTERNS = ("", "/", "x", ".", "-")
BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILLION, YELLOW = COLOURS

#: Of what is left over, or asleep.
MUTED = "$muted-fill"

#: Pixels of a bar with the gap to the next, and of title and axis of a bar chart.
BAR_HEIGHT, FRAME_HEIGHT = 26, 90


@dataclass(frozen=True, slots=True)
class Chart:
    """A plot, or several that select boxes choose among.

    The values of the boxes, joined by ``/``, are the key of the figure that is shown.
    """

    id: str
    label: str
    """What a screen reader says of it."""
    figures: Mapping[str, Figure]
    choices: Mapping[str, Sequence[tuple[str, str]]]
    """By the label of its box: value and text of each option."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to plot."""
        return not self.figures

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"figures": dict(self.figures)}


def single(id_: str, label: str, figure: Figure | None) -> Chart:
    """A chart of one figure, or of none."""
    return Chart(id_, label, {} if figure is None else {"": figure}, {})


def figure(traces: Sequence[Mapping[str, Any]], **layout: Any) -> Figure:
    """*traces* with *layout*."""
    return {"data": list(traces), "layout": layout}


def plain(text: object) -> str:
    """*text* from a user, safe where plotly would read tags."""
    return html.escape(str(text), quote=False)


def fill(number: int) -> dict[str, Any]:
    """The marker of the *number*-th series: the palette, then the palette with patterns."""
    repeat, colour = divmod(number, len(COLOURS))
    marker: dict[str, Any] = {"color": COLOURS[colour]}
    if repeat:
        shape = PATTERNS[repeat % len(PATTERNS)]
        marker["pattern"] = {"shape": shape, "fillmode": "overlay", "fgcolor": "#FFFFFF", "size": 6}
    return marker


def axis(title: str, **more: Any) -> dict[str, Any]:
    """An axis with a title."""
    return {"title": {"text": title}, **more}


def vertical_line(
    x: float, text: str, colour: str = VERMILLION, *, anchor: str = "center"
) -> dict[str, Any]:
    """Layout of a dashed line at *x* with *text* on top."""
    line = {"color": colour, "width": 2, "dash": "dash"}
    shape = {"type": "line", "xref": "x", "yref": "paper", "x0": x, "x1": x, "y0": 0, "y1": 1}
    note = {"x": x, "y": 1, "xref": "x", "yref": "paper", "text": text, "showarrow": False}
    note |= {"yanchor": "bottom", "xanchor": anchor, "font": {"color": "$text"}}
    return {"shapes": [shape | {"line": line}], "annotations": [note]}


def bars_height(n_bars: int) -> int:
    """Pixels of a chart of so many horizontal bars."""
    return FRAME_HEIGHT + BAR_HEIGHT * max(n_bars, 2)
