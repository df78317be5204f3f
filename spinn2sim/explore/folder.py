"""The folder of a sweep.

::

    sweep.yaml       the sweep, its base scenario written out: it goes on from here alone
    provenance.json  version, code, store, times, counts
    points.parquet   a row per point: axes by field path, outputs with units in their names, status

``points.parquet`` is there when the sweep is done or collected; finished points are in the store.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl

from spinn2sim.errors import MissingFileError, OutputError, StoreError
from spinn2sim.explore.plan import Plan, make_plan
from spinn2sim.explore.sweep_file import dump_sweep, load_sweep
from spinn2sim.training.whole_file import write_whole

SWEEP, PROVENANCE, POINTS = "sweep.yaml", "provenance.json", "points.parquet"


def begin(folder: Path, plan: Plan, provenance: Mapping[str, Any]) -> None:
    """Make *folder*, or find it made by a sweep before.

    :raises OutputError: there is something else in it, or it cannot be written.
    """
    refuse_others(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = f"cannot be made ({error.strerror or error})"
        raise OutputError(str(folder), problem, "choose another --out") from None
    put(folder / SWEEP, dump_sweep(plan.sweep, plan.scenario).encode())
    write_provenance(folder, provenance)


def refuse_others(folder: Path) -> None:
    """:raises OutputError: *folder* is a file, or holds things and is not that of a sweep."""
    if os.path.lexists(folder) and not folder.is_dir():
        raise OutputError(str(folder), "is a file", "choose another --out")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / SWEEP).is_file():
        raise OutputError(str(folder), "holds something else", "choose another --out")


def reopen(folder: Path) -> tuple[Plan, Path]:
    """The plan of the sweep in *folder*, and the folder of its store.

    :raises MissingFileError: there is none.
    :raises SpecError: its files have been changed and cannot be used any more.
    """
    path = folder / SWEEP
    if not path.is_file():
        raise MissingFileError("sweep", str(path), "name a folder that `sweep` has made")
    plan = make_plan(*load_sweep(path), str(path))
    return plan, Path(str(read_provenance(folder)["store"]))


def read_provenance(folder: Path) -> dict[str, Any]:
    """What ``provenance.json`` holds.

    :raises StoreError: it is damaged.
    """
    path = folder / PROVENANCE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {"store": content["store"], **content}
    except (OSError, ValueError, KeyError, TypeError):
        raise StoreError(str(path), "missing or damaged", "run the sweep file again") from None


def write_provenance(folder: Path, content: Mapping[str, Any]) -> None:
    """Write ``provenance.json``, whole or not at all."""
    put(folder / PROVENANCE, (json.dumps(content, indent=2) + "\n").encode())


def write_points(folder: Path, table: pl.DataFrame, name: str = POINTS) -> None:
    """Write *table* as Parquet, whole or not at all."""
    content = io.BytesIO()
    table.write_parquet(content)
    put(folder / name, content.getvalue())


def put(path: Path, content: bytes) -> None:
    """Write *content* to *path*, whole or not at all, though others may write it at the same time.

    :raises OutputError: it cannot be written.
    """
    own = path.with_name(f".{uuid4().hex}")
    write_whole(own, content)
    own.replace(path)
