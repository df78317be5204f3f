"""The run folder: everything about one run, written whole or not at all.

::

    scenario.yaml    the resolved scenario; loads to the same run, but for --checkpoint and --data
    summary.json     the verdict and the figures behind it
    provenance.json  version, seed, wall time, ratio to simulated time, digest; corpus, checkpoint
    trace.npz        the trace
    tables/          CSV and Parquet, units in the column names
    figures/         PNG

It is filled under a hidden name beside its place and then renamed.
"""

from __future__ import annotations

import errno
import json
import os
import platform
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from spinn2sim import __version__
from spinn2sim.errors import MissingFileError, OutputError, RunFolderError
from spinn2sim.report import Summary
from spinn2sim.report.fall_backs import fall_backs
from spinn2sim.report.figures import draw_profile
from spinn2sim.report.tables import write_tables
from spinn2sim.spec import Scenario, dump_scenario
from spinn2sim.trace import Trace, load_trace, save_trace

TRACE = "trace.npz"

#: All that a run folder holds; one with anything else in it is not replaced.
CONTENT = ("scenario.yaml", "summary.json", "provenance.json", TRACE, "tables", "figures")


def next_folder(parent: Path, name: str) -> Path:
    """A folder under *parent* that does not exist yet: ``name-001`` and so on."""
    number = 1
    while os.path.lexists(folder := parent / f"{name}-{number:03}"):
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
    inputs: Mapping[str, Any] | None = None,
) -> None:
    """Write a run to *folder*; *inputs* name what the scenario does not, for its provenance.

    wall_s: seconds from the start of simulated time to its end, start-up and compilation apart.

    :raises RunFolderError: *folder* exists and *replace* is not set.
    :raises OutputError: it cannot be written, or holds other files and is not replaced.
    """
    refuse_existing(folder, replace=replace)
    place = folder.resolve()
    partial = place.with_name(f".{place.name}.{os.getpid()}.partial")
    with _clear_message(folder):
        try:
            _fill(partial, scenario, trace, summary, {"wall_s": wall_s, **(inputs or {})})
            _put(partial, place, replace=replace)
        finally:
            shutil.rmtree(partial, ignore_errors=True)


def refuse_existing(folder: Path, *, replace: bool) -> None:
    """Complain about *folder* before a run rather than after it: it is in the way.

    :raises RunFolderError: it exists and *replace* is not set.
    :raises OutputError: it cannot be made here, or holds other files and is not replaced.
    """
    if os.path.lexists(folder):
        if not folder.is_dir():
            raise OutputError(str(folder), "is a file", "choose another --out")
        if not replace:
            raise RunFolderError(str(folder))
        _refuse_others(folder)
    parent = folder.resolve().parent
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir():
        raise OutputError(str(folder), f"{parent} is a file", "choose another --out")
    if not os.access(parent, os.W_OK | os.X_OK):
        problem = f"{parent} is not writable"
        raise OutputError(str(folder), problem, "choose another --out or change its permissions")


def read_run(path: Path) -> Trace:
    """The trace of the run in folder *path*, or in the file *path*.

    :raises MissingFileError: there is none.
    :raises TraceFileError: it is damaged.
    """
    if path.is_dir() and not (path / TRACE).is_file():
        raise MissingFileError("trace", str(path / TRACE), "name a folder that `run` has written")
    return load_trace(path / TRACE if path.is_dir() else path)


def _refuse_others(folder: Path) -> None:
    """Leave a folder alone that holds what no run has written."""
    others = sorted(entry.name for entry in folder.iterdir() if entry.name not in CONTENT)
    if others:
        shown = ", ".join(others[:3]) + (", ..." if len(others) > 3 else "")
        raise OutputError(
            str(folder), f"holds more than a run ({shown})", "choose another --out or move them"
        )


def _put(partial: Path, place: Path, *, replace: bool) -> None:
    """Rename *partial* to *place*; a run that was there goes only when the new one has come."""
    old = partial.with_suffix(".old")
    try:
        if replace and place.exists():
            place.rename(old)
        partial.rename(place)
    finally:
        if old.exists() and not place.exists():
            old.rename(place)
        shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _clear_message(folder: Path) -> Iterator[None]:
    """What the system refuses, as an error of ours."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOTEMPTY:  # Another run has come first.
            raise RunFolderError(str(folder)) from None
        problem = f"cannot be written ({error.strerror or error})"
        raise OutputError(str(folder), problem, "choose another --out") from None


def _fill(
    folder: Path, scenario: Scenario, trace: Trace, summary: Summary, known: Mapping[str, Any]
) -> None:
    """*known*: what only the caller can tell of the run, ``wall_s`` among it."""
    wall_s: float = known["wall_s"]
    folder.mkdir(parents=True)
    (folder / "tables").mkdir()
    (folder / "figures").mkdir()
    (folder / "scenario.yaml").write_text(dump_scenario(scenario), encoding="utf-8")
    _write_json(folder / "summary.json", summary.as_dict())
    provenance = {
        "spinn2sim": __version__,
        "python": platform.python_version(),
        "machine": platform.platform(),
        "seed": scenario.seed,
        "simulated_s": summary.simulated_s,
        "simulated_over_wall": summary.simulated_s / wall_s if wall_s else None,
        "digest": summary.digest,
        "timing": fall_backs(trace).as_dict(),
        **known,
    }
    _write_json(folder / "provenance.json", provenance)
    save_trace(trace, folder / TRACE)
    write_tables(trace, folder / "tables")
    draw_profile(trace, folder / "figures" / "profile.png")


def _write_json(path: Path, content: dict[str, Any]) -> None:
    text = json.dumps(content, indent=2, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
