"""The SRAM map: a firmware allocates its arrays here, so the map is the sum of the very arrays.

There is no formula beside it that could drift: what is not allocated through ``array`` is not in
the report, and what is in the report exists.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray


class Variable(NamedTuple):
    """One named array in the data SRAM of a PE."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    n_bytes: int
    is_weight: bool
    """Whether its elements are the trainable weights of the network, as reports count them."""


class SramLayout:
    """Allocates named, zeroed arrays and remembers them in order."""

    def __init__(self) -> None:
        self._variables: dict[str, Variable] = {}

    def array(
        self,
        name: str,
        shape: tuple[int, ...],
        dtype: DTypeLike = np.float32,
        *,
        is_weight: bool = False,
    ) -> NDArray[Any]:
        """A new zeroed array called *name*."""
        assert name not in self._variables, f"variable {name!r} is allocated twice"
        array = np.zeros(shape, dtype)
        self._variables[name] = Variable(
            name, array.dtype.name, array.shape, array.nbytes, is_weight
        )
        return array

    def __iter__(self) -> Iterator[Variable]:
        return iter(self._variables.values())

    @property
    def n_bytes(self) -> int:
        """Data memory in use."""
        return sum(variable.n_bytes for variable in self)
