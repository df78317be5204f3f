"""The tornado: what each guess does to the verdict at both ends of its range."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from spinn2sim.report.html.figure import (
    BLUE,
    ORANGE,
    Chart,
    Figure,
    axis,
    bars_height,
    figure,
    plain,
    vertical_line,
)

#: What may be shown: title, and format of its values.
MEASURES = {
    "slack_cycles": ("least slack, cycles", ",.0f"),
    "chip_mw": ("power by the chip model, mW", ",.4g"),
    "largest_n_rec": ("largest N_rec that fits", ",.0f"),
}

#: Guesses shown; those with the least effect are in the table only.
MAX_BARS = 20

ENDS = (("low end", BLUE), ("high end", ORANGE))


def tornado_chart(sensitivity: Mapping[str, Any] | None, period: int) -> Chart:
    """A pair of bars per guess that has any effect, the widest first, by each measure.

    A step that is later than a *period* (cycles) is drawn as one period late: there is no saying
    by how much it falls behind.
    *sensitivity* is a ``SensitivityReport`` as plain JSON: ``now``, and ``rows`` with their ends.
    """
    figures = {}
    if sensitivity is not None:
        for key in MEASURES:
            rows = _moving(sensitivity, key)
            if rows:
                figures[key] = _tornado(rows, float(sensitivity["now"][key]), key, -period)
    choices = [(key, title) for key, (title, _) in MEASURES.items() if key in figures]
    label = "Sensitivity of the verdict to each guess"
    return Chart("tornado", label, figures, {"effect on": choices})


def _moving(sensitivity: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    now = sensitivity["now"][key]
    if now is None:
        return []
    rows = [row for row in sensitivity["rows"] if any(value != now for value in _values(row, key))]
    return sorted(rows, key=lambda row: -_reach(row, key, now))[:MAX_BARS]


def _values(row: Mapping[str, Any], key: str) -> list[float]:
    ends = [end for end in row["ends"] if not end["problem"]]
    return [end[key] for end in ends if end[key] is not None]


def _reach(row: Mapping[str, Any], key: str, now: float) -> float:
    values = [*_values(row, key), now]
    return max(values) - min(values)


def _tornado(rows: Sequence[Mapping[str, Any]], now: float, key: str, lowest: float) -> Figure:
    title, form = MEASURES[key]
    bars = []
    for number, (name, colour) in enumerate(ENDS):
        shown = [
            (row, end)
            for row in rows
            for end in row["ends"][number : number + 1]
            if not end["problem"] and end[key] is not None
        ]
        bars.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": name,
                "base": now,
                "y": [plain(row["path"]) for row, _ in shown],
                "x": [max(end[key], min(lowest, now)) - now for _, end in shown],
                "customdata": [
                    [end["value"], end[key], _fits(end), row["value"]] for row, end in shown
                ],
                "marker": {"color": colour},
                "hovertemplate": "%{y} = %{customdata[0]} (now %{customdata[3]})<br>"
                f"{title}: %{{customdata[1]:{form}}}<br>%{{customdata[2]}}<extra></extra>",
            }
        )
    return figure(
        bars,
        height=bars_height(len(rows)),
        barmode="overlay",
        xaxis=axis(title, tickformat=",", nticks=5),
        yaxis={
            "autorange": "reversed",
            "categoryorder": "array",
            "categoryarray": [plain(row["path"]) for row in rows],
        },
        **vertical_line(now, f"now {now:{form}}", "$text"),
    )


def _fits(end: Mapping[str, Any]) -> str:
    return "fits" if end["fits"] else "does not fit"
