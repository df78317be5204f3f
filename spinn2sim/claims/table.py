"""The whole table: every claim computed now, or, if it is slow, taken from the record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from spinn2sim.claims.claim import Claim, Claims, Exhibit, FigureClaim
from spinn2sim.claims.compute import Place, Table, compute_table, compute_value, draw
from spinn2sim.claims.record import Record
from spinn2sim.claims.verdict import Origin, Row, Verdict
from spinn2sim.errors import OutputError, SpecError
from spinn2sim.validated import nearest

Progress = Callable[[float], None]


class Session(NamedTuple):
    """How a table is made: what slow functions work on, and what is kept of them."""

    place: Place
    record: Record
    now: Origin | None
    """What is noted of slow values that are computed; None to take all from the record."""


class ShownTable(NamedTuple):
    """A table of the page; slow ones that were never computed have none."""

    exhibit: Exhibit
    table: Table | None
    origin: Origin | None

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "title": self.exhibit.title,
            **({} if self.table is None else self.table._asdict()),
            "computed": None if self.origin is None else self.origin._asdict(),
        }


class Asked(NamedTuple):
    """What of a claims file is wanted."""

    claims: Sequence[Claim]
    figures: Sequence[FigureClaim]
    tables: Sequence[Exhibit]


def asked_of(claims: Claims, only: Sequence[str]) -> Asked:
    """What has an id in *only*, or all.

    :raises SpecError: nothing has one of these ids.
    """
    parts = (claims.claims, claims.figures, claims.tables)
    known = [part.id for group in parts for part in group]
    unknown = [name for name in only if name not in known]
    if unknown:
        problem = f"no claim, figure or table {unknown[0]!r}{nearest(unknown[0], known, 'names')}"
        raise SpecError("--only", (problem,))
    if not only:
        return Asked(*parts)
    return Asked(
        [claim for claim in claims.claims if claim.id in only],
        [figure for figure in claims.figures if figure.id in only],
        [table for table in claims.tables if table.id in only],
    )


def make_rows(claims: Sequence[Claim], session: Session, progress: Progress) -> list[Row]:
    """A row for each of *claims*; *progress* is told the share that is done.

    :raises Spinn2SimError: a function cannot be called, or what it asks cannot be run.
    """
    rows = []
    for done, claim in enumerate(claims, 1):
        rows.append(make_row(claim, session))
        progress(done / len(claims))
    return rows


def make_row(claim: Claim, session: Session) -> Row:
    """The row of one claim."""
    if not claim.slow:
        return Row(claim, compute_value(claim, session.place))
    if session.now is not None:
        found = compute_value(claim, session.place)
        session.record.keep(claim, claim.id, found, session.now)
    kept = session.record.found(claim, claim.id)
    return Row(claim, *kept) if kept else Row(claim, None)


def make_tables(tables: Sequence[Exhibit], session: Session) -> list[ShownTable]:
    """The *tables* of the page, slow ones from the record unless they are to be computed."""
    return [_make_table(exhibit, session) for exhibit in tables]


def draw_figures(
    figures: Sequence[FigureClaim], session: Session, folder: Path
) -> list[FigureClaim]:
    """Draw *figures* into *folder*; slow ones only if they are to be computed.

    Returns those that there are now.

    :raises OutputError: one cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _draw(figures, session, folder)
    except OSError as error:
        remedy = "make it writable, or give --no-write"
        raise OutputError(str(folder), error.strerror or str(error), remedy) from None


def _draw(figures: Sequence[FigureClaim], session: Session, folder: Path) -> list[FigureClaim]:
    shown = []
    for figure in figures:
        if not figure.slow or session.now is not None:
            draw(figure, session.place, folder / figure.file)
        if figure.slow and session.now is not None:
            session.record.keep(figure, figure.id, None, session.now)
        if not figure.slow or session.record.origin(figure, figure.id):
            shown.append(figure)
    return shown


def counts(rows: Sequence[Row]) -> dict[Verdict, int]:
    """How many rows have each verdict, those that have any."""
    found = Counter(row.verdict for row in rows)
    return {verdict: found[verdict] for verdict in Verdict if found[verdict]}


def _make_table(exhibit: Exhibit, session: Session) -> ShownTable:
    if not exhibit.slow:
        return ShownTable(exhibit, compute_table(exhibit, session.place), None)
    if session.now is not None:
        found = compute_table(exhibit, session.place)
        session.record.keep(exhibit, exhibit.id, found, session.now)
    kept = session.record.table(exhibit, exhibit.id)
    return ShownTable(exhibit, *kept) if kept else ShownTable(exhibit, None, None)
