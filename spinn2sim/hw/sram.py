"""The SRAM of a PE: what fits, what others leave in it, and what sharing its banks costs."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from spinn2sim.spec import SramSpec


class Sram:
    """Data memory with banks. The firmware's arrays live in the firmware; here is what others do.

    A beat of DMA or of the host takes the bank it hits for a cycle; the core, busy elsewhere with
    probability 1 - 1/banks, loses 1/banks of a cycle for each. The loss is owed when the block is
    complete, and paid when the core next meets the world. A core that slept meanwhile pays too, so
    the loss is an upper bound.
    """

    def __init__(self, *, spec: SramSpec) -> None:
        self.spec = spec
        self.written: defaultdict[str, dict[int, Any]] = defaultdict(dict)
        """Payloads of completed DMA by name and source PE."""
        self.shared: dict[str, tuple[Any, int]] = {}
        """Payload and words of the variables that neighbours may read, by name."""
        self._banks = spec.banks
        self._owed_beats = 0

    @property
    def owes(self) -> bool:
        """Whether others have cost the core a whole cycle since it last paid."""
        return self._owed_beats >= self._banks

    def beats(self, n_beats: int) -> None:
        """Others have moved *n_beats* in or out."""
        self._owed_beats += n_beats

    def take_owed_cycles(self) -> int:
        """Whole cycles that the core has lost to others since it last paid."""
        cycles, self._owed_beats = divmod(self._owed_beats, self._banks)
        return cycles

    def take_written(self, name: str) -> dict[int, Any]:
        """Payloads that DMA left under *name*, in order of source PE; they are gone then."""
        return dict(sorted(self.written.pop(name, {}).items()))
