"""The page: the table of all claims as Markdown, with figures, tables and what is left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from spinn2sim.claims.claim import Claims, FigureClaim
from spinn2sim.claims.table import ShownTable, counts
from spinn2sim.claims.verdict import Origin, Row, Verdict
from spinn2sim.claims.words import difference_text, provenance_text, reasons, shown

#: What each verdict means.
MEANING = {
    Verdict.REPRODUCED: "within the digits that the paper gives",
    Verdict.VAGUE: "within what the paper itself leaves open: about, almost, a few",
    Verdict.PUT_IN: "the paper's number went into the simulator: agreement shows nothing but that",
    Verdict.HYPOTHESIS: "agrees in one reading of several, which is ours",
    Verdict.NOT_REPRODUCED: "outside of both; the notes say by how much and why",
    Verdict.NOT_COMPUTED: "slow, and not run yet",
}

HEAD = """\
# The paper, row by row

Made by `make paper`. {paper}

Every value in the column *simulator* was computed when this page was made, by the function that
`{file}` names; only rows with a * are slow, and were computed when the notes say. The file
holds what the paper says, with provenance, tolerance and the reason for each tolerance.

{verdicts}
"""


def page(
    claims: Claims,
    file: str,
    rows: Sequence[Row],
    figures: Sequence[FigureClaim],
    tables: Sequence[ShownTable],
) -> str:
    """The text of the page. *file*: the claims file as a reader finds it."""
    parts = [
        HEAD.format(paper=claims.paper, file=file, verdicts="\n".join(_verdicts(rows))),
        *(_section(name, rows) for name in claims.sections),
        _figures(figures),
        _tables(tables),
        _left_out(claims),
    ]
    return "\n".join(part for part in parts if part)


def _verdicts(rows: Sequence[Row]) -> Iterator[str]:
    found = counts(rows)
    yield from _lines(("verdict", "claims", "meaning"), ("---", "---:", "---"))
    for verdict, n in found.items():
        yield _line((str(verdict), f"{n}", MEANING[verdict]))
    yield _line(("all", f"{len(rows)}", ""))


def _section(name: str, rows: Sequence[Row]) -> str:
    mine = [row for row in rows if row.claim.section == name]
    if not mine:
        return ""
    columns = ("id", "claim", "paper", "simulator", "difference", "verdict")
    lines = [f"## {name}", "", *_lines(columns, ["---"] * len(columns))]
    for row in mine:
        claim, star = row.claim, "*" if row.claim.slow else ""
        ours = "" if row.found is None else f"{shown(row.found.value, claim.unit)}{star}"
        verdict = str(row.verdict)
        if row.verdict is Verdict.NOT_REPRODUCED:
            verdict = f"**{verdict}**"
        paper = shown(claim.value, claim.unit)
        lines.append(_line((claim.id, claim.claim, paper, ours, difference_text(row), verdict)))
    lines += ["", *(_note(row) for row in mine), ""]
    return "\n".join(lines)


def _note(row: Row) -> str:
    """Provenance, tolerance, and what is to be said of the row."""
    claim = row.claim
    bands = [f"tolerance: {claim.tolerance.why}"]
    if claim.vagueness is not None:
        bands.append(f"vague: {claim.vagueness.why}")
    said = [f"Paper: {provenance_text(claim)} ({'; '.join(bands)}).", *reasons(row)]
    if row.origin is not None:
        said.append(_made(row.origin))
    return f"- `{claim.id}`: {' '.join(said)}"


def _figures(figures: Sequence[FigureClaim]) -> str:
    lines = ["## Figures", ""] if figures else []
    for figure in figures:
        lines += [f"### {figure.title}", "", figure.text, ""]
        lines += [f"![{figure.title}](images/{figure.file})", ""]
    return "\n".join(lines)


def _tables(tables: Sequence[ShownTable]) -> str:
    lines = ["## Tables", ""] if tables else []
    for exhibit, table, origin in tables:
        made = f" {_made(origin)}" if origin else ""
        lines += [f"### {exhibit.title}", "", f"{exhibit.text}{made}", ""]
        if table is None:
            lines += ["Not computed yet: run `make paper-all`.", ""]
            continue
        lines += _lines(table.columns, ["---"] * len(table.columns))
        lines += [*(_line(row) for row in table.rows), ""]
    return "\n".join(lines)


def _left_out(claims: Claims) -> str:
    if not claims.left_out:
        return ""
    lines = ["## Without a row", ""]
    lines += [f"- `{each.id}`: {each.why}" for each in claims.left_out]
    return "\n".join([*lines, ""])


def _made(origin: Origin) -> str:
    return f"Computed on {origin.date} from commit {origin.commit} by `{origin.command}`."


def _lines(columns: Sequence[str], rule: Sequence[str]) -> tuple[str, str]:
    return _line(columns), _line(rule)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
