"""The Recorder: the only object hardware writes to that outlives the run.

A record is one tuple appended to a list; everything else is left to ``freeze``. Work is kept as
segments: each distinct tuple of charges is stored once and rows refer to it by number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from spinn2sim.trace.records import FLOATS, TABLES, Cause, column_type
from spinn2sim.trace.trace import Columns, Trace

T = TypeVar("T")

#: (label, cycles, every)
Charges = tuple[tuple[str, int, str], ...]


class Recorder:
    """Collects rows while the run lasts."""

    def __init__(self) -> None:
        self.rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in TABLES}
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
        names = in_order_of_first(
            list(self._names),
            [number for _, _, number, _ in logged],
            [(timestep, pe) for pe, timestep, _, _ in logged],
        )
        rank = {self._names[name]: names.index(name) for name in names}
        log = [(pe, timestep, rank[name], value) for pe, timestep, name, value in logged]
        rows_of = {**self.rows, "work": work, "log": log}
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
) -> tuple[list[tuple[Any, ...]], list[Charges]]:
    """The rows of work with a number for their charges, and the charges in order of number.

    They are numbered in order of their first use, by tick and then PE, so that a run has the same
    numbers however it was recorded. Programs issue the same op again and again, so charges are told
    apart by identity first, which is safe while the rows hold them.
    """
    by_identity = {id(row[3]): row[3] for row in work}
    charges = list(dict.fromkeys(by_identity.values()))
    place = {each: number for number, each in enumerate(charges)}
    place_of = {identity: place[each] for identity, each in by_identity.items()}
    used = [place_of[id(row[3])] for row in work]
    segments = in_order_of_first(charges, used, [(start, pe) for pe, _, start, _ in work])
    numbers = [segments.index(each) for each in charges]
    rows = [
        (pe, timestep, start, numbers[each])
        for (pe, timestep, start, _), each in zip(work, used, strict=True)
    ]
    return rows, segments


def in_order_of_first(
    items: Sequence[T], used: Sequence[int], when: Sequence[tuple[int, int]]
) -> list[T]:
    """*items* in order of the least of *when* each is used; those of a tie in their own order.

    used: places in *items*, one for each of *when*. Items that are never used are left out.
    """
    first: dict[int, tuple[int, int]] = {}
    for place, at in zip(used, when, strict=True):
        if place not in first or at < first[place]:
            first[place] = at
    return [items[place] for place in sorted(first, key=lambda each: (first[each], items[each]))]


def _columns(table: str, rows: list[tuple[Any, ...]]) -> Columns:
    names = TABLES[table]
    # Ticks are whole and may exceed what a float holds; the one table with floats has none.
    kind = np.float64 if any((table, name) in FLOATS for name in names) else np.int64
    n_cells = len(rows) * len(names)
    assert set(map(len, rows)) <= {len(names)}, f"rows of {table!r} do not have {names}"
    cells = np.fromiter(chain.from_iterable(rows), kind, n_cells).reshape(-1, len(names))
    return _frozen(
        {
            name: cells[:, number].astype(column_type(table, name))
            for number, name in enumerate(names)
        }
    )


def _frozen(arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    for array in arrays.values():
        array.setflags(write=False)
    return dict(arrays)
