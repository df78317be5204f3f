"""Axes: the combinations of values that a sweep goes through.

Each axis is a list of changes, and a sweep their product. What is drawn at random depends on the
sweep's seed and the place of the axis alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Annotated, Any, Literal, Self, TypeAlias

import numpy as np
from pydantic import Discriminator, Field, Tag, model_validator

from spinn2sim.quantity import Within
from spinn2sim.validated import Validated

#: Points that a sweep may have: more do not fit a table that a person looks at.
MAX_POINTS = 1_000_000

Changes: TypeAlias = dict[str, Any]
Count = Annotated[int, Within(1, MAX_POINTS, "point")]
Number: TypeAlias = int | float
Scale: TypeAlias = Literal["linear", "log"]


class Range(Validated):
    """Numbers from *low* to *high*, both included, in the base unit of their field (Hz, B, ns)."""

    low: Number
    high: Number
    step: Annotated[Number, Field(gt=0)] | None = None
    """Distance of two values."""
    n: Count | None = None
    """How many, instead of their distance; whole numbers stay whole, each comes once."""
    scale: Scale = "linear"
    """Whether *n* values are equally far apart, or each the same times the one before."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low = {self.low} is above high = {self.high}")
        if self.scale == "log" and (self.low <= 0 or self.step is not None):
            raise ValueError("scale: log needs low above 0, and n instead of step")
        return self

    def values(self) -> list[Number]:
        """The values, in order; with neither *step* nor *n* all whole numbers."""
        if self.n is None:
            step = 1 if self.step is None else self.step
            return [self.low + k * step for k in range(self._n_steps + 1)]
        spaced = np.geomspace if self.scale == "log" else np.linspace
        return sorted({self._whole(value) for value in spaced(self.low, self.high, self.n)})

    def draw(self, rng: np.random.Generator, n: int) -> list[Number]:
        """*n* values, evenly distributed on the scale."""
        if self.scale == "log":
            low, high = np.log([self.low, self.high]).tolist()
            return [self._whole(value) for value in np.exp(rng.uniform(low, high, n))]
        if self._is_whole:
            whole: list[Number] = rng.integers(int(self.low), int(self.high) + 1, n).tolist()
            return whole
        return [float(value) for value in rng.uniform(self.low, self.high, n)]

    @property
    def at_most(self) -> int:
        """No less than the number of its values, which are not made for it."""
        return self._n_steps + 1 if self.n is None else self.n

    @property
    def _n_steps(self) -> int:
        step = 1 if self.step is None else self.step
        return int((self.high - self.low) / step * (1 + 1e-12))

    @property
    def _is_whole(self) -> bool:
        return isinstance(self.low, int) and isinstance(self.high, int)

    def _whole(self, value: Any) -> Number:
        return round(float(value)) if self._is_whole else float(value)


def _kind(values: object) -> str:
    return "range" if isinstance(values, Mapping | Range) else "list"


Choices: TypeAlias = Annotated[tuple[Any, ...], Field(min_length=1)]
Values: TypeAlias = Annotated[
    Annotated[Range, Tag("range")] | Annotated[Choices, Tag("list")], Discriminator(_kind)
]


class Random(Validated):
    """*n* points, each field drawn on its own."""

    n: Count
    fields: Annotated[dict[str, Values], Field(min_length=1)]
    """Ranges, or lists to choose from."""


class Axis(Validated):
    """One of: a grid, a list of points, a random sample, or fields that change together."""

    grid: dict[str, Values] | None = None
    """All combinations of the values of each field."""
    zipped: dict[str, Values] | None = None
    """The first values of all fields, the second ones, and so on."""
    list: tuple[Changes, ...] | None = None
    """Each point written out, as a mapping of fields to values."""
    random: Random | None = None
    """Points drawn at random."""

    @model_validator(mode="after")
    def _is_one_kind(self) -> Self:
        given = [kind for kind in type(self).model_fields if getattr(self, kind)]
        if len(given) != 1:
            raise ValueError("give one of grid, zipped, list or random, and something in it")
        for path, values in (self.grid or self.zipped or {}).items():
            if isinstance(values, Range) and values.at_most > MAX_POINTS:
                raise ValueError(f"{path}: {values.at_most:,} values; at most {MAX_POINTS:,}")
        if self.zipped and len({len(_listed(each)) for each in self.zipped.values()}) > 1:
            raise ValueError("zipped: all fields must have as many values")
        if self.list and len({frozenset(point) for point in self.list}) > 1:
            raise ValueError("list: all points must name the same fields")
        return self

    @property
    def fields(self) -> tuple[str, ...]:
        """The field paths that it changes."""
        if self.random is not None:
            return tuple(self.random.fields)
        if self.list is not None:
            return tuple(self.list[0])
        return tuple(self.grid or self.zipped or ())

    @property
    def n_points(self) -> int:
        """How many points it has."""
        if self.random is not None:
            return self.random.n
        if self.list is not None:
            return len(self.list)
        sizes = [len(_listed(values)) for values in (self.grid or self.zipped or {}).values()]
        return math.prod(sizes) if self.grid else sizes[0]

    def changes(self, seed: tuple[int, int]) -> Iterator[Changes]:
        """Its points in order; *seed* is that of what is random."""
        if self.list is not None:
            yield from self.list
        elif self.random is not None:
            rng = np.random.default_rng(seed)
            drawn = [_drawn(each, rng, self.random.n) for each in self.random.fields.values()]
            yield from _together(self.random.fields, zip(*drawn, strict=True))
        elif self.grid is not None:
            yield from _together(self.grid, product(*map(_listed, self.grid.values())))
        else:
            assert self.zipped is not None
            columns = map(_listed, self.zipped.values())
            yield from _together(self.zipped, zip(*columns, strict=True))


def combinations(axes: tuple[Axis, ...], seed: int) -> list[Changes]:
    """The product of *axes*; the last one changes fastest.

    :raises ValueError: they are more than MAX_POINTS.
    """
    n = math.prod(axis.n_points for axis in axes)
    if n > MAX_POINTS:
        raise ValueError(f"{n:,} points; a sweep may have {MAX_POINTS:,}")
    columns = [list(axis.changes((seed, place))) for place, axis in enumerate(axes)]
    return [
        {path: value for part in parts for path, value in part.items()}
        for parts in product(*columns)
    ]


def _together(fields: Mapping[str, Values], rows: Iterator[tuple[Any, ...]]) -> Iterator[Changes]:
    return (dict(zip(fields, row, strict=True)) for row in rows)


def _listed(values: Values) -> list[Any]:
    return values.values() if isinstance(values, Range) else list(values)


def _drawn(values: Values, rng: np.random.Generator, n: int) -> list[Any]:
    if isinstance(values, Range):
        return values.draw(rng, n)
    return [values[k] for k in rng.integers(len(values), size=n)]
