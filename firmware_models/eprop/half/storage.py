"""What is kept in 16 bit, and when it is rounded: after each function that writes to it.

A function computes in float32 registers on what it has loaded, and rounds what it stores. The
traces of a time step are one such function, synapse by synapse: dw takes e_bar as computed, and the
next time step finds it rounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from firmware_models.eprop.arrays import WRITTEN_EACH_STEP
from firmware_models.eprop.half import kernels

Array = NDArray[Any]

KINDS = {"bfloat16": kernels.BFLOAT16, "float16": kernels.FLOAT16}


class Storage:
    """The 16-bit matrices among *arrays*, by name; *chosen* says of which type each is."""

    def __init__(self, arrays: Mapping[str, Array], chosen: Mapping[str, str]) -> None:
        self.kinds = {name: KINDS[kind] for name, kind in chosen.items()}
        held = {name: arrays[name] for name in chosen if name in arrays}
        self._by_array = {id(array): (array, self.kinds[name]) for name, array in held.items()}
        self._each_step = [
            (array, self.kinds[name]) for name, array in held.items() if name in WRITTEN_EACH_STEP
        ]

    def kind(self, name: str) -> int:
        """How matrix *name* is stored, as ``kernels`` has it."""
        return self.kinds.get(name, kernels.KEEP)

    def after_step(self) -> None:
        """Round what the traces of a time step have written."""
        for array, kind in self._each_step:
            kernels.round_matrix(array, kind)

    def store(self, *arrays: Array) -> None:
        """Round those of *arrays*, just written, that are kept in 16 bit."""
        for array in arrays:
            if (found := self._by_array.get(id(array))) is not None:
                kernels.round_matrix(*found)
