"""``paper``: what the paper says beside what the simulator computes."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spinn2sim.command_line import AsJson, print_text, progress_bar, report
from spinn2sim.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spinn2sim.claims import Claims, Row
    from spinn2sim.claims.table import Session

#: The claims of the e-prop paper, in the repository.
CLAIMS = Path("experiments/paper.yaml")

#: Version of the keys of ``--json``.
SCHEMA = 1


def paper(
    claims: Annotated[
        Path, typer.Argument(metavar="CLAIMS", help="Claims file (YAML).", show_default=True)
    ] = CLAIMS,
    *,
    only: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Just this claim. Repeatable.")
    ] = None,
    slow: Annotated[
        bool, typer.Option("--slow", help="Compute slow rows too: trains networks, hours.")
    ] = False,
    data: Annotated[
        Path | None,
        typer.Option(
            metavar="CORPUS",
            help="What slow rows train on [default: synthetic speech, made in --runs].",
        ),
    ] = None,
    runs: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Where slow rows keep their training runs.")
    ] = Path("runs/paper"),
    write: Annotated[
        bool, typer.Option("--write/--no-write", help="Write the page and its figures.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Compute every claim of the paper and print it beside the paper's value.

    Writes docs/paper.md and docs/images/paper_*.png, unless --only or --no-write is given. The
    claims are part of the repository, not of the installed package.

    \b
    spinn2sim paper
    spinn2sim paper --only m.120 --only t.step.measured
    spinn2sim paper --no-write --json
    spinn2sim paper --slow --data speech_commands_v0.01.tar.gz
    """
    from spinn2sim.claims import Place, load_claims
    from spinn2sim.claims.record import Record
    from spinn2sim.claims.table import Session, chosen, make_rows
    from spinn2sim.claims.verdict import Origin

    content = load_claims(claims)
    root = claims.resolve().parents[1]
    sys.path.append(str(root))  # The functions that it names stand beside it.
    now = Origin(str(dt.datetime.now(dt.UTC).date()), _commit(root), _command(claims, data, runs))
    record = Record(claims.parent / content.record)
    session = Session(
        Place(runs, None if data is None else str(data)), record, now if slow else None
    )
    with progress_bar("computing the claims") as progress:
        rows = make_rows(chosen(content, only or ()), session, progress)
        if write and not only:
            _write(content, claims, rows, session)
    if slow:
        record.write()
    if as_json:
        found = {
            "schema": SCHEMA,
            "paper": content.paper,
            "claims": [row.as_dict() for row in rows],
        }
        print_text(json.dumps(found, indent=2))
        return
    from spinn2sim.claims.terminal import print_claim, print_claims

    with report() as console:
        print_claims(console, content, rows)
        for row in rows if only else ():
            print_claim(console, row)
        if write and not only:
            console.print(f"written: {content.page}", markup=False)


def _write(content: Claims, claims: Path, rows: Sequence[Row], session: Session) -> None:
    """The page and its figures, below the folder above that of *claims*."""
    from spinn2sim.claims.page import page
    from spinn2sim.claims.table import draw_figures, make_tables

    path = claims.resolve().parents[1] / content.page
    try:
        (path.parent / "images").mkdir(parents=True, exist_ok=True)
        figures = draw_figures(content, session, path.parent / "images")
        file = f"{claims.resolve().parent.name}/{claims.name}"
        text = page(content, file, rows, figures, make_tables(content, session))
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        remedy = "make it writable, or give --no-write"
        raise OutputError(str(path), error.strerror or str(error), remedy) from None


def _commit(root: Path) -> str:
    """The commit of the repository at *root*, with a + if files were changed since."""
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--abbrev=12", "--exclude=*"],
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return described.stdout.strip()


def _command(claims: Path, data: Path | None, runs: Path) -> str:
    """How to compute slow rows again."""
    parts = ["spinn2sim paper"] + ([] if claims == CLAIMS else [str(claims)]) + ["--slow"]
    return " ".join(parts + ([] if data is None else [f"--data {data}"]) + [f"--runs {runs}"])
