"""The commands around cost tables: ``costs fit`` and ``costs compare``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spinn2sim.command_line import AsJson, Overrides, load, print_json, report
from spinn2sim.errors import OutputError

if TYPE_CHECKING:
    from spinn2sim.costs import Profile

costs_app = typer.Typer(
    no_args_is_help=True, help="Cost tables: fit one to measured cycles, set them side by side."
)

Preset = Annotated[str, typer.Option(metavar="PRESET", help="Whose firmware and sizes these are.")]


@costs_app.command()
def fit(
    profile: Annotated[
        Path,
        typer.Argument(
            metavar="PROFILE",
            help="CSV: function,L,I,R,O,cycles[,low,high]; or .json as `measure --json` prints it.",
        ),
    ],
    *,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FILE", help="Table, .yaml or .json.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of the table [default: that of the file].")
    ] = None,
    measured_on: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Who measured, and on what: provenance.")
    ] = None,
    like: Annotated[
        str, typer.Option(metavar="TABLE", help="Says when and where each function runs.")
    ] = "paper",
    complete: Annotated[
        bool, typer.Option("--complete", help="Take functions not measured from --like.")
    ] = False,
    preset: Preset = "paper-12pe",
    as_json: AsJson = False,
) -> None:
    """Fit a cost table to cycles that were measured at several sizes.

    Each function gets a formula in products of the sizes, with no negative coefficient, chosen by
    how well it predicts sizes that are left out.

    \b
    spinn2sim costs fit profile.csv
    spinn2sim costs fit profile.csv -o mine.yaml --measured-on "on board 3, by DWT_CYCCNT"
    spinn2sim measure firmware.elf --sizes L=10,I=80,R=120,O=12 ... --json > firmware.json
    spinn2sim costs fit firmware.json -o mine.yaml
    spinn2sim check --cost-table mine.yaml
    """
    from spinn2sim.cost_comparison import firmware_with, table_of
    from spinn2sim.costs import fit_table, read_measured
    from spinn2sim.costs.writing import table_text

    measured = read_measured(profile)
    found = fit_table(
        measured,
        table_of(firmware_with(like, lambda more: load(None, preset, [*more])), like),
        name=name or (out or profile).stem,
        measured_on=f"measured {_place(measured_on, measured, profile)}",
        made_by=f"spinn2sim costs fit {profile.name}",
        complete=complete,
    )
    if out is not None:
        try:
            out.write_text(table_text(found.table, as_json=out.suffix == ".json"), "utf-8")
        except OSError as error:
            raise OutputError(
                out, error.strerror or error, "name a file that can be made"
            ) from None
    if as_json:
        print_json("costs-fit", found.as_dict())
        return
    from spinn2sim.costs.terminal import print_fit

    with report() as console:
        print_fit(console, found, complete=complete, out=out)


@costs_app.command("compare")
def compare_tables(
    tables: Annotated[
        list[str], typer.Argument(metavar="TABLE...", help="Cost tables: names or files.")
    ],
    *,
    preset: Preset = "paper-12pe",
    n_in: Annotated[int | None, typer.Option(metavar="N", help="Inputs.")] = None,
    n_rec: Annotated[int | None, typer.Option(metavar="N", help="Recurrent neurons.")] = None,
    n_out: Annotated[int | None, typer.Option(metavar="N", help="Outputs.")] = None,
    pes: Annotated[int | None, typer.Option(metavar="N", help="PEs.")] = None,
    overrides: Overrides = None,
    as_json: AsJson = False,
) -> None:
    """Set cost tables side by side, at the sizes of PE 0.

    \b
    spinn2sim costs compare paper measured
    spinn2sim costs compare paper measured mine.yaml --n-rec 76 --pes 1
    spinn2sim costs compare paper measured-loops-O2 measured-fused-O3 --json
    """
    from spinn2sim.cost_comparison import compare_named

    given = {
        "parameters.n_in": n_in,
        "parameters.n_rec": n_rec,
        "parameters.n_out": n_out,
        "n_pe": pes,
    }
    options = [f"{key}={value}" for key, value in given.items() if value is not None]
    options += overrides or []
    found = compare_named(tables, lambda more: load(None, preset, [*options, *more]))
    if as_json:
        print_json("costs-compare", found.as_dict())
        return
    from spinn2sim.costs.terminal import print_comparison

    with report() as console:
        print_comparison(console, found)


def _place(given: str | None, measured: Profile, path: Path) -> str:
    """By whom and on what: as the user says, else as the file does."""
    if given is None and measured.measured_on is not None:
        return f"on {measured.measured_on}"
    return f"{given or 'by the user'}, in {path.name}"
