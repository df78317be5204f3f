"""Far arrays: whose SRAM each of them lies in.

PEs reach the SRAM of the others in their QPE. Those that run nothing lend all of their data SRAM,
stack included, to those that work; ports are taken to be free, since the lenders' cores sleep.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spinn2sim.errors import SramOverflowError
from spinn2sim.firmware import SramLayout
from spinn2sim.spec import ChipSpec


@dataclass(frozen=True, slots=True)
class Lending:
    """Where far arrays lie; a lender is an idle PE of the chip, or a number above the last one."""

    capacity: int
    """Bytes that each lender has."""
    held: Mapping[int, int]
    """Bytes that each lender of these PEs holds."""
    holder: Mapping[tuple[int, str], int]
    """The lender of each array, by the PE that uses it and its name."""

    @property
    def excess_bytes(self) -> int:
        """By how much the fullest lender is too small; not above zero if all is well."""
        return max((n - self.capacity for n in self.held.values()), default=-self.capacity)


def lend(layouts: Mapping[int, SramLayout], n_pe: int, chip: ChipSpec) -> Lending:
    """A place for the far arrays of *layouts*, by PE, of a run on *n_pe* PEs.

    The largest array goes first, each whole into the lender with most room. Memory that is too
    small is left to the caller.

    :raises SramOverflowError: there is no lender in a QPE with far arrays.
    """
    held: dict[int, int] = {}
    holder: dict[tuple[int, str], int] = {}
    arrays = [(pe, variable) for pe, layout in layouts.items() for variable in layout.far]
    for pe, variable in sorted(arrays, key=lambda each: -each[1].n_bytes):
        lenders = _lenders(pe // chip.pes_per_qpe, n_pe, chip)
        if not lenders:
            needed = sum(each.n_bytes for each in layouts[pe].far)
            raise SramOverflowError(pe, "neighbour", needed, 0, _REMEDY)
        for lender in lenders:
            held.setdefault(lender, 0)
        place = min(lenders, key=lambda lender: (held[lender], lender))
        held[place] += variable.n_bytes
        holder[pe, variable.name] = place
    return Lending(chip.pe.sram.data_bytes, held, holder)


def refuse_too_much(lending: Lending) -> None:
    """:raises SramOverflowError: a lender holds more than it has."""
    for lender, n_bytes in lending.held.items():
        if n_bytes > lending.capacity:
            raise SramOverflowError(lender, "lent", n_bytes, lending.capacity, _REMEDY)


_REMEDY = (
    "keep arrays near, or let fewer PEs of a QPE work (chip.pes_per_qpe=1, chip.lenders_per_qpe=3)"
)


def _lenders(qpe: int, n_pe: int, chip: ChipSpec) -> list[int]:
    first = qpe * chip.pes_per_qpe
    idle = range(max(first, n_pe), first + chip.pes_per_qpe)
    n_more = chip.lenders_per_qpe or 0
    kept = chip.n_pe + qpe * n_more
    return [*idle, *range(kept, kept + n_more)]
