"""What the chip refuses a program, whoever interprets it: ``pe``, or ``replay`` when it records."""

from __future__ import annotations

from collections.abc import Sequence

from spinn2sim.errors import FirmwareError
from spinn2sim.spec import ChipSpec

#: A payload consists of float32 words.
WORD_BITS = 32


def refuse_long_payload(pe: int, payloads: Sequence[tuple[float, ...]], chip: ChipSpec) -> None:
    """:raises FirmwareError: a payload is longer than a packet carries."""
    max_words = chip.noc.payload_bits // WORD_BITS
    if payloads and (n_words := max(map(len, payloads))) > max_words:
        problem = f"a payload of {n_words} words; a packet carries {max_words}"
        raise FirmwareError(pe, problem, "spread it over several packets")


def refuse_far_neighbour(pe: int, neighbour: int, chip: ChipSpec) -> None:
    """:raises FirmwareError: *neighbour* is in another QPE."""
    n = chip.pes_per_qpe
    first = pe // n * n
    if neighbour // n != pe // n:
        raise FirmwareError(
            pe,
            f"PE {neighbour} is not in its QPE (PEs {first} to {first + n - 1}), so its SRAM "
            f"cannot be read",
            "use DMA or multicast",
        )
