"""What the rest of the hardware knows of a NoC, whoever computes it."""

# ruff: noqa: D102 - ``Noc`` says what each call does

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from spinn2sim.hw.noc.noc import PacketKind
from spinn2sim.hw.noc.stats import NocStats
from spinn2sim.trace import WindowCounts
from spinn2sim.units import Ticks


class Network(Protocol):
    """Packets in, deliveries out; ``Noc`` says what each call does."""

    @property
    def horizon(self) -> float: ...
    @property
    def windows_taken(self) -> WindowCounts: ...
    def send(  # noqa: PLR0917 - as of ``Noc``
        self,
        source: int,
        targets: tuple[int, ...],
        kind: PacketKind,
        at: int,
        tags: Sequence[int] | NDArray[np.int64],
        spacing: int = 0,
        parity: int = 0,
    ) -> None: ...
    def watch(self, pe: int, kind: PacketKind, threshold: int, grace: int = 0) -> None: ...
    def advance(self, until: float) -> list[tuple[int, Ticks]]: ...
    def take(
        self, pe: int, at: int, parity: int | None = None, at_most: int | None = None
    ) -> NDArray[np.int64]: ...
    def count(self, pe: int, kind: PacketKind) -> int: ...
    def level(self, pe: int) -> int: ...
    def stats(self) -> NocStats: ...
