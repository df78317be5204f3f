"""Many chips: a torus of them on boards, the links between them, and which PEs go on which chip.

Chips have six links each, to (x+1,y), (x+1,y+1), (x,y+1) and back: a hexagonal torus. PE numbers
count through the chips, on each through its QPEs, so QPE number = PE number // PEs in a QPE.
"""

from __future__ import annotations

import math
from typing import Annotated, Literal, Self

from pydantic import model_validator

from spinn2sim.quantity import BIT_RATE, DURATION, Within
from spinn2sim.spec.chip import ChipSpec, Coordinate
from spinn2sim.validated import Validated

Chips = Annotated[int, Within(1, 120, "chip")]
Port = tuple[Coordinate, Coordinate]

#: Chips that a board carries at most, and the square around them if they form a hexagon.
BOARD_CHIPS, BOARD_SIDE = 48, 8
#: Three hexagonal boards close to a torus of this many chips in x and y.
TRIAD_SIDE = 12


class BoardSpec(Validated):
    """Chips on one or more boards, and how PEs are placed on them."""

    outline: Literal["rectangle", "hexagon"]
    """rectangle: one board, closed to a torus. hexagon: boards of 48 chips, one or triads of 3."""
    size: tuple[Chips, Chips]
    """Chips in x and y. A hexagon takes [8, 8] (one board) or multiples of 12 (triads)."""
    system_pes: Annotated[int, Within(0, 1_000, "PE")]
    """PEs of each chip, its last ones, that system software keeps to itself."""
    group_pes: Annotated[int, Within(1, 1_000_000, "PE")] = 1
    """PEs with consecutive numbers that belong together."""
    placement: Literal["whole", "packed"] = "whole"
    """whole: no group is split over chips; packed: each chip is filled before the next."""
    ports: tuple[Port, Port, Port, Port, Port, Port]
    """Positions (x, y) on the mesh of a chip at which its links to the chips at (x+1,y), (x+1,y+1),
    (x,y+1), (x-1,y), (x-1,y-1) and (x,y-1) attach."""
    packet_bits: Annotated[int, Within(32, 4096, "bit")]
    """Size of a packet on a link between chips; a beat of DMA takes as many as it fills."""
    rate: Annotated[int, BIT_RATE]
    """Of a link between chips on one board, each way."""
    rate_between_boards: Annotated[int, BIT_RATE]
    """Of a link from board to board, each way."""
    latency: Annotated[int, DURATION]
    """From the NoC of one chip to the NoC of the next, at an idle link."""
    drop_cycles: Annotated[int, Within(1, 1_000_000, "NoC cycle")]
    """A packet from another chip that cannot go on for so long is dropped, so no ring deadlocks."""

    @property
    def n_chips(self) -> int:
        """Chips of all boards."""
        if self.is_single_hexagon:
            return BOARD_CHIPS
        return self.size[0] * self.size[1]

    @property
    def is_single_hexagon(self) -> bool:
        """Whether it is one hexagonal board, closed on itself."""
        return self.outline == "hexagon" and self.size == (BOARD_SIDE, BOARD_SIDE)

    def pes_per_chip(self, chip: ChipSpec) -> int:
        """PEs that each chip but the last takes: whole groups unless packed, and whole QPEs."""
        together = 1 if self.placement == "packed" else self.group_pes
        step = math.lcm(together, chip.pes_per_qpe)
        return max(chip.n_pe - self.system_pes, 0) // step * step

    def capacity(self, chip: ChipSpec) -> int:
        """PEs that firmware can have."""
        return self.n_chips * self.pes_per_chip(chip)

    def busy_cycles(self, bits: int, noc_clock: int, *, between_boards: bool) -> int:
        """NoC cycles for which *bits* occupy a link, rounded up: nothing arrives early."""
        rate = self.rate_between_boards if between_boards else self.rate
        return -(-self.link_bits(bits) * noc_clock // rate)

    def link_bits(self, bits: int) -> int:
        """What *bits* take on a link: whole packets."""
        return -(-bits // self.packet_bits) * self.packet_bits

    def latency_cycles(self, noc_clock: int) -> int:
        """Latency of a link in whole NoC cycles, at least one."""
        return max(1, -(-self.latency * noc_clock // 10**9))

    @model_validator(mode="after")
    def _boards_are_whole(self) -> Self:
        x, y = self.size
        if self.outline == "rectangle" and x * y > BOARD_CHIPS:
            raise ValueError(
                f"size: {x} x {y} = {x * y} chips; a board carries {BOARD_CHIPS} (outline: hexagon "
                f"takes multiples of {TRIAD_SIDE})"
            )
        if (
            self.outline == "hexagon"
            and not self.is_single_hexagon
            and (x % TRIAD_SIDE or y % TRIAD_SIDE)
        ):
            raise ValueError(
                f"size: {x} x {y} chips; hexagonal boards take [{BOARD_SIDE}, {BOARD_SIDE}] or "
                f"multiples of {TRIAD_SIDE}"
            )
        return self
