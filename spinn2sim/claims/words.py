"""Values, differences and provenance of a row, as one reads them."""

from __future__ import annotations

from spinn2sim.claims.claim import Claim, Value
from spinn2sim.claims.verdict import Row

#: Units in which a difference is one of points, not a share.
PERCENT = ("%", "points")


def shown(value: Value, unit: str) -> str:
    """*value* with four digits that count, and its unit."""
    match value:
        case bool():
            text = "yes" if value else "no"
        case str():
            text = value
        case int():
            text = f"{value:,}"
        case _:
            text = f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:,.4g}"
    one = unit.removesuffix("s") or unit if value == 1 else unit
    return f"{text}{'' if unit == '%' else ' '}{one}".strip()


def difference_text(row: Row) -> str:
    """Ours against the paper's: a share of it, or points; nothing if either is no number."""
    paper, off = row.claim.value, row.difference
    if off is None or isinstance(paper, str):
        return ""
    if off == 0:
        return "0"
    if row.claim.unit in PERCENT:
        return f"{off:+.2f}" if abs(off) < 0.1 else f"{off:+.1f}"
    if paper == 0:
        return f"{off:+,.4g}"
    share = off / paper
    return f"{share:+.2%}" if abs(share) < 1e-3 else f"{share:+.1%}"


def provenance_text(claim: Claim) -> str:
    """Where the paper's value comes from, and how well it is known."""
    provenance = claim.provenance
    return f"{provenance.origin}, {provenance.where}: {provenance.known}"


def reasons(row: Row) -> list[str]:
    """What a reader should know of *row*: what it was put in by, how it came about, and why."""
    claim, said = row.claim, []
    if claim.kind == "put in":
        said.append(f"Put in by {claim.put_in_by}.")
    if row.found is not None and row.found.note:
        said.append(f"Here: {row.found.note}.")
    if claim.why:
        said.append(claim.why)
    return said
