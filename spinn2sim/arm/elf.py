"""A firmware file: its memory, its symbols, and what it says of its own making.

Everything about the file that can be wrong is found here, before any of its code runs.
"""

from __future__ import annotations

import difflib
import hashlib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from spinn2sim.arm.debug import DebugInfo, read_debug_info
from spinn2sim.arm.elf_header import Segment, check_elf
from spinn2sim.errors import ElfError, MissingExtraError, MissingFileError, SymbolError

#: A firmware with debug information has some 100 KB to 10 MB.
MAX_FILE_BYTES = 256 * 1024 * 1024

_LABELS, _BUILD = "firmware_labels", "firmware_build"


class Symbol(NamedTuple):
    """A name in the firmware. The address of a function has no Thumb bit."""

    name: str
    address: int
    size: int
    is_function: bool
    is_thumb: bool
    is_global: bool


class Labels(NamedTuple):
    """The functions that a firmware declares in ``firmware_labels``, in the order of a step."""

    step: tuple[str, ...]
    """Called each time step."""
    sample: tuple[str, ...]
    """Called once per sample."""


@dataclass(frozen=True)
class Elf:
    """A checked ELF file for a Cortex-M4F."""

    path: str
    content: bytes
    segments: tuple[Segment, ...]
    symbols: Mapping[str, Symbol]

    @cached_property
    def sha256(self) -> str:
        """Of the whole file, in hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()

    @cached_property
    def debug(self) -> DebugInfo:
        """Read when it is asked for: it takes longer than all the rest."""
        return read_debug_info(_open(self.content))

    @cached_property
    def build(self) -> str | None:
        """How it was built, if it has the text ``firmware_build``."""
        return self._text(_BUILD)

    @cached_property
    def labels(self) -> Labels | None:
        """Its costed functions, if it has the text ``firmware_labels``."""
        text = self._text(_LABELS)
        if text is None:
            return None
        step, _, sample = text.partition("|")
        return Labels(_names(step), _names(sample))

    def function(self, name: str) -> Symbol:
        """The function *name*.

        :raises SymbolError: it is not there, was inlined, or is not Thumb code.
        """
        symbol = self.symbols.get(name)
        if symbol is None:
            raise self._missing(name)
        if not symbol.is_function:
            raise SymbolError(self.path, name, "is a variable, not a function", "name a function")
        if not symbol.is_thumb:
            remedy = "compile it with -mthumb; in assembly, declare it with .thumb_func"
            raise SymbolError(self.path, name, "is ARM code, which a Cortex-M cannot run", remedy)
        if not self._is_code(symbol.address):
            problem = f"is at 0x{symbol.address:08x}, where there is no code"
            raise SymbolError(self.path, name, problem, "build the file again")
        return symbol

    def variable(self, name: str) -> Symbol:
        """The variable *name*.

        :raises SymbolError: there is none of that name with a size.
        """
        symbol = self.symbols.get(name)
        if symbol is None or symbol.is_function or not symbol.size:
            known = [each.name for each in self.symbols.values() if not each.is_function]
            raise SymbolError(self.path, name, "is no variable", _nearest(name, known))
        return symbol

    def function_at(self, address: int) -> Symbol | None:
        """The function whose code *address* lies in."""
        for symbol in self.symbols.values():
            if symbol.is_function and symbol.address <= address < symbol.address + symbol.size:
                return symbol
        return None

    def place(self, address: int) -> str:
        """*address* for a message: with function and source line where they are known."""
        symbol = self.function_at(address)
        inside = f" in {symbol.name}" if symbol else ""
        source = self.debug.source(address)
        return f"0x{address:08x}{inside}{f' ({source})' if source else ''}"

    def _is_code(self, address: int) -> bool:
        return any(
            segment.is_executable and segment.address <= address < segment.end
            for segment in self.segments
        )

    def _text(self, name: str) -> str | None:
        """The string constant *name*, if there is one."""
        symbol = self.symbols.get(name)
        if symbol is None:
            return None
        for segment in self.segments:
            if segment.address <= symbol.address < segment.end:
                start = symbol.address - segment.address
                content = segment.content[start : start + symbol.size]
                return content.partition(b"\0")[0].decode(errors="replace")
        return None

    def _missing(self, name: str) -> SymbolError:
        known = [each.name for each in self.symbols.values() if each.is_function]
        variants = [each for each in known if each.partition(".")[0] == name]
        if variants:
            remedy = f"declare it __attribute__((noinline, noclone)), or measure {variants[0]!r}"
            return SymbolError(self.path, name, "was rewritten by the compiler", remedy)
        outer = self.debug.inlined_into(name)
        if outer is None:
            return SymbolError(self.path, name, "is no function", _nearest(name, known))
        into = f" into {', '.join(sorted(outer))}" if outer else ""
        problem = f"has no code of its own, it was inlined{into}"
        remedy = "declare it __attribute__((noinline)), or measure the other"
        return SymbolError(self.path, name, problem, remedy)


def load_elf(path: str | Path) -> Elf:
    """The firmware at *path*.

    :raises MissingFileError: there is no such file.
    :raises ElfError: it is no ELF for a Cortex-M4F with hardware floating point, or it is damaged.
    :raises MissingExtraError: pyelftools is not installed.
    """
    file, where = Path(path), str(path)
    if not file.is_file():
        raise MissingFileError("ELF", where, "name a linked firmware, as firmware.elf")
    if file.stat().st_size > MAX_FILE_BYTES:
        limit = MAX_FILE_BYTES // 2**20
        raise ElfError(where, f"larger than {limit} MB", "give the firmware only")
    content = file.read_bytes()
    segments = check_elf(content, where)
    return Elf(where, content, segments, _symbols(content, where))


def _open(content: bytes) -> Any:
    try:
        from elftools.elf.elffile import ELFFile
    except ImportError:
        raise MissingExtraError("measuring firmware", "pyelftools", "elf") from None
    return ELFFile(io.BytesIO(content))


def _symbols(content: bytes, path: str) -> dict[str, Symbol]:
    try:
        table = _open(content).get_section_by_name(".symtab")
        found = [] if table is None else [_symbol(each) for each in table.iter_symbols()]
    except MissingExtraError:
        raise
    except Exception as error:  # noqa: BLE001 - pyelftools raises anything on damaged bytes
        problem = f"damaged: its symbols cannot be read ({type(error).__name__})"
        raise ElfError(path, problem, "build or copy it again") from None
    named = [symbol for symbol in found if symbol is not None]
    if not named:
        raise ElfError(path, "it has no symbols", "link without -s and do not strip it")
    # Of several of one name the global one counts.
    return {symbol.name: symbol for symbol in sorted(named, key=lambda each: each.is_global)}


def _symbol(found: Any) -> Symbol | None:
    """What pyelftools found, if it is a function or a variable."""
    kind, section = found["st_info"]["type"], found["st_shndx"]
    if kind not in ("STT_FUNC", "STT_OBJECT") or section == "SHN_UNDEF" or not found.name:
        return None
    is_function = kind == "STT_FUNC"
    address = found["st_value"]
    return Symbol(
        name=found.name,
        address=address & ~1 if is_function else address,
        size=found["st_size"],
        is_function=is_function,
        is_thumb=is_function and address % 2 == 1,
        is_global=found["st_info"]["bind"] != "STB_LOCAL",
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _nearest(name: str, known: Iterable[str]) -> str:
    known = sorted(known)
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    shown = ", ".join(known[:12])
    return f"it has: {shown}{', ...' if len(known) > 12 else ''}" if known else "it has none"
