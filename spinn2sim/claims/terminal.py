"""The table of claims on a terminal, within 80 columns."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from spinn2sim.claims.claim import Band, Claims
from spinn2sim.claims.table import ShownTable, counts
from spinn2sim.claims.verdict import Row, Verdict
from spinn2sim.claims.words import difference_text, provenance_text, reasons, shown

#: Columns of the widest value, "+12.3 points" and "not reproduced"; the claim takes the rest.
VALUE, DIFFERENCE, VERDICT = 13, 8, 10

STYLES = {
    Verdict.REPRODUCED: "green",
    Verdict.VAGUE: "green",
    Verdict.HYPOTHESIS: "yellow",
    Verdict.NOT_REPRODUCED: "red",
    Verdict.NOT_COMPUTED: "dim",
}


def print_claims(console: Console, claims: Claims, rows: Sequence[Row]) -> None:
    """All rows by section, the claims that are not reproduced with reasons, and the counts."""
    for section in claims.sections:
        mine = [row for row in rows if row.claim.section == section]
        if mine:
            console.print(_section(section, mine))
    failed = [row for row in rows if row.verdict is Verdict.NOT_REPRODUCED]
    if failed:
        console.print(Text("Not reproduced, and why", style="bold"))
        for row in failed:
            _print_reasons(console, row)
        console.print()
    if any(row.claim.slow for row in rows):
        console.print(Text("* slow: computed when --slow was last given; see the page for when"))
    found = counts(rows)
    parts = ", ".join(f"{n} {verdict}" for verdict, n in found.items())
    claims_counted = "1 claim" if len(rows) == 1 else f"{len(rows)} claims"
    console.print(Text(f"{claims_counted}: {parts}"))


def print_claim(console: Console, row: Row) -> None:
    """All that is known of one row, below the table."""
    claim = row.claim
    console.print(Text(f"\n{claim.id}", style="bold"))
    for line in (
        f"paper: {provenance_text(claim)}",
        f"tolerance: {_band(claim.tolerance)}",
        f"vague: {_band(claim.vagueness)}" if claim.vagueness else "",
        f"computed by {claim.compute} {claim.arguments or ''}".rstrip(),
        *reasons(row),
    ):
        if line:
            console.print(Padding(Text(line), (0, 0, 0, 2)))
    if row.origin is not None:
        date, commit, command = row.origin
        console.print(
            Padding(Text(f"computed on {date}, commit {commit}: {command}"), (0, 0, 0, 2))
        )


def print_table(console: Console, shown: ShownTable) -> None:
    """A table of the page."""
    console.print(Text(shown.exhibit.title, style="bold"))
    console.print(Text(shown.exhibit.text))
    if shown.table is None:
        console.print(Text("not computed yet: give --slow"))
        return
    table = Table(*shown.table.columns, box=box.SIMPLE_HEAD, pad_edge=False)
    for row in shown.table.rows:
        table.add_row(*map(Text, row))
    console.print(table)


def _section(name: str, rows: Sequence[Row]) -> Table:
    table = Table(title=name, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.pad_edge, table.padding = False, (0, 1, 0, 0)
    table.add_column("claim", ratio=1)
    for column, width in (("paper", VALUE), ("simulator", VALUE), ("differs", DIFFERENCE)):
        table.add_column(column, justify="right", width=width)
    table.add_column("verdict", width=VERDICT)
    table.expand = True
    for row in rows:
        claim, star = row.claim, "*" if row.claim.slow else ""
        ours = "" if row.found is None else f"{shown(row.found.value, claim.unit)}{star}"
        label = Text.assemble((f"{claim.id}: ", "cyan"), claim.claim)
        verdict = Text(str(row.verdict), style=STYLES.get(row.verdict, ""))
        paper = shown(claim.value, claim.unit)
        table.add_row(label, Text(paper), Text(ours), difference_text(row), verdict)
    return table


def _print_reasons(console: Console, row: Row) -> None:
    said = " ".join(reasons(row))
    console.print(Padding(Text(f"{row.claim.id}: {said}"), (0, 0, 0, 2)))


def _band(band: Band) -> str:
    widths = [f"{band.absolute:g}"] if band.absolute or not band.relative else []
    widths += [f"{band.relative:.3g} of it"] if band.relative else []
    return f"{' or '.join(widths)}: {band.why}"
