"""The Recorder: the only object hardware writes to that outlives the run.

A record is one tuple appended to a list; everything else is left to ``freeze``. Work is kept as
segments: each distinct tuple of charges is stored once and rows refer to it by number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from spinn2sim.trace.records import FLOATS, TABLES, Cause, column_type
from spinn2sim.trace.trace import Columns, Trace

T = TypeVar("T", bound=tuple[Any, ...] | str)

#: (label, cycles, every)
Charges = tuple[tuple[str, int, str], ...]

Rows: TypeAlias = list[tuple[Any, ...]] | NDArray[np.int64]


class Recorder:
    """Collects rows while the run lasts."""

    def __init__(self) -> None:
        self.rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in TABLES}
        self.packets: NDArray[np.int64] | None = None
        """The rows of that table, which come at once when the run is over, if they do."""
        self._names: dict[str, int] = {}
        self._work, self._wait = self.rows["work"].append, self.rows["waits"].append

    def work(self, pe: int, timestep: int, start: int, charges: Charges) -> None:
        """The core of *pe* works off *charges* from *start* on."""
        self._work((pe, timestep, start, charges))

    def wait(self, pe: int, timestep: int, cause: Cause, start: int, stop: int) -> None:
        """The core of *pe* waits, if *stop* is after *start*."""
        if stop > start:
            self._wait((pe, timestep, cause, start, stop))

    def send(self, pe: int, timestep: int, at: int, keys: Sequence[int], *, spikes: bool) -> None:
        """*pe* hands a packet per key to Comms."""
        self.rows["sends"].append((pe, timestep, at, len(keys)))
        if spikes:
            self.rows["spikes"].extend((pe, timestep, key) for key in keys)

    def log(self, pe: int, timestep: int, name: str, value: float) -> None:
        """A firmware notes *value*."""
        number = self._names.setdefault(name, len(self._names))
        self.rows["log"].append((pe, timestep, number, value))

    def freeze(self, meta: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Trace:
        """The Trace of the finished run; *meta* is completed with the names of labels and logs."""
        work, segments = _numbered(self.rows["work"])
        logged = self.rows["log"]
        cells = np.array([row[:3] for row in logged], np.int64).reshape(-1, 3)
        names = in_order_of_first(list(self._names), cells[:, 2], (cells[:, 1], cells[:, 0]))
        rank = {self._names[name]: names.index(name) for name in names}
        log = [(pe, timestep, rank[name], value) for pe, timestep, name, value in logged]
        rows_of: dict[str, Rows] = {**self.rows, "work": work, "log": log}
        if self.packets is not None:
            rows_of["packets"] = self.packets
        tables = {
            name: _columns(name, rows) for name, rows in rows_of.items() if name != "segments"
        }
        return frozen_trace(meta, tables, arrays, segments, names)


def frozen_trace(
    meta: Mapping[str, Any],
    tables: Mapping[str, Columns],
    arrays: Mapping[str, NDArray[Any]],
    segments: Sequence[Charges],
    log_names: Sequence[str],
) -> Trace:
    """A Trace of *tables*; that of the *segments* is made from their charges, others are empty."""
    labels: dict[tuple[str, str], int] = {}
    rows = [
        (segment, labels.setdefault((label, every), len(labels)), cycles)
        for segment, charges in enumerate(segments)
        for label, cycles, every in charges
    ]
    named = {
        "labels": [label for label, _ in labels],
        "every": [every for _, every in labels],
        "log_names": list(log_names),
    }
    given = {**tables, "segments": _columns("segments", rows)}
    whole = {name: given[name] if name in given else _columns(name, []) for name in TABLES}
    return Trace({**meta, **named}, whole, _frozen(arrays))


def _numbered(
    work: list[tuple[Any, ...]],
) -> tuple[NDArray[np.int64], list[Charges]]:
    """The rows of work with a number for their charges, and the charges in order of number.

    They are numbered in order of their first use, by tick and then PE, so that a run has the same
    numbers however it was recorded. Programs issue the same op again and again, so charges are told
    apart by identity first, which is safe while the rows hold them.
    """
    by_identity = {id(row[3]): row[3] for row in work}
    charges = list(dict.fromkeys(by_identity.values()))
    place = {each: number for number, each in enumerate(charges)}
    place_of = {identity: place[each] for identity, each in by_identity.items()}
    rows = [(pe, timestep, start, place_of[id(each)]) for pe, timestep, start, each in work]
    cells = np.fromiter(chain.from_iterable(rows), np.int64, 4 * len(rows)).reshape(-1, 4)
    segments = in_order_of_first(charges, cells[:, 3], (cells[:, 2], cells[:, 0]))
    cells[:, 3] = np.array([segments.index(each) for each in charges], np.int64)[cells[:, 3]]
    return cells, segments


def in_order_of_first(
    items: Sequence[T], used: NDArray[np.int64], when: tuple[NDArray[np.int64], ...]
) -> list[T]:
    """*items* in order of their first use, by the columns of *when*; those of a tie by themselves.

    used: (n,) places in *items*; when: columns (n,), the foremost first. Items that are never used
    are left out.
    """
    earliest = np.full(len(items), np.iinfo(np.int64).max)
    np.minimum.at(earliest, used, when[0])
    candidates = np.flatnonzero(when[0] == earliest[used])  # few, and only they need sorting
    used, when = used[candidates], tuple(column[candidates] for column in when)
    by_size = sorted(range(len(items)), key=lambda place: items[place])
    rank = np.argsort(np.array(by_size, np.int64))
    in_order = used[np.lexsort([rank[used], *when[::-1]])]
    places, first = np.unique(in_order, return_index=True)
    return [items[place] for place in places[np.argsort(first)].tolist()]


def _columns(table: str, rows: Rows) -> Columns:
    names = TABLES[table]
    if isinstance(rows, np.ndarray):
        return _frozen(_typed(table, rows))
    # Ticks are whole and may exceed what a float holds; the one table with floats has none.
    kind = np.float64 if any((table, name) in FLOATS for name in names) else np.int64
    n_cells = len(rows) * len(names)
    assert set(map(len, rows)) <= {len(names)}, f"rows of {table!r} do not have {names}"
    cells = np.fromiter(chain.from_iterable(rows), kind, n_cells).reshape(-1, len(names))
    return _frozen(_typed(table, cells))


def _typed(table: str, cells: NDArray[Any]) -> Columns:
    return {
        name: cells[:, number].astype(column_type(table, name), copy=False)
        for number, name in enumerate(TABLES[table])
    }


def _frozen(arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    for array in arrays.values():
        array.setflags(write=False)
    return dict(arrays)
