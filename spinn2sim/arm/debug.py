"""What the debug information of a firmware tells: source lines, and where a function went.

Debug information is for messages and reports only, so a part of it that cannot be read counts as
not there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple


class _Line(NamedTuple):
    """The code from *address* up to the next line's comes from *source*; none: a gap begins."""

    address: int
    source: str | None


@dataclass(frozen=True, slots=True)
class DebugInfo:
    """Source lines by address, and the functions that were inlined."""

    lines: tuple[_Line, ...] = ()
    inlined: tuple[tuple[str, frozenset[str]], ...] = ()
    """Names of functions without code of their own, and of those that they were inlined into."""

    def source(self, address: int) -> str | None:
        """``file:line`` of the code at *address*, where it is known."""
        at = bisect_right(self.lines, address, key=lambda line: line.address) - 1
        return self.lines[at].source if at >= 0 else None

    def inlined_into(self, function: str) -> frozenset[str] | None:
        """Functions that hold the code of *function*; None if it is not known to be inlined."""
        return dict(self.inlined).get(function)


def read_debug_info(elf: Any) -> DebugInfo:
    """The debug information of *elf*, a pyelftools ELFFile; empty where there is none."""
    try:
        if not elf.has_dwarf_info(strict=True):
            return DebugInfo()
        units = list(elf.get_dwarf_info().iter_CUs())
    except Exception:  # noqa: BLE001 - pyelftools raises anything on damaged bytes
        return DebugInfo()
    lines: list[_Line] = []
    inlined: dict[str, frozenset[str]] = {}
    for unit in units:
        try:
            lines += _lines(unit)
            inlined |= _inlined(unit)
        except Exception:  # noqa: BLE001, S112 - as above, a damaged unit is passed over
            continue
    # At an address where a gap begins and a line as well, the line counts.
    lines.sort(key=lambda line: (line.address, line.source is not None))
    return DebugInfo(tuple(lines), tuple(inlined.items()))


def _lines(unit: Any) -> Iterator[_Line]:
    program = unit.dwarfinfo.line_program_for_CU(unit)
    if program is None:
        return
    first_file = 0 if program.header.version >= 5 else 1
    names = [entry.name.decode(errors="replace") for entry in program.header.file_entry]
    for entry in program.get_entries():
        state = entry.state
        if state is None:
            continue
        at = state.file - first_file
        name = names[at] if 0 <= at < len(names) else "?"
        yield _Line(state.address, None if state.end_sequence else f"{name}:{state.line}")


def _inlined(unit: Any) -> dict[str, frozenset[str]]:
    """Functions of *unit* that have no code of their own."""
    bodies: dict[int, str] = {}
    outer: dict[str, set[str]] = {}
    functions = [entry for entry in unit.iter_DIEs() if entry.tag == "DW_TAG_subprogram"]
    for function in functions:
        name = function.attributes.get("DW_AT_name")
        if name is not None and "DW_AT_inline" in function.attributes:
            bodies[function.offset] = name.value.decode(errors="replace")
    for function in functions:
        for entry in _below(function):
            if entry.tag == "DW_TAG_inlined_subroutine":
                origin = _origin(entry)
                if origin in bodies:
                    outer.setdefault(bodies[origin], set()).add(_name(function))
    return {name: frozenset(outer.get(name, ())) for name in bodies.values()}


def _below(entry: Any) -> Iterator[Any]:
    for child in entry.iter_children():
        yield child
        yield from _below(child)


def _origin(entry: Any) -> int:
    """Offset of what *entry* is a copy of; -1 if it does not say."""
    attribute = entry.attributes.get("DW_AT_abstract_origin")
    return -1 if attribute is None else attribute.value + entry.cu.cu_offset


def _name(function: Any) -> str:
    """The name of *function*, which a copy out of line has from its abstract one."""
    name = function.attributes.get("DW_AT_name")
    if name is None:
        name = function.get_DIE_from_attribute("DW_AT_abstract_origin").attributes["DW_AT_name"]
    return str(name.value.decode(errors="replace"))
