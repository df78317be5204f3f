"""The SRAM map: a firmware allocates its arrays here, so the map is the sum of the very arrays.

There is no formula beside it that could drift: what is not allocated through ``array`` is not in
the report, and what is in the report exists.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

#: Bytes of an element of an array that is kept in a type which NumPy may not have.
STORED_BYTES = {"float16": 2, "bfloat16": 2}

_NONE: Mapping[str, str] = MappingProxyType({})


class Variable(NamedTuple):
    """One named array in the data SRAM of a PE."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    n_bytes: int
    is_weight: bool
    """Whether its elements are the trainable weights of the network, as reports count them."""


class SramLayout:
    """Allocates named, zeroed arrays and remembers them in order.

    Arrays named in *far* are meant for the SRAM of an idle PE in the same QPE; the chip decides of
    which. Those in *stored* are kept in the type given there, of STORED_BYTES; the program computes
    on what ``array`` returns, and rounds what it writes to a value of that type.
    """

    def __init__(
        self, far: Collection[str] = frozenset(), stored: Mapping[str, str] = _NONE
    ) -> None:
        self._variables: dict[str, Variable] = {}
        self._far, self._stored = far, stored

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
        kind, n_bytes = _name(array.dtype), array.nbytes
        if name in self._stored:
            kind = self._stored[name]
            n_bytes = array.size * STORED_BYTES[kind]
        self._variables[name] = Variable(name, kind, array.shape, n_bytes, is_weight)
        return array

    def __iter__(self) -> Iterator[Variable]:
        return iter(self._variables.values())

    @property
    def far(self) -> tuple[Variable, ...]:
        """Those meant for another PE's SRAM."""
        return tuple(variable for variable in self if variable.name in self._far)

    @property
    def n_bytes(self) -> int:
        """Data memory in use on the PE itself."""
        return sum(variable.n_bytes for variable in self if variable.name not in self._far)


@cache  # NumPy makes the name anew each time, which takes longer than the array
def _name(dtype: np.dtype[Any]) -> str:
    return dtype.name
