"""Sets of small numbers as the bits of one. Compiled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from spinn2sim.compiled import forget_stale

forget_stale(__file__, root=Path(__file__).parents[2])


@njit(cache=True, forceinline=True)
def lowest_bit(number: int) -> int:
    """The place of the lowest bit of *number*, which is not 0."""
    return _trailing_zeros(number)  # type: ignore[call-arg]  # numba's own form


@njit(cache=True, forceinline=True)
def n_ones(number: int) -> int:
    """How many bits of *number* are set."""
    return _population(number)  # type: ignore[call-arg]  # numba's own form


@intrinsic
def _population(_context: Any, number: Any) -> Any:
    """One instruction of the processor."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.int64(number), generate


@intrinsic
def _trailing_zeros(_context: Any, number: Any) -> Any:
    """One instruction of the processor."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], cgutils.true_bit)

    return types.int64(number), generate
