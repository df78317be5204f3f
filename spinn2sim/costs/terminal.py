"""Fitted tables and comparisons on a terminal, within 80 columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from spinn2sim.costs.comparison import Comparison, Costs
from spinn2sim.costs.table import FittedTable
from spinn2sim.firmware.ops import Every

#: Tables that stand side by side in 80 columns, each with its band.
SIDE_BY_SIDE = 3

#: What a figure is called, and whether it is a share.
FIGURES = {
    "eprop_share": ("e_prop / step", "{:.1%}"),
    "multiply_share": ("multiply / e_prop", "{:.1%}"),
    "update_over_step": ("weight_update / step", "{:.2f}"),
}


def print_fit(console: Console, found: FittedTable, *, complete: bool, out: Path | None) -> None:
    """The formula of each function and its errors, then what the table predicts and lacks."""
    shown = Table("function", "cycles", box=box.SIMPLE, pad_edge=False)
    for column in ("R2", "worst", "left out"):
        shown.add_column(column, justify="right", no_wrap=True)
    for label, formula in found.formulas.items():
        errors = (f"{formula.worst_error:.2%}", f"{formula.worst_left_out:.2%}")
        shown.add_row(label, str(formula), f"{formula.r2:.5f}", *errors)
    console.print(shown)
    for every, error in found.left_out.items():
        if error is not None:
            console.print(f"all of a {every}, at a size left out: within {error:.2%}")
    if found.missing:
        functions = ", ".join(found.missing)
        remedy = "taken from --like" if complete else "missing; measure it or pass --complete"
        console.print(Text(f"not in the profile: {functions}: {remedy}"))
    if out is not None:
        console.print(Text(f"written to {out}"))


def print_comparison(console: Console, found: Comparison) -> None:
    """Cycles of each function with the band, by table; totals, shares, sources."""
    sizes = ", ".join(f"{symbol} = {size}" for symbol, size in found.sizes.items())
    console.print(Text(f"PE {found.pe} of {found.n_pe}: {sizes}"))
    for start in range(0, len(found.tables), SIDE_BY_SIDE):
        tables = found.tables[start : start + SIDE_BY_SIDE]
        for every in ("step", "sample"):
            _print_cycles(console, found, every, tables)
        shares = _table("Shares", tables)
        for figure, (name, form) in FIGURES.items():
            values = (found.figures[table][figure] for table in tables)
            shares.add_row(name, *("-" if v is None else form.format(v) for v in values))
        console.print(shares)
    for table in found.tables:
        for size in found.extrapolated[table]:
            console.print(Text(f"extrapolated: {table}: {size}"))
    for table in found.tables:
        console.print(Text(f"{table}: {found.provenance[table]}"))


def _print_cycles(console: Console, found: Comparison, every: Every, tables: Sequence[str]) -> None:
    shown = _table(f"Cycles per {every} (low..high)", tables)
    functions: Mapping[str, Mapping[str, Costs]] = getattr(found, every)
    for function, by_table in functions.items():
        cells = (by_table.get(table) for table in tables)
        shown.add_row(function, *("-" if costs is None else _cell(costs) for costs in cells))
    shown.add_section()
    shown.add_row("sum", *(_cell(found.total(table, every)) for table in tables))
    console.print(shown)


def _table(title: str, tables: Sequence[str]) -> Table:
    shown = Table(title=title, title_justify="left", box=box.SIMPLE, pad_edge=False)
    shown.add_column("function", no_wrap=True)
    for table in tables:
        shown.add_column(table, justify="right")
    return shown


def _cell(costs: Costs) -> str:
    return f"{costs.cycles:,.0f}\n{costs.low:,.0f}..{costs.high:,.0f}"
