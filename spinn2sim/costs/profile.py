"""Measured cycles of functions at several sizes, as a CSV file holds them.

A line is a call: ``function,L,I,R,O,cycles`` and, if known, ``low,high``. Each other column is a
size. It does not matter who measured: the emulator here, or a cycle counter on the chip. Lines of
the same function and sizes are one measurement, repeated.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spinn2sim.errors import MissingFileError, SpecError

#: Columns that are not sizes.
NAMED = ("function", "cycles", "low", "high")

#: A header.
EXAMPLE = "function,L,I,R,O,cycles,low,high"

#: A 64-bit counter; more than a table can hold is a slip.
MOST_CYCLES = 2.0**64

#: Problems that a message lists; a file of the wrong kind has one in each line.
MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Measurements:
    """Cycles of one function; a row for each size that it was called at."""

    sizes: NDArray[np.int64]
    """(n, n_symbols)."""
    cycles: NDArray[np.float64]
    """(n,)."""
    low: NDArray[np.float64]
    """(n,): ``cycles``, if no band is known."""
    high: NDArray[np.float64]

    @property
    def banded(self) -> bool:
        """Whether a band is known."""
        return bool((self.low < self.high).any())

    def without(self, left_out: NDArray[np.bool_]) -> Measurements:
        """Less the rows *left_out*, (n,)."""
        kept = ~left_out
        return Measurements(self.sizes[kept], self.cycles[kept], self.low[kept], self.high[kept])


@dataclass(frozen=True, slots=True)
class Profile:
    """Measurements by cost label, in the order in which the labels came."""

    symbols: tuple[str, ...]
    """Names of the sizes."""
    functions: Mapping[str, Measurements]
    measured_on: str | None = None
    """Who measured, and on what, if the file says so."""

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Every combination of sizes that any function was called at, (n, n_symbols)."""
        rows = np.concatenate([each.sizes for each in self.functions.values()])
        return np.unique(rows, axis=0)

    @classmethod
    def of(
        cls,
        symbols: Iterable[str],
        calls: Iterable[tuple[str, tuple[int, ...], float, float, float]],
        measured_on: str | None = None,
    ) -> Profile:
        """Of *calls*: function, sizes, cycles, low, high.

        Repeated calls have their mean, and the band that holds all of theirs. Two underscores in a
        function's name, as a C function has it, stand for the dot of a cost label.
        """
        found: dict[str, dict[tuple[int, ...], list[tuple[float, float, float]]]] = {}
        for function, sizes, cycles, low, high in calls:
            by_size = found.setdefault(function.replace("__", "."), {})
            by_size.setdefault(sizes, []).append((cycles, low, high))
        functions = {label: _measurements(by_size) for label, by_size in found.items()}
        return cls(tuple(symbols), functions, measured_on)


def read_profile(path: Path) -> Profile:
    """The profile in the CSV file *path*.

    :raises MissingFileError: there is no such file.
    :raises SpecError: it is not such a profile; names each line.
    """
    if not path.is_file():
        raise MissingFileError("profile", path, f"name a CSV file: {EXAMPLE}")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise SpecError(str(path), (f"not a CSV file: {error}",)) from None
    header = [name.strip() for name in lines[0]] if lines else []
    if problems := _header_problems(header):
        raise SpecError(str(path), problems)
    symbols = tuple(name for name in header if name not in NAMED)
    calls, problems = [], ()
    for number, line in enumerate(lines[1:], start=2):
        if not line:
            continue
        try:
            calls.append(_call(header, symbols, line))
        except ValueError as error:
            problems += (f"line {number}: {error}",)
    if not calls and not problems:
        problems = ("it has no line of cycles below its header",)
    if problems:
        raise SpecError(str(path), problems[:MOST_SHOWN])
    return Profile.of(symbols, calls)


def _header_problems(header: list[str]) -> tuple[str, ...]:
    missing = [name for name in ("function", "cycles") if name not in header]
    if missing:
        expected = "expected function, sizes, cycles and perhaps low and high, as in " + EXAMPLE
        return (f"line 1: no column {' and no column '.join(missing)}; {expected}",)
    twice = [name for name, following in pairwise(sorted(header)) if name == following]
    odd = [name for name in header if not name.isidentifier()]
    alone = [name for name in ("low", "high") if name in header]
    return (
        *(f"line 1: column {name!r} comes twice" for name in twice),
        *(f"line 1: {name!r} is no name of a size; use a letter, as L" for name in odd),
        *(("line 1: low and high belong together",) if len(alone) == 1 else ()),
        *(() if set(header) - set(NAMED) else ("line 1: no column is a size, as L",)),
    )


def _call(
    header: list[str], symbols: tuple[str, ...], line: list[str]
) -> tuple[str, tuple[int, ...], float, float, float]:
    if len(line) != len(header):
        raise ValueError(f"{len(line)} values for {len(header)} columns")
    values = dict(zip(header, (value.strip() for value in line), strict=True))
    if not values["function"]:
        raise ValueError("the function has no name")
    sizes = tuple(_size(symbol, values[symbol]) for symbol in symbols)
    cycles = _cycles("cycles", values["cycles"])
    low, high = (_cycles(name, values.get(name) or values["cycles"]) for name in ("low", "high"))
    if not low <= cycles <= high:
        raise ValueError(f"cycles {cycles:g} are not between low {low:g} and high {high:g}")
    return values["function"], sizes, cycles, low, high


def _size(symbol: str, text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 2**31:
        raise ValueError(f"{symbol} = {text!r}: expected a whole number from 1")
    return int(text)


def _cycles(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < MOST_CYCLES:
        raise ValueError(f"{name} = {text!r}: expected a number of cycles")
    return value


def _measurements(
    by_size: Mapping[tuple[int, ...], list[tuple[float, float, float]]],
) -> Measurements:
    def each(column: int) -> list[NDArray[np.float64]]:
        return [np.array([call[column] for call in calls]) for calls in by_size.values()]

    return Measurements(
        np.array(list(by_size), np.int64).reshape(len(by_size), -1),
        np.array([cycles.mean() for cycles in each(0)]),
        np.array([low.min() for low in each(1)]),
        np.array([high.max() for high in each(2)]),
    )
