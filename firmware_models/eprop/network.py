"""The whole network out of what its PEs hold, and back again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware_models.eprop.state import State
from spinn2sim.errors import WeightsError

Array = NDArray[Any]

#: Along which axis the PEs have cut each matrix: the one of the recurrent neurons they own.
AXES = {"w_in": 0, "w_rec": 0, "w_out": 1, "b_out": 1}


def gather(readouts: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
    """The matrices of the network out of the *readouts* of PE 0, 1, ...

    w_in: (n_rec, n_in), w_rec: (n_rec, n_rec), w_out: (n_out, n_rec), each [post, pre]; b_out like
    w_out, where feedback is not symmetric.
    """
    held = {name: [part[name] for part in readouts if name in part] for name in AXES}
    return {name: np.concatenate(parts, AXES[name]) for name, parts in held.items() if parts}


def keep_own(weights: Mapping[str, Array], state: State, n_rec: int) -> None:
    """Set the weights in *state* to those of its own neurons in *weights*, which ``gather`` gives.

    *n_rec* are the neurons of the whole network.

    :raises WeightsError: a matrix is missing, has another shape or type, or is not finite; no
        weight has changed then.
    """
    kept: dict[str, Array] = {}
    for name, array in state.weights().items():
        shape = tuple(n_rec if axis == AXES[name] else n for axis, n in enumerate(array.shape))
        whole = fitting(weights, name, shape, array.dtype)
        if not np.isfinite(whole).all():
            raise WeightsError(name, "holds values that are infinite or not a number")
        kept[name] = whole.take(state.own, AXES[name])
    for name, array in kept.items():
        getattr(state, name)[:] = array


def fitting(
    arrays: Mapping[str, Array], name: str, shape: tuple[int, ...], dtype: np.dtype[Any]
) -> Array:
    """The array *name* out of *arrays*.

    :raises WeightsError: there is none of this shape and type.
    """
    if name not in arrays:
        raise WeightsError(name, "are missing")
    array = arrays[name]
    if (array.shape, array.dtype) != (shape, dtype):
        found, wanted = f"{array.dtype} {array.shape}", f"{dtype} {shape}"
        raise WeightsError(name, f"{found} given, the network has {wanted}")
    return array
