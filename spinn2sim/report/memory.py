"""Memory: the SRAM map of each PE, as its firmware allocated it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from spinn2sim.trace import Trace


@dataclass(frozen=True, slots=True)
class MemoryRow:
    """One variable of one PE."""

    pe: int
    name: str
    dtype: str
    shape: tuple[int, ...]
    n_bytes: int
    is_weight: bool

    @property
    def n_elements(self) -> int:
        """Elements of the array."""
        return math.prod(self.shape)


@dataclass(frozen=True, slots=True)
class Memory:
    """All variables of all PEs, and what each PE may hold.

    PEs that run nothing are among them if they lend their SRAM, all of it, to neighbours.
    """

    rows: tuple[MemoryRow, ...]
    own_capacity: int
    """Bytes of data SRAM for variables, per PE at work."""
    own_reserved: int
    """Bytes of data SRAM for stack, debug and the receive FIFO, per PE at work."""
    lenders: frozenset[int] = frozenset()

    @property
    def bytes_by_pe(self) -> dict[int, int]:
        """Bytes in use."""
        used: dict[int, int] = {}
        for row in self.rows:
            used[row.pe] = used.get(row.pe, 0) + row.n_bytes
        return used or {0: 0}

    @property
    def total(self) -> int:
        """Bytes over all PEs."""
        return sum(self.bytes_by_pe.values())

    @property
    def fullest_pe(self) -> int:
        """The PE that holds most, the first of several."""
        used = self.bytes_by_pe
        return max(used, key=lambda pe: used[pe] / max(self._capacity_of(pe), 1))

    @property
    def capacity(self) -> int:
        """Bytes for variables of the fullest PE."""
        return self._capacity_of(self.fullest_pe)

    @property
    def reserved(self) -> int:
        """Bytes for other things of the fullest PE."""
        return 0 if self.fullest_pe in self.lenders else self.own_reserved

    @property
    def largest(self) -> int:
        """Bytes of the fullest PE."""
        return self.bytes_by_pe[self.fullest_pe]

    @property
    def n_weights(self) -> int:
        """Trainable weights of the network."""
        return sum(row.n_elements for row in self.rows if row.is_weight)

    def _capacity_of(self, pe: int) -> int:
        return self.own_capacity + (self.own_reserved if pe in self.lenders else 0)


def memory(trace: Trace) -> Memory:
    """The memory report of a run; an array that lies in a lender's SRAM is in the lender's rows."""
    sram = trace.meta["scenario"]["chip"]["pe"]["sram"]
    lent = trace.meta.get("lent", {"holder": []})
    holder = {(pe, name): lender for pe, name, lender in lent["holder"]}
    rows = []
    for pe, layout in enumerate(trace.meta["layouts"]):
        for name, dtype, shape, n_bytes, is_weight in layout:
            at = holder.get((pe, name), pe)
            shown = name if at == pe else f"{name} of PE {pe}"
            rows.append(MemoryRow(at, shown, dtype, tuple(shape), n_bytes, is_weight))
    return Memory(
        tuple(rows),
        sram["data_bytes"] - sram["reserved_bytes"],
        sram["reserved_bytes"],
        frozenset(holder.values()),
    )
