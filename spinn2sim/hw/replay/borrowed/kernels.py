"""Arrays without an owner: to count who holds one took a quarter of the time of a replay.

numba counts, atomically, each hand-over of an array from one compiled function to the next. Who
called the first of them holds the array all the while, so that inside it need not be counted.
"""

from __future__ import annotations

from typing import Any

from numba import njit
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

Array = NDArray[Any]


@njit(cache=True, forceinline=True)
def borrowed(array: Array) -> Array:
    """*array*, whose owner is not told. Must not be returned to Python."""
    return _unowned(array)  # type: ignore[call-arg]  # numba's own form


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
