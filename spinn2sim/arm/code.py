"""The decoded code of a firmware, decoded where it is reached and kept."""

from __future__ import annotations

from collections.abc import Sequence

from spinn2sim.arm.blocks import Block
from spinn2sim.arm.decoding import UnknownInstructionError, decode
from spinn2sim.arm.elf_header import Segment
from spinn2sim.arm.instruction import Instruction

#: Decoded at once. A chunk may cut an IT block, of at most 4 instructions behind the IT.
_CHUNK_BYTES = 256
_IT_BLOCK_BYTES = 2 + 4 * 4


class Code:
    """Instructions and blocks by address."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = segments
        self._instructions: dict[int, Instruction] = {}
        self._blocks: dict[tuple[int, int], Block] = {}

    def block(self, address: int, size: int) -> Block:
        """The *size* bytes of code at *address*.

        :raises UnknownInstructionError: they are not all instructions of a Cortex-M4F.
        """
        key = (address, size)
        if key not in self._blocks:
            self._blocks[key] = Block(tuple(decode(self._bytes(address, size), address)))
        return self._blocks[key]

    def instruction(self, address: int) -> Instruction:
        """The instruction at *address*, which is reached from before or by a branch.

        :raises UnknownInstructionError: it is none of a Cortex-M4F.
        """
        if address not in self._instructions:
            self._decode_chunk(address)
        return self._instructions[address]

    def _decode_chunk(self, address: int) -> None:
        code = self._bytes(address, _CHUNK_BYTES)
        is_cut = len(code) == _CHUNK_BYTES
        last = address + len(code) - (_IT_BLOCK_BYTES if is_cut else 0)
        try:
            for instruction in decode(code, address):
                if instruction.address >= last:
                    return
                self._instructions.setdefault(instruction.address, instruction)
        except UnknownInstructionError:  # constants behind the code
            if address not in self._instructions:
                raise

    def _bytes(self, address: int, size: int) -> bytes:
        for segment in self._segments:
            if segment.address <= address < segment.end:
                start, size = address - segment.address, min(size, segment.end - address)
                return segment.content[start : start + size].ljust(size, b"\0")
        return b""
