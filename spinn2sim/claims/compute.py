"""Our side of a claim: the function that the claims file names, called now.

A fast function takes its arguments only. A slow one takes a ``Place`` first, since it keeps what it
computes and may go on where it was stopped.
"""

from __future__ import annotations

import importlib
import inspect
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from spinn2sim.claims.claim import Computed, Value
from spinn2sim.errors import SpecError
from spinn2sim.validated import nearest


class Found(NamedTuple):
    """What a function found."""

    value: Value
    note: str = ""
    """What a reader needs to know of this value."""


class Place(NamedTuple):
    """What slow functions work on."""

    runs: Path
    """The folder that keeps their runs."""
    corpus: str | None = None
    """The corpus to train on; None leaves it to them."""


class Table(NamedTuple):
    """Columns and rows of text."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def compute_value(asked: Computed, place: Place) -> Found:
    """The value of a claim.

    :raises SpecError: there is no such function, or it gives no value.
    """
    found = _call(asked, place)
    found = found if isinstance(found, Found) else Found(found)
    value = found.value.item() if hasattr(found.value, "item") else found.value
    if not isinstance(value, Value) or (isinstance(value, float) and not math.isfinite(value)):
        problem = f"gave {value!r}: expected text, a truth value or a finite number"
        raise SpecError(asked.compute, (problem,))
    return Found(value, found.note)


def compute_table(asked: Computed, place: Place) -> Table:
    """The columns and rows of a table.

    :raises SpecError: there is no such function.
    """
    columns, rows = _call(asked, place)
    return Table(tuple(columns), tuple(tuple(row) for row in rows))


def draw(asked: Computed, place: Place, path: Path) -> None:
    """Have a figure drawn into *path*.

    :raises SpecError: there is no such function.
    """
    _call(asked, place, path)


def _call(asked: Computed, place: Place, *first: Any) -> Any:
    function = _function(asked.compute)
    given = (place, *first) if asked.slow else first
    try:
        inspect.signature(function).bind(*given, **asked.arguments)
    except TypeError as error:
        raise SpecError(asked.compute, (f"with: {error}",)) from None
    return function(*given, **asked.arguments)


def _function(path: str) -> Callable[..., Any]:
    module_name, _, name = path.partition(":")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        raise SpecError("compute", (f"{path!r}: there is no module {error.name!r}",)) from None
    function = getattr(module, name, None)
    if not callable(function):
        known = [key for key, value in vars(module).items() if callable(value)]
        raise SpecError(
            "compute", (f"{module_name} has no {name!r}{nearest(name, known, 'functions')}",)
        )
    result: Callable[..., Any] = function
    return result
