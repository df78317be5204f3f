"""Cycles of words that are far away or change their type on the way, beside the cost table's own.

``accesses.yaml`` says how many words of which matrix; the chip, what a far word costs; and
``costs/parts/conversion.yaml``, what a conversion does. Two numbers of 16 bit in one word are not
loaded at once: that would take other loops.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from firmware_models.eprop.parameters import EpropParameters
from spinn2sim.errors import SpecError
from spinn2sim.firmware import CostTerm, FarCycles, load_cost_table
from spinn2sim.firmware.accesses import Access, read_accesses
from spinn2sim.firmware.cost import Range

FOLDER = Path(__file__).parent
PARTS = FOLDER / "costs" / "parts"


class Extra(NamedTuple):
    """Cycles of a read and of a write beyond those in the cost table."""

    part: str
    """What the label gets after a dot."""
    read: float
    write: float
    read_range: Range
    write_range: Range
    source: str


def access_terms(parameters: EpropParameters, far: FarCycles | None) -> list[CostTerm]:
    """The terms of *parameters*' far and 16-bit matrices, on a chip where a far word costs *far*.

    :raises SpecError: matrices are far, and there is no chip that says what that costs.
    """
    if not parameters.far and not parameters.half_matrices:
        return []
    accesses = read_accesses(FOLDER)
    assert accesses is not None, "accesses.yaml is part of the package"
    terms = (
        _term(access, extra)
        for access in accesses.terms
        for extra in _extras(access.array, parameters, far)
    )
    return [term for term in terms if term.cycles]


def _extras(name: str, parameters: EpropParameters, far: FarCycles | None) -> Iterator[Extra]:
    if name in parameters.far_matrices:
        if far is None:
            raise SpecError("parameters", ("far: there is no chip whose neighbours lend memory",))
        source = f"in a neighbour's SRAM, +{far.read} to read and +{far.write} to write"
        yield Extra("far", *far, (0, 2 * far.read), (0, 2 * far.write), source)
    if name in parameters.half_matrices:
        kind = parameters.half_matrices[name]
        known = {term.label: term for term in load_cost_table("conversion", PARTS).terms}
        read, write = known[f"{kind}.read"], known[f"{kind}.write"]
        cycles = read.cycles, write.cycles, read.range, write.range
        yield Extra("convert", *cycles, f"{kind}: {read.source}; {write.source}")


def _term(access: Access, extra: Extra) -> CostTerm:
    def cycles(read: float, write: float) -> float:
        return access.reads * read + access.writes * write

    ends = zip(extra.read_range, extra.write_range, strict=True)
    low, high = (cycles(read, write) for read, write in ends)
    return CostTerm(
        label=f"{access.label}.{extra.part}",
        cycles=cycles(extra.read, extra.write),
        per=access.per,
        every=access.every,
        status="guess",
        source=f"{access.array}, {extra.source}",
        range=(low, high),
    )
