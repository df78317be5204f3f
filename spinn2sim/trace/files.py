"""A Trace on disk: one NPZ without pickle, written whole or not at all, checked when read."""

from __future__ import annotations

import dataclasses
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from spinn2sim.errors import MissingFileError, TraceFileError
from spinn2sim.trace.records import OCCASIONAL, TABLES, UNDIGESTED, column_type
from spinn2sim.trace.trace import Trace
from spinn2sim.trace.window_counts import WindowCounts

#: Raised by one when old files can no longer be read as they are.
FORMAT = 2

#: Level of zlib. Its default, 6, takes more than twice as long for a tenth less of a file.
COMPRESSION = 2


def save_trace(trace: Trace, path: Path) -> None:
    """Write *trace* to *path* (``.npz``); a reader sees the old file or the whole new one.

    A write that fails leaves nothing behind.
    """
    simulator = {"timed_by": trace.timed_by, "windows": trace.windows._asdict()}
    head = {
        "format": FORMAT,
        "digest": trace.digest(),
        "simulator": simulator,
        "meta": trace.meta,
    }
    content: dict[str, NDArray[Any]] = {"head": np.frombuffer(json.dumps(head).encode(), np.uint8)}
    for name, columns in trace.tables.items():
        content |= {f"table/{name}/{column}": _narrow(values) for column, values in columns.items()}
    content |= {f"array/{name}": array for name, array in trace.arrays.items()}
    assert not any(values.dtype.hasobject for values in content.values()), "it would be pickled"
    partial = path.with_name(path.name + ".partial")
    try:
        with partial.open("wb") as file:
            _write(file, content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _write(file: BinaryIO, content: Mapping[str, NDArray[Any]]) -> None:
    """An NPZ, as ``numpy.savez_compressed`` makes, in less than half of its time."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION) as archive:
        for name, values in content.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, values, allow_pickle=False)


def _narrow(values: NDArray[Any]) -> NDArray[Any]:
    """Whole numbers in the smallest type that holds them: half of writing is compressing."""
    if values.dtype != np.int64 or not values.size:
        return values
    low, high = int(values.min()), int(values.max())
    kinds = (np.int8, np.int16, np.int32, np.int64)
    kind = next(each for each in kinds if np.iinfo(each).min <= low and high <= np.iinfo(each).max)
    return values.astype(kind)


def load_trace(path: Path) -> Trace:
    """Read the trace in *path*.

    :raises MissingFileError: there is no such file.
    :raises TraceFileError: it is damaged, not a trace, or of another format.
    """
    if not path.is_file():
        raise MissingFileError("trace", str(path), "name a run folder or its trace.npz")
    head, content = _read(path)
    if head["format"] != FORMAT:
        problem = f"format {head['format']}, this version reads {FORMAT}; run it again"
        raise TraceFileError(str(path), problem)
    trace = _assemble(head.get("meta", {}), content)
    if simulator := head.get("simulator"):  # Files of older versions do not tell.
        counts = simulator["windows"]
        if "link_by_link" in counts:  # As older versions called it.
            counts["whole"] = counts.pop("link_by_link")
        windows = WindowCounts(**counts)
        trace = dataclasses.replace(trace, timed_by=simulator["timed_by"], windows=windows)
    if not all(trace.tables.values()):
        raise TraceFileError(str(path), "a table is missing; run the scenario again")
    if trace.digest() != head.get("digest"):
        raise TraceFileError(str(path), "its content does not match its digest; run it again")
    return trace


def _read(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """The head, which has at least a format, and the arrays."""
    try:
        # Opened here: np.load leaves a file open that turns out to be no archive.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            content = {name: arrays[name] for name in arrays.files}
        head = json.loads(content.pop("head").tobytes())
        return {"format": head["format"], **head}, content
    except Exception:  # noqa: BLE001 - zipfile, zlib, struct, ast and numpy each raise their own
        raise TraceFileError(str(path), "damaged or not a trace; run the scenario again") from None


def _assemble(meta: dict[str, Any], content: dict[str, NDArray[Any]]) -> Trace:
    for array in content.values():
        array.setflags(write=False)
    tables = {
        name: {
            column: _wide(content[f"table/{name}/{column}"], name, column)
            for column in columns
            if f"table/{name}/{column}" in content
        }
        or _empty(name)
        for name, columns in TABLES.items()
    }
    prefix = "array/"
    arrays = {
        name.removeprefix(prefix): array
        for name, array in content.items()
        if name.startswith(prefix)
    }
    return Trace(meta, tables, arrays)


def _wide(values: NDArray[Any], table: str, column: str) -> NDArray[Any]:
    """*values* of the type that the column has in memory."""
    wide = values.astype(column_type(table, column), copy=False)
    wide.setflags(write=False)
    return wide


def _empty(name: str) -> dict[str, NDArray[Any]]:
    """A table that the file does not know: of a feature that came later, or it is damaged."""
    columns = TABLES[name] if name in OCCASIONAL | UNDIGESTED else ()
    return {column: np.empty(0, column_type(name, column)) for column in columns}
