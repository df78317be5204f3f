"""Whether a file is an ELF that a Cortex-M4F runs, and lies within its own bounds.

Asked before any library sees the file: pyelftools trusts the sizes that a header states, and the
emulator maps whatever memory a segment asks for.
"""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import NamedTuple

from spinn2sim.arm.attributes import ARCHITECTURES, Attributes, read_attributes
from spinn2sim.errors import ElfError

#: The emulator allocates what segments ask for; the largest firmware for measuring has 4 MB.
MAX_MEMORY = 64 * 1024 * 1024

_HEADER = struct.Struct("<HHIIIIIHHHHHH")
_SEGMENT = struct.Struct("<IIIIIIII")
_SECTION = struct.Struct("<IIIIIIIIII")
_IDENT_BYTES = 16
_CLASS_32, _LITTLE_ENDIAN = 1, 1
_ARM = 40
_RELOCATABLE, _EXECUTABLE = 1, 2
_EABI_5, _BE8 = 5, 0x800000
_HARD_FLOAT, _SOFT_FLOAT = 0x400, 0x200
_LOAD = 1
_WRITE, _EXECUTE = 2, 1
_NOBITS, _ARM_ATTRIBUTES = 8, 0x70000003

_MACHINES = {3: "x86", 8: "MIPS", 20: "PowerPC", 62: "x86-64", 183: "AArch64", 243: "RISC-V"}
_V7, _V7E_M = 10, 13
_V8_M = (16, 17, 21)
_V6_M = (11, 12)
_FP_V5 = (7, 8)

COMPILE = "compile with -mcpu=cortex-m4 -mthumb -mfpu=fpv4-sp-d16 -mfloat-abi=hard"


class Segment(NamedTuple):
    """Memory that the program has when it starts: *content*, then zeros up to *size* bytes."""

    address: int
    size: int
    content: bytes
    is_writable: bool
    is_executable: bool

    @property
    def end(self) -> int:
        """Address behind the last byte."""
        return self.address + self.size


class _Section(NamedTuple):
    name: int
    kind: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    extra: int
    align: int
    entry_size: int


class _Table(NamedTuple):
    """Where the file header says that a table lies."""

    what: str
    at: int
    entry_size: int
    n_entries: int

    def rows(self, content: bytes, row: struct.Struct, path: str) -> list[tuple[int, ...]]:
        """Its entries, each read as *row*."""
        end = self.at + self.n_entries * row.size
        if self.n_entries and (self.entry_size != row.size or end > len(content)):
            what = f"the table of {self.what}s is cut off or has entries of a wrong size"
            raise _damaged(path, what)
        return [row.unpack_from(content, self.at + i * row.size) for i in range(self.n_entries)]


def check_elf(content: bytes, path: str) -> tuple[Segment, ...]:
    """The segments of the ELF file *content*, by address. *path* is for messages.

    :raises ElfError: it is no ELF for a Cortex-M4F with hardware floating point, or it is damaged.
    """
    _check_identity(content, path)
    kind, _, _, _, segments_at, sections_at, flags, _, *tables = _HEADER.unpack_from(
        content, _IDENT_BYTES
    )
    _check_kind(kind, flags, path)
    segment_size, n_segments, section_size, n_sections, _ = tables
    segment_table = _Table("program header", segments_at, segment_size, n_segments)
    section_table = _Table("section header", sections_at, section_size, n_sections)
    segments = _segments(content, segment_table.rows(content, _SEGMENT, path), path)
    sections = _sections(content, section_table.rows(content, _SECTION, path), path)
    _check_core(_attributes(content, sections, path), flags, path)
    return segments


def _check_identity(content: bytes, path: str) -> None:
    if content[:4] != b"\x7fELF":
        start = content[:4].hex() or "nothing"
        problem = f"not an ELF file, it starts with {start}"
        raise ElfError(path, problem, "give the linker's output, not the .bin or .hex made of it")
    if len(content) < _IDENT_BYTES + _HEADER.size:
        raise _damaged(path, f"the header is cut off after {len(content)} bytes")
    order = "<" if content[5] == _LITTLE_ENDIAN else ">"
    (machine,) = struct.unpack_from(f"{order}H", content, _IDENT_BYTES + 2)
    if machine != _ARM:
        name = _MACHINES.get(machine, f"machine {machine}")
        raise ElfError(path, f"not ARM, it is for {name}", COMPILE)
    if content[4] != _CLASS_32:
        raise ElfError(path, "a 64-bit ELF", COMPILE)
    if content[5] != _LITTLE_ENDIAN:
        raise ElfError(path, "big-endian", f"leave out -mbig-endian; {COMPILE}")


def _check_kind(kind: int, flags: int, path: str) -> None:
    if kind == _RELOCATABLE:
        raise ElfError(path, "an object file, its addresses are not final", "link it")
    if kind != _EXECUTABLE:
        raise ElfError(path, f"not an executable (type {kind})", "link it with -static -no-pie")
    if flags & _BE8:
        raise ElfError(path, "big-endian data (BE8)", COMPILE)
    if flags >> 24 != _EABI_5:
        raise ElfError(path, f"version {flags >> 24} of the ARM EABI, expected 5", COMPILE)


def _segments(content: bytes, rows: list[tuple[int, ...]], path: str) -> tuple[Segment, ...]:
    segments = []
    for kind, offset, address, _, file_size, size, flags, _ in rows:
        if kind != _LOAD or size == 0:
            continue
        if file_size > size or offset + file_size > len(content):
            raise _damaged(path, f"the segment at 0x{address:08x} reaches beyond the file")
        if address + size > 2**32:
            raise _damaged(path, f"the segment at 0x{address:08x} reaches beyond 4 GB")
        data = content[offset : offset + file_size]
        segments.append(Segment(address, size, data, bool(flags & _WRITE), bool(flags & _EXECUTE)))
    segments.sort()
    _check_memory(segments, path)
    return tuple(segments)


def _check_memory(segments: list[Segment], path: str) -> None:
    if not any(segment.is_executable for segment in segments):
        raise ElfError(path, "it has no code to load", "link it with a linker script")
    for one, other in pairwise(segments):
        if one.end > other.address:
            raise _damaged(path, f"segments overlap at 0x{other.address:08x}")
    total = sum(segment.size for segment in segments)
    if total > MAX_MEMORY:
        problem = f"its segments ask for {total:,} bytes of memory, more than {MAX_MEMORY:,}"
        raise ElfError(path, problem, "make its arrays smaller")


def _sections(content: bytes, rows: list[tuple[int, ...]], path: str) -> list[_Section]:
    sections = [_Section(*row) for row in rows]
    for section in sections[1:]:  # the first is empty by definition
        if section.kind != _NOBITS and section.offset + section.size > len(content):
            raise _damaged(path, f"a section at offset {section.offset} reaches beyond the file")
    return sections


def _attributes(content: bytes, sections: list[_Section], path: str) -> Attributes:
    for section in sections:
        if section.kind == _ARM_ATTRIBUTES:
            try:
                return read_attributes(content[section.offset : section.offset + section.size])
            except ValueError as error:
                raise _damaged(path, f"build attributes: {error}") from None
    problem = "it has no .ARM.attributes section, so nothing says for which core it is"
    raise ElfError(path, problem, "link it without stripping that section")


def _check_core(attributes: Attributes, flags: int, path: str) -> None:
    arch = attributes.cpu_arch
    name = ARCHITECTURES.get(arch, f"architecture {arch}")
    profile = chr(attributes.cpu_arch_profile) if attributes.cpu_arch_profile else ""
    if arch in _V6_M or attributes.thumb_isa == 1:
        raise ElfError(path, f"Thumb-1 only ({name}), as for a Cortex-M0", COMPILE)
    if arch in _V8_M:
        raise ElfError(path, f"for a newer core ({name}) than the Cortex-M4", COMPILE)
    if arch != _V7E_M and not (arch == _V7 and profile == "M"):
        suffix = f", profile {profile}" if profile.isalpha() else ""
        raise ElfError(path, f"not for a Cortex-M ({name}{suffix})", COMPILE)
    if not attributes.fp_arch:
        raise ElfError(path, "compiled for a core without FPU", COMPILE)
    if attributes.fp_arch in _FP_V5:
        raise ElfError(path, "compiled for the FPv5 unit of a Cortex-M7", COMPILE)
    if flags & _SOFT_FLOAT or not (flags & _HARD_FLOAT or attributes.vfp_args == 1):
        problem = "no FPU ABI: floats are passed in core registers (-mfloat-abi=soft or softfp)"
        raise ElfError(path, problem, COMPILE)


def _damaged(path: str, what: str) -> ElfError:
    return ElfError(path, f"damaged: {what}", "build or copy it again")
