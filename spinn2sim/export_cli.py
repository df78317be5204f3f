"""The command ``export``: the trace of a run for other tools."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spinn2sim.command_line import (
    AsJson,
    EnergyTable,
    WindowOption,
    print_json,
    print_text,
    tables_in,
)
from spinn2sim.errors import OutputError, SpecError

if TYPE_CHECKING:
    from spinn2sim.report.actions import ReferenceTable
    from spinn2sim.report.window import Window
    from spinn2sim.trace import Trace

#: What it writes, each by an option.
EXPORTS = (
    "--perfetto",
    "--vcd",
    "--parquet",
    "--energy",
    "--spikes",
    "--neo",
    "--packets",
    "--noxim",
)


def export(
    path: Annotated[Path, typer.Argument(metavar="RUN", help="Run folder or trace file.")],
    *,
    perfetto: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Chrome's JSON, for ui.perfetto.dev."),
    ] = None,
    vcd: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Value change dump, for GTKWave.")
    ] = None,
    parquet: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Every table, and what each core did.")
    ] = None,
    energy: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Action counts and reference tables of energy."),
    ] = None,
    energy_table: EnergyTable = None,
    spikes: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Spikes as NPZ: time_s, timestep, pe, key.")
    ] = None,
    neo: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Spikes as Neo SpikeTrains: .mat or .pkl.")
    ] = None,
    packets: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Each packet and when it arrived: .parquet or .csv."),
    ] = None,
    noxim: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Packets as traffic for Noxim.")
    ] = None,
    window: WindowOption = None,
    as_json: AsJson = False,
) -> None:
    """Write the trace of a run for other tools; --window keeps the files small.

    \b
    spinn2sim export runs/paper-12pe-001 --perfetto trace.json --window 0:50ms
    spinn2sim export runs/paper-12pe-001 --vcd trace.vcd --window 0:20ms
    spinn2sim export runs/paper-12pe-001 --parquet tables/
    spinn2sim export runs/paper-12pe-001 --energy energy/ --energy-table my_chip.yaml
    spinn2sim export runs/paper-12pe-001 --spikes spikes.npz --neo spikes.mat
    spinn2sim export runs/paper-12pe-001 --packets packets.parquet   after run --packets
    spinn2sim export runs/paper-12pe-001 --noxim traffic.txt --window 0:20ms
    """
    from spinn2sim.report.window import WHOLE, parse_window
    from spinn2sim.run_folder import read_run

    given = (perfetto, vcd, parquet, energy, spikes, neo, packets, noxim)
    places = {name: place for name, place in zip(EXPORTS, given, strict=True) if place is not None}
    if not places:
        raise SpecError("export", (f"say what to write: {', '.join(EXPORTS)}",))
    trace = read_run(path)
    seen = parse_window(window, trace) if window is not None else WHOLE
    tables = tables_in(energy_table)
    for name, place in places.items():
        with _whole(name, place):
            _write(name, trace, place, seen, tables)
    files = [str(place) for place in places.values()]
    if as_json:
        print_json("export", {"files": files})
    else:
        print_text("\n".join(files))


@contextmanager
def _whole(name: str, place: Path) -> Iterator[None]:
    """Leave no new half of the file *place*, whatever ends its writing.

    :raises OutputError: it cannot be written; *name* is the option that named it.
    """
    was_there = place.exists()
    try:
        yield
    except BaseException as ended:
        if not was_there and place.is_file():
            place.unlink()
        if not isinstance(ended, OSError):
            raise
        problem = f"cannot be written ({ended.strerror or ended})"
        raise OutputError(str(place), problem, f"choose another {name}") from None


def _write(
    name: str, trace: Trace, place: Path, seen: Window, tables: tuple[ReferenceTable, ...]
) -> None:
    """Write what the option *name* asks for to *place*."""
    match name:
        case "--perfetto":
            from spinn2sim.report.perfetto import write_perfetto as write
        case "--vcd":
            from spinn2sim.report.vcd import write_vcd as write
        case "--parquet":
            from spinn2sim.report.parquet import write_parquet

            write_parquet(trace, place, seen)
            return
        case "--spikes":
            from spinn2sim.report.spikes import write_spikes as write
        case "--neo":
            from spinn2sim.report.spikes import write_neo as write
        case "--packets":
            from spinn2sim.report.packets import write_packets as write
        case "--noxim":
            from spinn2sim.report.noxim import write_noxim as write
        case "--energy":
            from spinn2sim.report.actions import reference_tables, write_actions

            write_actions(trace, place, (*reference_tables(trace), *tables))
            return
        case _:
            raise AssertionError(name)
    write(trace, place, seen)
