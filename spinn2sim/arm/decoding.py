"""Machine code into instructions, by capstone.

Capstone reports the registers of VLDM, VSTM, VPUSH and VPOP as if each were read and written, so
what a load or store moves is read from its operands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from spinn2sim.arm.instruction import Instruction, Kind
from spinn2sim.arm.mnemonics import KINDS
from spinn2sim.errors import MissingExtraError

_LOADS = {Kind.LOAD, Kind.LOAD_MULTIPLE, Kind.FP_LOAD, Kind.FP_LOAD_MULTIPLE}
_STORES = {Kind.STORE, Kind.STORE_MULTIPLE, Kind.FP_STORE, Kind.FP_STORE_MULTIPLE}
_DOUBLES = {Kind.FP_LOAD: Kind.FP_LOAD_MULTIPLE, Kind.FP_STORE: Kind.FP_STORE_MULTIPLE}
#: They move the registers of their list from or to the stack.
_STACKED = {"push", "pop", "vpush", "vpop"}


class UnknownInstructionError(Exception):
    """Bytes that are no instruction of the Cortex-M4F."""

    def __init__(self, what: str, address: int) -> None:
        super().__init__(what, address)
        self.what = what
        """In assembly language if another core has it, else in hexadecimal digits."""
        self.address = address


def decode(code: bytes, address: int) -> Iterator[Instruction]:
    """The instructions in *code*, which lies at *address*, one after the other.

    Conditions of an IT block are known only if its IT is in *code*.

    :raises UnknownInstructionError: bytes that are no instruction of this core, when they are met.
    :raises MissingExtraError: capstone is not installed.
    """
    end = address
    for found in _disassembler().disasm(code, address):
        yield _instruction(_Found.of(found))
        end = found.address + found.size
    rest = code[end - address :]
    if rest or not code:
        raise UnknownInstructionError(f"the bytes {rest[:4].hex()}", end)


@cache
def _disassembler() -> Any:
    try:
        import capstone
    except ImportError:
        raise MissingExtraError("measuring firmware", "capstone", "elf") from None
    disassembler = capstone.Cs(
        capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS
    )
    disassembler.detail = True
    return disassembler


@dataclass(frozen=True, slots=True)
class _Found:
    """What capstone says of an instruction, in names."""

    address: int
    size: int
    name: str
    text: str
    operands: tuple[str, ...]
    """Registers in the order of the assembly language, those of a memory operand left out."""
    memory: tuple[str, ...]
    """Base and index of the memory operand."""
    reads: frozenset[str]
    writes: frozenset[str]
    has_condition: bool

    @classmethod
    def of(cls, found: Any) -> _Found:
        from capstone.arm import ARM_CC_AL, ARM_OP_MEM, ARM_OP_REG

        name = found.insn_name()
        operands, memory = [], []
        for each in found.operands:
            if each.type == ARM_OP_REG:
                operands.append(found.reg_name(each.reg))
            elif each.type == ARM_OP_MEM:
                memory += [found.reg_name(part) for part in (each.mem.base, each.mem.index) if part]
        reads, writes = found.regs_access()
        return cls(
            address=found.address,
            size=found.size,
            name=found.mnemonic.partition(".")[0] if name == "hint" else name,
            text=f"{found.mnemonic} {found.op_str}".strip(),
            operands=tuple(single for each in operands for single in _singles(each)),
            memory=tuple(memory),
            reads=frozenset(single for each in reads for single in _singles(found.reg_name(each))),
            writes=frozenset(
                single for each in writes for single in _singles(found.reg_name(each))
            ),
            has_condition=found.cc != ARM_CC_AL,
        )

    @property
    def moved(self) -> tuple[str, ...]:
        """The registers that a load or store moves."""
        if self.name in _STACKED:
            return self.operands
        if not self.memory:  # LDM, STM, VLDM, VSTM: the base comes first
            return self.operands[1:]
        if self.name in ("ldrd", "strd") or _is_float(self.operands[0]):
            return self.operands[:2]
        return self.operands[:1]  # the rest is the source of STREX, or an index written back


def _instruction(found: _Found) -> Instruction:
    kind = _kind(found)
    moves = kind in _LOADS | _STORES
    return Instruction(
        address=found.address,
        size=found.size,
        text=found.text,
        kind=kind,
        results=_results(kind, found),
        fp_operands=_fp_operands(kind, found),
        addend=found.operands[0] if kind is Kind.FP_MULTIPLY_ACCUMULATE else None,
        address_registers=_address_registers(found) if moves else frozenset(),
        has_register_offset=moves and len(found.memory) == 2,
        is_literal=moves and found.memory[:1] == ("pc",),
        n_words=_n_words(kind, found),
        loads_pc=kind in _LOADS and "pc" in found.moved,
        is_conditional=found.has_condition and kind is not Kind.IT,
    )


def _kind(found: _Found) -> Kind:
    kind = KINDS.get(found.name)
    if kind is None:
        raise UnknownInstructionError(found.text, found.address)
    if kind is Kind.DATA and "pc" in found.writes:
        return Kind.BRANCH_REGISTER
    if kind is Kind.FP_MOVE and not all(map(_is_float, found.operands)):
        return Kind.FP_TRANSFER
    if kind in _DOUBLES and len(found.moved) == 2:
        return _DOUBLES[kind]
    return kind


def _results(kind: Kind, found: _Found) -> frozenset[str]:
    if kind in _LOADS:
        return frozenset(found.moved) - {"pc"}
    if kind in _STORES:
        return frozenset()
    if kind is Kind.FP_COMPARE:
        return frozenset({"fpscr"})
    return found.writes - {"cpsr", "pc", "itstate", "fpscr"}


def _fp_operands(kind: Kind, found: _Found) -> frozenset[str]:
    if kind in _LOADS:
        return frozenset()
    if kind in _STORES:
        return frozenset(filter(_is_float, found.moved))
    if kind is Kind.FP_STATUS:
        return frozenset({"fpscr"})
    return frozenset(filter(_is_float, found.reads))


def _address_registers(found: _Found) -> frozenset[str]:
    if found.name in _STACKED:
        return frozenset({"sp"})
    return frozenset(found.memory or found.operands[:1]) - {"pc"}


def _n_words(kind: Kind, found: _Found) -> int:
    if kind in _LOADS | _STORES:
        return len(found.moved)
    if kind is Kind.FP_TRANSFER:
        return sum(map(_is_float, found.operands))
    return 1


def _singles(name: str) -> tuple[str, ...]:
    """A double register as the two single ones that it is made of; any other as it is."""
    if name[0] == "d" and name[1:].isdecimal():
        first = 2 * int(name[1:])
        return (f"s{first}", f"s{first + 1}")
    return (name,)


def _is_float(name: str) -> bool:
    return name[0] == "s" and name[1:].isdecimal()
