"""The command ``network``: a NIR graph of LIF neurons, on the PEs of a machine."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spinn2sim.command_line import AsJson, Overrides, print_json, report
from spinn2sim.errors import MissingFileError, OutputError

if TYPE_CHECKING:
    from spinn2sim.spec import Scenario

FIRMWARE = "firmware_models.lif:Lif"
NETWORK, SCENARIO = "network.npz", "scenario.yaml"


def network(
    file: Annotated[Path, typer.Argument(metavar="FILE.nir", help="A NIR graph (HDF5).")],
    *,
    pes: Annotated[int, typer.Option(metavar="N", min=1, help="PEs to map it on.")] = 1,
    chip: Annotated[
        str, typer.Option(metavar="PRESET", help="Machine: fpga-prototype, spinnaker2.")
    ] = "spinnaker2",
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="[default: that of the file's name]")
    ] = None,
    overrides: Overrides = None,
    as_json: AsJson = False,
) -> None:
    """Map a graph of LIF neurons from a NIR file on PEs, and check its time and memory.

    Writes network.npz and scenario.yaml. The check is a short run on noise; cycles do not depend
    on the spikes. Needs pip install 'spinn2sim[nir]'.

    \b
    spinn2sim network model.nir --pes 4
    spinn2sim network model.nir --pes 16 --set chip.pe.clock=300MHz --set timestep=1ms
    """
    from spinn2sim.feasibility import short_run
    from spinn2sim.nir_graph import read_nir
    from spinn2sim.report import summarise
    from spinn2sim.spec import dump_scenario

    if not file.is_file():
        raise MissingFileError("NIR graph", str(file), "name a file that holds one, as model.nir")
    folder = out or Path(file.stem)
    if folder.exists():
        raise OutputError(str(folder), "exists", "choose another --out")
    scenario = _scenario(file.stem, chip, pes, overrides or [])
    found = read_nir(file, scenario.timestep / 1e9)
    place = folder / NETWORK
    scenario = scenario.with_changes(
        parameters={
            **scenario.parameters,
            "n_in": found.n_in,
            "n_rec": found.n_neurons,
            "n_out": found.n_out,
            "network": str(place),
        }
    )
    try:
        folder.mkdir(parents=True)
        found.save(place)
        (folder / SCENARIO).write_text(dump_scenario(scenario), encoding="utf-8")
    except OSError as error:
        raise OutputError(str(folder), error.strerror or error, "choose another --out") from None
    try:
        trace = short_run(scenario)
    except BaseException:
        shutil.rmtree(folder)
        raise
    summary = summarise(trace)
    if as_json:
        print_json("network", {**summary.as_dict(), "folder": str(folder)})
        return
    from spinn2sim.report.terminal import print_run

    with report() as console:
        print_run(console, trace, summary)
        console.print(f"\n{NETWORK} and {SCENARIO} in {folder}", markup=False, soft_wrap=True)


def _scenario(name: str, chip: str, pes: int, overrides: list[str]) -> Scenario:
    """The scenario, but for what only the graph knows."""
    from spinn2sim.spec import load_scenario

    fixed = [f"name={json.dumps(name)}", f"n_pe={pes}", f"firmware={FIRMWARE}"]
    return load_scenario(preset=chip, overrides=[*fixed, *overrides])
