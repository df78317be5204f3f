"""A comparison of runs on a terminal: verdicts first, then what differs and matters."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from spinn2sim.report.comparison import Comparison, Difference, moved_by, written
from spinn2sim.report.summary import counted
from spinn2sim.report.table_terminal import print_table, titled_table


def print_comparison(console: Console, found: Comparison) -> None:
    """All of a comparison; figures that moved by less than the threshold are counted only."""
    for name, summary in zip(found.names, found.summaries, strict=True):
        style = "bold green" if summary.fits else "bold red"
        console.print(Text.assemble((f"{name}: ", "bold"), (summary.verdict, style)))
    _print_table(console, found, "The scenarios differ in", found.scenario, changes=False)
    _print_table(console, found, "Figures", found.figures)
    moved = tuple(row for row in found.functions if row.matters(found.threshold))
    _print_table(console, found, "Cycles per function, mean over PEs", moved)
    if found.n_small:
        rest = counted(found.n_small, "further figure")
        console.print(Text(f"\n{rest} moved by {found.threshold:.2%} or less"))
    if not (found.scenario or found.figures or moved or found.n_small):
        console.print(Text("\nno difference"))


def _print_table(
    console: Console,
    found: Comparison,
    title: str,
    rows: Sequence[Difference],
    *,
    changes: bool = True,
) -> None:
    if not rows:
        return
    table = titled_table(title, "")
    for place, name in enumerate(found.names):
        table.add_column(Text(name), justify="right", overflow="fold")
        if changes and place:
            table.add_column("change", justify="right")
    for row in rows:
        cells = [Text(row.name), Text(written(row.values[0]))]
        for value, change in zip(row.values[1:], row.changes, strict=True):
            cells.append(Text(written(value)))
            if changes:
                cells.append(Text(moved_by(change)))
        table.add_row(*cells)
    print_table(console, table)
