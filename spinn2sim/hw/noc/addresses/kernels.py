"""Arrays as compiled functions hand them to each other: without an owner, or as mere addresses.

numba counts, atomically, who holds an array, at each hand-over; and it looks at each index, which
might be negative and count from the end. Both together took more than half of the time of the
network. Who called the first compiled function holds its arrays all the while, and no index of a
kernel is negative.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from spinn2sim.compiled import forget_stale

forget_stale(__file__, root=Path(__file__).parents[2])


@njit(cache=True, forceinline=True)
def borrowed(array: Any) -> Any:
    """*array*, whose owner is not told. Must not be returned to Python."""
    return _unowned(array)  # type: ignore[call-arg]  # numba's own form


@njit(cache=True, forceinline=True)
def first_of(array: Any) -> Any:
    """Where the numbers of *array* begin, which is contiguous. An index on it is taken as it is.

    What ``first_of`` has returned it returns again.
    """
    return _address(array)  # type: ignore[call-arg]  # numba's own form


@intrinsic
def _unowned(_context: Any, array: Any) -> Any:
    """*array* without its owner."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        same = context.make_array(signature.args[0])(context, builder, value=arguments[0])
        for owner in ("meminfo", "parent"):
            nobody = cgutils.get_null_value(getattr(same, owner).type)  # type: ignore[no-untyped-call]  # numba's
            setattr(same, owner, nobody)
        return same._getvalue()  # noqa: SLF001 - as numba's own intrinsics do

    return array(array), generate


@intrinsic
def _address(_context: Any, array: Any) -> Any:
    """The address of the first number of *array*, or *array*, if it is one already."""

    def unchanged(_context: Any, _builder: Any, _signature: Any, arguments: Any) -> Any:
        return arguments[0]

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.make_array(signature.args[0])(context, builder, value=arguments[0]).data

    if isinstance(array, types.CPointer):
        return array(array), unchanged
    assert array.layout == "C", "the numbers of an array do not follow each other"
    return types.CPointer(array.dtype)(array), generate  # type: ignore[no-untyped-call]  # numba's
