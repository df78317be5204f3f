"""A finished sweep as a report reads it: a row per point, what varies and what came out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from spinn2sim.errors import MissingFileError, StoreError
from spinn2sim.plain_yaml import read_yaml
from spinn2sim.report.guesses import shown

#: What the folder of a sweep holds.
POINTS, SPEC, PROVENANCE = "points.parquet", "sweep.yaml", "provenance.json"

#: What that of a search holds in place of SPEC.
SEARCH = "search.yaml"

#: Columns that are neither axis nor output: what became of a point, why, and its address.
STATUS, ERROR, ADDRESS = "status", "error", "point"

#: What is varied beside the fields of the scenario.
SETTINGS = ("fidelity", "seed")

#: Status of a point that came to its end, and of one that did not.
DONE, FAILED = "done", "failed"

#: Values of an axis that are shown in its units.
MAX_LABELS = 200

#: Against files that cannot be read.
REMEDY = "write them again with `spinn2sim sweep collect`"


@dataclass(frozen=True, slots=True)
class Sweep:
    """The points of a sweep."""

    name: str
    points: pl.DataFrame
    axes: tuple[str, ...]
    """Columns of what was varied, by field path."""
    outputs: tuple[str, ...]
    """Columns of what came out; units are in the names."""
    provenance: Mapping[str, Any]

    @property
    def n_failed(self) -> int:
        """Points that ended in an error."""
        return self._n(FAILED)

    @property
    def n_done(self) -> int:
        """Points that came to their end."""
        return self._n(DONE)

    def labels(self, axis: str) -> dict[int, str]:
        """The values of *axis* in its units, as ``65MHz``; none if it is no number of the chip."""
        values = self.points[axis].drop_nulls().unique()
        if axis not in self.axes or not values.dtype.is_integer() or len(values) > MAX_LABELS:
            return {}
        try:
            return {value: shown(axis, value) for value in values.to_list()}
        except (KeyError, AttributeError):  # Not a field of the scenario, as those of a firmware.
            return {}

    def _n(self, status: str) -> int:
        return int((self.points[STATUS] == status).sum())


def is_sweep(path: Path) -> bool:
    """Whether *path* is the folder of a sweep."""
    return (path / POINTS).is_file()


def read_sweep(folder: Path) -> Sweep:
    """The sweep in *folder*.

    :raises MissingFileError: there is none.
    :raises StoreError: its points cannot be read.
    """
    if not is_sweep(folder):
        raise MissingFileError("sweep", str(folder / POINTS), "name a folder that `sweep` wrote")
    try:
        points = pl.read_parquet(folder / POINTS)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise StoreError(str(folder / POINTS), f"damaged: {error}", REMEDY) from None
    if STATUS not in points.columns:
        raise StoreError(str(folder / POINTS), f"has no column {STATUS!r}", REMEDY)
    spec = _spec(folder)
    mentioned = {*_keys(spec.get("axes")), *_keys(spec.get("space")), *SETTINGS}
    others = [column for column in points.columns if column not in (STATUS, ERROR, ADDRESS)]
    axes = tuple(column for column in others if column in mentioned or "." in column)
    outputs = tuple(column for column in others if column not in axes)
    name = str(spec.get("name") or folder.resolve().name)
    return Sweep(name, points, axes, outputs, _provenance(folder))


def _spec(folder: Path) -> Mapping[str, Any]:
    path = folder / (SPEC if (folder / SPEC).is_file() else SEARCH)
    found = read_yaml(path.read_text(encoding="utf-8"), str(path)) if path.is_file() else {}
    return found if isinstance(found, Mapping) else {}


def _provenance(folder: Path) -> Mapping[str, Any]:
    path = folder / PROVENANCE
    try:
        found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except ValueError:
        raise StoreError(str(path), "damaged", REMEDY) from None
    return found if isinstance(found, Mapping) else {}


def _keys(content: Any) -> Iterator[str]:
    """All keys in *content*, at any depth: among them the field paths of the axes."""
    if isinstance(content, Mapping):
        for key, inner in content.items():
            yield str(key)
            yield from _keys(inner)
    elif isinstance(content, list):
        for inner in content:
            yield from _keys(inner)
