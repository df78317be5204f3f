"""Where instructions stand that may be skipped: the IT blocks of a firmware.

Edge mode has the emulator report each of these that it executes, so that the others are known to
have been skipped. Constants between functions are scanned like code; what looks like an IT block
there is never executed and does no harm.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from spinn2sim.arm.elf_header import Segment

#: The conditional instructions of one IT block, by address.
ItBlock = tuple[int, ...]

_IT, _IT_MASK = 0xBF00, 0xFF00
_WIDE = 0b11101  # top five bits of the first halfword, from here on


def it_blocks(segments: Sequence[Segment], functions: Iterable[int]) -> tuple[ItBlock, ...]:
    """The IT blocks in the code from each address in *functions* up to the next one."""
    starts = sorted(set(functions))
    found: list[ItBlock] = []
    for segment in segments:
        if segment.is_executable:
            inside = [start for start in starts if segment.address <= start < segment.end]
            for start, end in pairwise([*inside, segment.end]):
                first, last = start - segment.address, end - segment.address
                found += _scan(segment.content[first:last], start)
    return tuple(found)


def _scan(code: bytes, address: int) -> Iterator[ItBlock]:
    n_halfwords = len(code) // 2
    halfwords = struct.unpack(f"<{n_halfwords}H", code[: 2 * n_halfwords])
    block: list[int] = []
    n_left = at = 0
    while at < n_halfwords:
        halfword = halfwords[at]
        if n_left:
            block.append(address + 2 * at)
            n_left -= 1
            if not n_left:
                yield tuple(block)
        elif halfword & _IT_MASK == _IT and halfword & 0xF:
            n_left, block = _n_conditional(halfword), []
        at += 2 if halfword >> 11 >= _WIDE else 1


def _n_conditional(it: int) -> int:
    """How many instructions the IT instruction *it* makes conditional: its mask ends in a 1."""
    mask = it & 0xF
    return 4 - ((mask & -mask).bit_length() - 1)
