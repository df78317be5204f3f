"""Who does what where each PE works for one kind of neuron.

PE 0 is the readout. The recurrent neurons follow, then the input. Synapses are with the neurons
they come from, but those of the readout are with the readout; where several PEs share a kind, each
has a slice of its postsynaptic neurons. The paper (its approach A) has one core for each kind; how
several would share one is our choice (decision 0008).
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from firmware_models.eprop.partition import own_neurons
from spinn2sim.errors import FirmwareError

Part: TypeAlias = Literal["in", "rec", "out"]

#: PEs of a network: one for each kind of neuron.
FEWEST = 3


class Role(NamedTuple):
    """What PE *pe* holds: the synapses of kind *part* onto the neurons *own*."""

    pe: int
    part: Part
    own: range


def roles(n_in: int, n_rec: int, n_pe: int) -> tuple[Role, ...]:
    """The role of each PE: input and recurrent ones in proportion to their synapses.

    :raises FirmwareError: too few PEs for three kinds, or more of a kind than neurons.
    """
    if n_pe < FEWEST:
        problem = f"{n_pe} PEs cannot share input, recurrent and readout neurons"
        raise FirmwareError(0, problem, f"use {FEWEST} or more, or division: synapse")
    shared = n_pe - 1
    n_recurrent = min(max(round(shared * n_rec / (n_in + n_rec)), 1), shared - 1)
    first_input = 1 + n_recurrent
    n_input = n_pe - first_input
    return (
        Role(0, "out", range(n_rec)),
        *(Role(1 + k, "rec", own_neurons(n_rec, n_recurrent, k)) for k in range(n_recurrent)),
        *(Role(first_input + k, "in", own_neurons(n_rec, n_input, k)) for k in range(n_input)),
    )


def overlap(one: range, other: range) -> range:
    """The neurons that are in both slices."""
    return range(max(one.start, other.start), min(one.stop, other.stop))
