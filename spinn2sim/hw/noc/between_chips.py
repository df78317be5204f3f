"""How much DMA went from chip to chip: the counts of links do not tell its beats from packets."""

from __future__ import annotations

from collections.abc import Iterable

from spinn2sim.hw.noc.torus import Torus
from spinn2sim.spec.board import BoardSpec
from spinn2sim.spec.chip import ChipSpec


def beats_between_chips(
    chip: ChipSpec, board: BoardSpec | None, transfers: Iterable[tuple[int, int, int]]
) -> int:
    """Beats of completed *transfers*, each as often as it crossed a link between chips.

    transfers: source PE, target PE and bytes of each.
    """
    if board is None:
        return 0
    torus, n_beats = Torus(board), 0
    per_chip = board.pes_per_chip(chip)
    for source, target, n_bytes in transfers:
        start, end = source // per_chip, target // per_chip
        if start != end:
            n_beats += len(torus.path(start, end)) * -(-n_bytes * 8 // chip.dma.beat_bits)
    return n_beats
