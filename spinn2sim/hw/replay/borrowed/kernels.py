"""Arrays without an owner: to count who holds one took a quarter of the time of a replay.

numba counts, atomically, each hand-over of an array from one compiled function to the next. Who
called the first of them holds the array all the while, so that inside it need not be counted.
"""

from __future__ import annotations

from typing import Any

from numba.core import cgutils
from numba.extending import intrinsic


@intrinsic
def borrowed(_context: Any, array: Any) -> Any:
    """*array*, whose owner is not told. Must not be returned to Python."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        same = context.make_array(signature.args[0])(context, builder, value=arguments[0])
        same.meminfo = cgutils.get_null_value(same.meminfo.type)
        same.parent = cgutils.get_null_value(same.parent.type)
        return same._getvalue()  # noqa: SLF001 - as numba's own intrinsics do

    return array(array), generate
