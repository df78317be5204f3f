"""``paper``: what the paper says beside what the simulator computes."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from spinn2sim.command_line import AsJson, print_json, progress_bar, report
from spinn2sim.errors import OutputError

#: The claims of the e-prop paper, in the repository.
CLAIMS = Path("experiments/paper.yaml")


def paper(
    claims: Annotated[
        Path, typer.Argument(metavar="CLAIMS", help="Claims file (YAML).", show_default=True)
    ] = CLAIMS,
    *,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Just this claim, figure or table. Repeatable."),
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

    Writes docs/paper.md and docs/images/paper_*.png, unless --no-write is given; with --only no
    page. The claims are part of the repository, not of the installed package.

    \b
    spinn2sim paper
    spinn2sim paper --only m.120 --only table.7
    spinn2sim paper --no-write --json
    spinn2sim paper --slow --data speech_commands_v0.01.tar.gz
    """
    from spinn2sim.claims import Place, load_claims
    from spinn2sim.claims.page import page
    from spinn2sim.claims.record import Record
    from spinn2sim.claims.table import Session, asked_of, draw_figures, make_rows, make_tables
    from spinn2sim.claims.verdict import Origin

    content = load_claims(claims)
    root = claims.resolve().parents[1]
    sys.path.append(str(root))  # The functions that it names stand beside it.
    now = Origin(str(dt.datetime.now(dt.UTC).date()), _commit(root), _command(claims, data, runs))
    place = Place(runs, None if data is None else str(data))
    session = Session(place, Record(claims.parent / content.record), now if slow else None)
    asked, path = asked_of(content, only or ()), root / content.page
    with progress_bar("computing the claims") as progress:
        rows = make_rows(asked.claims, session, progress)
        tables = make_tables(asked.tables, session) if write or only else []
        figures = draw_figures(asked.figures, session, path.parent / "images") if write else []
    if write and not only:
        _write(
            path,
            page(content, f"{claims.resolve().parent.name}/{claims.name}", rows, figures, tables),
        )
    if as_json:
        found = {
            "paper": content.paper,
            "claims": [row.as_dict() for row in rows],
            "tables": {shown.exhibit.id: shown.as_dict() for shown in tables},
        }
        print_json("paper", found)
        return
    from spinn2sim.claims.terminal import print_claim, print_claims, print_table

    with report() as console:
        if rows:
            print_claims(console, content, rows)
        for row in rows if only else ():
            print_claim(console, row)
        for table in tables if only else ():
            print_table(console, table)
        for name in [f"images/{figure.file}" for figure in figures] if only else [path.name]:
            if write:
                console.print(f"written: {path.parent.name}/{name}", markup=False)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        remedy = "make it writable, or give --no-write"
        raise OutputError(str(path), error.strerror or str(error), remedy) from None


def _commit(root: Path) -> str:
    """The commit of the repository at *root*, with a + if files were changed since."""
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--abbrev=12", "--exclude=*"],  # noqa: S607 - the git that the user has
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
