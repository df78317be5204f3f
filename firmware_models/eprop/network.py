"""The whole network out of what its PEs hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Along which axis the PEs have cut each matrix: the one of the recurrent neurons they own.
AXES = {"w_in": 0, "w_rec": 0, "w_out": 1, "b_out": 1}


def gather(readouts: Sequence[Mapping[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    """The matrices of the network out of the *readouts* of PE 0, 1, ...

    w_in: (n_rec, n_in), w_rec: (n_rec, n_rec), w_out: (n_out, n_rec), each [post, pre]; b_out like
    w_out, where feedback is not symmetric.
    """
    return {
        name: np.concatenate([readout[name] for readout in readouts], axis=AXES[name])
        for name in readouts[0]
    }
