"""The address space of a measured firmware: its segments, a stack, register stubs, a way back.

A stub stands for memory-mapped registers: it gives the answers it was told, one after the other and
the last for ever, or else what was written, or 0. Only what is declared here is mapped, so that a
stray pointer is found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from spinn2sim.arm.elf_header import Segment
from spinn2sim.errors import SpecError

PAGE_BYTES = 4096
STACK_BYTES = 64 * 1024
#: Below this address the emulator's core has ordinary memory; above, its own system registers.
_TOP = 0xE000_0000
_STEP = 0x0100_0000


class Range(NamedTuple):
    """Addresses from *start* on."""

    start: int
    size: int

    @property
    def end(self) -> int:
        """Address behind the last byte."""
        return self.start + self.size

    def overlaps(self, other: Range) -> bool:
        """Whether an address lies in both."""
        return self.start < other.end and other.start < self.end

    @property
    def pages(self) -> Range:
        """Whole pages that hold it."""
        start = self.start // PAGE_BYTES * PAGE_BYTES
        return Range(start, -(-self.end // PAGE_BYTES) * PAGE_BYTES - start)


@dataclass(frozen=True, slots=True)
class RegisterStub:
    """Memory-mapped registers of *size* bytes from *start* on."""

    start: int
    size: int
    answers: Mapping[int, Sequence[int]] = field(default_factory=dict)
    """What reads of an address give, one after the other; the last for ever."""

    @property
    def range(self) -> Range:
        """The addresses that it answers at."""
        return Range(self.start, self.size)


class Registers:
    """The state of the stubs while a firmware runs."""

    def __init__(self, stubs: Sequence[RegisterStub]) -> None:
        self._answers = {
            address: list(values) for stub in stubs for address, values in stub.answers.items()
        }
        self._written: dict[int, int] = {}
        self.writes: list[tuple[int, int]] = []
        """Address and value of every write, in order."""

    def read(self, address: int) -> int:
        """What the core gets at *address*."""
        answers = self._answers.get(address)
        if not answers:
            return self._written.get(address, 0)
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def write(self, address: int, value: int) -> None:
        """Take *value* at *address*."""
        self._written[address] = value
        self.writes.append((address, value))


class Pages(NamedTuple):
    """Consecutive pages with the same permissions."""

    range: Range
    is_writable: bool
    is_executable: bool


def pages(segments: Sequence[Segment]) -> list[Pages]:
    """The pages that hold *segments*; those that two share have the permissions of both."""
    found: dict[int, tuple[bool, bool]] = {}
    for segment in segments:
        whole = Range(segment.address, segment.size).pages
        for start in range(whole.start, whole.end, PAGE_BYTES):
            writable, executable = found.get(start, (False, False))
            found[start] = (
                writable or segment.is_writable,
                executable or segment.is_executable,
            )
    runs: list[Pages] = []
    for start, permissions in sorted(found.items()):
        last = runs[-1] if runs else None
        if last is not None and last.range.end == start and last[1:] == permissions:
            runs[-1] = Pages(Range(last.range.start, last.range.size + PAGE_BYTES), *permissions)
        else:
            runs.append(Pages(Range(start, PAGE_BYTES), *permissions))
    return runs


def check_stubs(stubs: Sequence[RegisterStub], segments: Sequence[Segment]) -> None:
    """Refuse stubs that cannot be mapped.

    :raises SpecError: one lies in the firmware's memory or in another's page, or answers elsewhere.
    """
    taken = [Range(segment.address, segment.size).pages for segment in segments]
    for stub in stubs:
        where = f"registers 0x{stub.start:08x}:0x{stub.size:x}"
        if stub.size <= 0 or stub.range.pages.end > 2**32:
            raise SpecError(where, ("expected one or more bytes below 4 GB",))
        if any(stub.range.pages.overlaps(other) for other in taken):
            raise SpecError(where, ("their page holds the firmware's memory or other registers",))
        for address in stub.answers:
            if not stub.start <= address < stub.range.end:
                raise SpecError(where, (f"0x{address:08x} with an answer is not among them",))
        taken.append(stub.range.pages)


def free_range(size: int, taken: Sequence[Range]) -> Range:
    """*size* bytes far from everything *taken*, so that a stack that overflows is found."""
    start = next(
        start
        for start in range(_TOP - _STEP, 0, -_STEP)
        if not any(Range(start - size, 3 * size).overlaps(other) for other in taken)
    )
    return Range(start, size)
