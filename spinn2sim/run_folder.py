"""The run folder: everything about one run, written whole or not at all.

::

    scenario.yaml    the resolved scenario; loads to the same run
    summary.json     the verdict and the figures behind it
    provenance.json  version, seed, wall time, ratio to simulated time, digest
    trace.npz        the trace
    tables/          CSV and Parquet, units in the column names
    figures/         PNG
"""

from __future__ import annotations

import json
import platform
import shutil
from pathlib import Path
from typing import Any

from spinn2sim import __version__
from spinn2sim.errors import MissingFileError, RunFolderError
from spinn2sim.report import Summary
from spinn2sim.report.figures import draw_profile
from spinn2sim.report.tables import write_tables
from spinn2sim.spec import Scenario, dump_scenario
from spinn2sim.trace import Trace, load_trace, save_trace

TRACE = "trace.npz"


def next_folder(parent: Path, name: str) -> Path:
    """A folder under *parent* that does not exist yet: ``name-001`` and so on."""
    number = 1
    while (folder := parent / f"{name}-{number:03}").exists():
        number += 1
    return folder


def write_run(
    folder: Path,
    scenario: Scenario,
    trace: Trace,
    summary: Summary,
    *,
    wall_s: float,
    replace: bool = False,
) -> None:
    """Write a run to *folder*.

    :raises RunFolderError: *folder* exists and *replace* is not set.
    """
    refuse_existing(folder, replace=replace)
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        _fill(partial, scenario, trace, summary, wall_s)
        if folder.exists():
            shutil.rmtree(folder)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def refuse_existing(folder: Path, *, replace: bool) -> None:
    """Complain if *folder* is in the way: it is no run, or it may not be replaced.

    :raises RunFolderError: it is.
    """
    if folder.exists() and not (replace and (folder / TRACE).is_file()):
        raise RunFolderError(str(folder))


def read_run(path: Path) -> Trace:
    """The trace of the run in folder *path*, or in the file *path*.

    :raises MissingFileError: there is none.
    :raises TraceFileError: it is damaged.
    """
    if path.is_dir() and not (path / TRACE).is_file():
        raise MissingFileError("trace", str(path / TRACE), "name a folder that `run` has written")
    return load_trace(path / TRACE if path.is_dir() else path)


def _fill(folder: Path, scenario: Scenario, trace: Trace, summary: Summary, wall_s: float) -> None:
    for part in (folder, folder / "tables", folder / "figures"):
        part.mkdir(parents=True)
    (folder / "scenario.yaml").write_text(dump_scenario(scenario), encoding="utf-8")
    _write_json(folder / "summary.json", summary.as_dict())
    provenance = {
        "spinn2sim": __version__,
        "python": platform.python_version(),
        "machine": platform.platform(),
        "seed": scenario.seed,
        "wall_s": wall_s,
        "simulated_s": summary.simulated_s,
        "simulated_over_wall": summary.simulated_s / wall_s if wall_s else None,
        "digest": summary.digest,
    }
    _write_json(folder / "provenance.json", provenance)
    save_trace(trace, folder / TRACE)
    write_tables(trace, folder / "tables")
    draw_profile(trace, folder / "figures" / "profile.png")


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
