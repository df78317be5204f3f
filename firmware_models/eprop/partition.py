"""Which neurons a PE owns: a slice of the postsynaptic side, with all of its presynaptic weights.

The paper calls this synapse-based: the same program everywhere, nearly equal load.
"""

from __future__ import annotations

from spinn2sim.errors import FirmwareError


def own_neurons(n_rec: int, n_pe: int, pe: int) -> range:
    """The neurons of PE *pe*; the sizes of any two PEs differ by at most one.

    :raises FirmwareError: there are more PEs than neurons.
    """
    if n_pe > n_rec:
        problem = f"{n_rec} recurrent neurons cannot be spread over {n_pe} PEs"
        raise FirmwareError(pe, problem, f"use 1 to {n_rec} PEs or n_rec of at least {n_pe}")
    return range(pe * n_rec // n_pe, (pe + 1) * n_rec // n_pe)
