"""Which matrices of the program a scenario may name, to place them far away or keep them in 16 bit.

One letter stands for the matrix of the input and that of the recurrent synapses: ``eps_a`` is
``eps_a_in`` and ``eps_a_rec``. Readout matrices and vectors are small, and stay as they are; so
does the one row of ``eps_v_in``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

Optimiser: TypeAlias = Literal["adam", "rmsprop", "momentum", "sgd"]

#: What an optimiser keeps for each weight, in the order in which its kernel takes it: the running
#: mean m of the gradient, and v of its square.
KEPT: dict[Optimiser, tuple[str, ...]] = {
    "adam": ("m", "v"),
    "rmsprop": ("v",),
    "momentum": ("m",),
    "sgd": (),
}

#: Matrices by the letter that stands for them.
MATRICES: dict[str, tuple[str, ...]] = {
    **{letter: (f"{letter}_in", f"{letter}_rec") for letter in ("w", "dw", "m", "v")},
    "eps_v": ("eps_v_rec",),
    **{letter: (f"{letter}_in", f"{letter}_rec") for letter in ("eps_a", "e_bar")},
}

#: Those that are written within a sample, in each time step.
WRITTEN_EACH_STEP = frozenset(
    name for letter in ("eps_v", "eps_a", "e_bar", "dw") for name in MATRICES[letter]
)


def matrices_of(optimiser: Optimiser) -> dict[str, tuple[str, ...]]:
    """MATRICES, without those that a program with *optimiser* does not have."""
    absent = {"m", "v"} - set(KEPT[optimiser])
    return {letter: names for letter, names in MATRICES.items() if letter not in absent}


def names_of(chosen: Iterable[str]) -> frozenset[str]:
    """The matrices that *chosen* names or letters mean."""
    return frozenset(name for each in chosen for name in MATRICES.get(each, (each,)))
