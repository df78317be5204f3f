"""The page of a comparison: verdicts side by side, then what differs and matters."""

from __future__ import annotations

from collections.abc import Sequence

from spinn2sim.report.comparison import Comparison, Difference, moved_by, written
from spinn2sim.report.html.figure import (
    COLOURS,
    Chart,
    axis,
    bars_height,
    figure,
    fill,
    plain,
    single,
)
from spinn2sim.report.html.page import render
from spinn2sim.report.html.run_charts import ACTIVITIES
from spinn2sim.report.html.table import Table, table


def comparison_page(found: Comparison) -> str:
    """The HTML of a comparison.

    :raises MissingExtraError: jinja2 is not installed.
    """
    charts = (_functions_chart(found), _time_chart(found), _energy_chart(found))
    moved = tuple(row for row in found.functions if row.matters(found.threshold))
    return render(
        "comparison.html",
        title=f"comparison of {len(found.names)} runs",
        kind="comparison",
        found=found,
        runs=[
            {"name": name, "summary": summary, "colour": COLOURS[place % len(COLOURS)]}
            for place, (name, summary) in enumerate(zip(found.names, found.summaries, strict=True))
        ],
        charts={chart.id: chart for chart in charts},
        tables={
            "scenario": _table(found, "scenario", found.scenario, changes=False),
            "figures": _table(found, "figures", found.figures),
            "functions": _table(found, "functions", moved),
        },
        threshold=f"{found.threshold:.2%}",
    )


def _table(
    found: Comparison, id_: str, rows: Sequence[Difference], *, changes: bool = True
) -> Table:
    columns = ["", f"{found.names[0]} #"]
    for name in found.names[1:]:
        columns += [f"{name} #", "change #"] if changes else [f"{name} #"]
    cells = []
    for row in rows:
        line = [row.name, written(row.values[0])]
        for value, change in zip(row.values[1:], row.changes, strict=True):
            line += [written(value), moved_by(change)] if changes else [written(value)]
        cells.append(line)
    return table(id_, id_, columns, cells)


def _functions_chart(found: Comparison) -> Chart:
    """Cycles per function, a bar for each run, per time step or per sample."""
    figures = {}
    for every in ("step", "sample"):
        rows = [row for row in found.functions if row.name.endswith(f" per {every}")]
        if not rows:
            continue
        bars = [
            {
                "type": "bar",
                "orientation": "h",
                "name": plain(name),
                "y": [plain(row.name.removesuffix(f" per {every}")) for row in rows],
                "x": [row.values[place] for row in rows],
                "marker": fill(place),
                "hovertemplate": "%{y}: %{x:,.1f} cycles<extra>%{fullData.name}</extra>",
            }
            for place, name in enumerate(found.names)
        ]
        figures[every] = figure(
            bars,
            height=bars_height(len(rows) * len(found.names) // 2 + 2),
            barmode="group",
            xaxis=axis(f"PE clock cycles per {every}", tickformat=",~s"),
            yaxis={"autorange": "reversed"},
        )
    texts = {"step": "time step", "sample": "sample"}
    choices = {"per": [(every, texts[every]) for every in figures]}
    return Chart("functions", "Cycles per function of each run", figures, choices)


def _time_chart(found: Comparison) -> Chart:
    """Where the period of a step went, as a share, so that clocks can be compared."""
    rows = []
    for summary in found.summaries:
        waiting = summary.waiting_cycles_per_step
        busy = summary.period_cycles - sum(waiting.values())
        rows.append({"busy": max(busy, 0.0), **waiting})
    bars = [
        {
            "type": "bar",
            "orientation": "h",
            "name": name,
            "y": [plain(each) for each in found.names],
            "x": [
                row[key] / summary.period_cycles
                for row, summary in zip(rows, found.summaries, strict=True)
            ],
            "marker": {"color": colour},
            "hovertemplate": "%{y}: %{x:.2%}<extra>%{fullData.name}</extra>",
        }
        for key, (name, colour) in ACTIVITIES.items()
        if any(row[key] for row in rows)
    ]
    return single(
        "time",
        "Where the time of a step went in each run",
        figure(
            bars,
            height=bars_height(len(found.names)),
            barmode="stack",
            xaxis=axis("share of the period, mean over PEs and steps", tickformat=".0%"),
            yaxis={"autorange": "reversed"},
        ),
    )


def _energy_chart(found: Comparison) -> Chart:
    models = list(dict.fromkeys(model for each in found.summaries for model in each.energy_j))
    bars = [
        {
            "type": "bar",
            "orientation": "h",
            "name": plain(name),
            "y": [f"{model} model" for model in models],
            "x": [
                summary.energy_j.get(model, 0.0) / (summary.simulated_s or 1.0) * 1e3
                for model in models
            ],
            "marker": fill(place),
            "hovertemplate": "%{y}: %{x:,.4g} mW<extra>%{fullData.name}</extra>",
        }
        for place, (name, summary) in enumerate(zip(found.names, found.summaries, strict=True))
    ]
    return single(
        "energy",
        "Power of each run by model",
        figure(
            bars,
            height=bars_height(len(models) * len(found.names)),
            barmode="group",
            xaxis=axis("mean power, mW"),
            yaxis={"autorange": "reversed"},
        ),
    )
