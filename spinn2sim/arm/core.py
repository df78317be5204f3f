"""The emulated core: memory, registers, and what stops it. The only door to unicorn.

Unicorn is told nothing but a firmware's memory; a function is called by putting a return address
into LR that lies where no code is, and waiting for the core to come there.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple, Protocol

from spinn2sim.arm.conditionals import ItBlock
from spinn2sim.arm.elf_header import Segment
from spinn2sim.arm.memory import (
    PAGE_BYTES,
    STACK_BYTES,
    Pages,
    Range,
    Registers,
    RegisterStub,
    free_range,
    pages,
)
from spinn2sim.errors import MissingExtraError


class Watch(Protocol):
    """Who follows what the core does."""

    def enter(self, address: int, size: int) -> bool:
        """A block or instruction begins; False stops the core."""

    def execute(self, address: int) -> None:
        """A conditional instruction is executed."""


#: Arguments that the ABI (AAPCS, hard float) passes in registers.
N_INT_REGISTERS, N_FLOAT_REGISTERS = 4, 16

_SUPERVISOR_CALL = 2
_THUMB_STATE = 1 << 24  # of xPSR

#: QEMU's numbers of the exceptions that end a call, and what they mean for a function.
_EXCEPTIONS = {
    _SUPERVISOR_CALL: "calls the operating system (SVC)",
    7: "meets a breakpoint (BKPT)",
    8: "returns from an interrupt",
    17: "uses a coprocessor that is not there",
}
_SLEEP = (bytes.fromhex("30bf"), bytes.fromhex("20bf"))  # WFI, WFE


class CoreFaultError(Exception):
    """A call that ended elsewhere than at its return."""

    def __init__(self, problem: str, remedy: str, pc: int | None = None) -> None:
        super().__init__(problem, remedy, pc)
        self.problem = problem
        self.remedy = remedy
        self.pc = pc
        """Address of the instruction, None if the core did not stop at one."""


def undefined_instruction(address: int) -> CoreFaultError:
    """The core meets bytes at *address* that mean nothing to it."""
    problem = "meets what is no instruction of a Cortex-M4F"
    return CoreFaultError(problem, "compile it for a Cortex-M4F", address)


def _arm_code(address: int) -> CoreFaultError:
    problem = f"jumps to 0x{address:08x}, which is even, that is to ARM code"
    remedy = "compile all of it with -mthumb, and keep bit 0 of pointers to functions"
    return CoreFaultError(problem, remedy)


class Results(NamedTuple):
    """The registers that functions return values in."""

    r0: int
    s0: float


class Core:
    """A Cortex-M4F with its FPU on. Registers start anew with each call, memory does not."""

    def __init__(
        self,
        segments: Sequence[Segment],
        *,
        stubs: Sequence[RegisterStub],
        watch: Watch,
        each_instruction: bool,
        conditionals: Sequence[ItBlock] = (),
        remote: Sequence[Range] = (),
    ) -> None:
        self._uc = _emulator()
        self._segments = segments
        self._stopped = False
        self._exception: int | None = None
        self._refused: tuple[int, int, int] | None = None
        self._stubs = stubs
        self.registers = Registers(stubs)
        self.n_remote_reads = 0
        self.n_remote_writes = 0
        self._map(pages(segments), stubs)
        taken = [Range(segment.address, segment.size) for segment in segments]
        self._stack = free_range(STACK_BYTES, [*taken, *(stub.range for stub in stubs)])
        self._return = self._stack.end + PAGE_BYTES
        self._uc.mem_map(self._stack.start, self._stack.size)
        self._uc.mem_map(self._return, PAGE_BYTES)
        self._follow(watch, conditionals, each_instruction=each_instruction)
        self._add_hooks(remote)
        self._at_rest = self._uc.context_save()

    def load(self) -> None:
        """Put the firmware into memory as it is when it starts, and the registers to rest."""
        self.registers = Registers(self._stubs)
        for segment in self._segments:
            self._uc.mem_write(segment.address, segment.content.ljust(segment.size, b"\0"))
        self._uc.ctl_flush_tb()

    def call(self, address: int, ints: Sequence[int], floats: Sequence[float]) -> Results:
        """Run the function at *address* until it returns.

        ints: for R0 to R3, and for the stack from the fifth on. floats: for S0 to S15.

        :raises CoreFaultError: it ends elsewhere, or the watch stopped it.
        """
        arm, uc = _unicorn().arm_const, self._uc
        uc.context_restore(self._at_rest)
        self._stopped, self._exception, self._refused = False, None, None
        self.n_remote_reads = self.n_remote_writes = 0
        words = [number & 0xFFFFFFFF for number in ints]
        for i, word in enumerate(words[:N_INT_REGISTERS]):
            uc.reg_write(arm.UC_ARM_REG_R0 + i, word)
        for i, value in enumerate(floats):
            uc.reg_write(arm.UC_ARM_REG_S0 + i, _bits(value))
        uc.reg_write(arm.UC_ARM_REG_SP, self._push(words[N_INT_REGISTERS:]))
        uc.reg_write(arm.UC_ARM_REG_LR, self._return | 1)
        self._run(address)
        return Results(uc.reg_read(arm.UC_ARM_REG_R0), _value(uc.reg_read(arm.UC_ARM_REG_S0)))

    def _push(self, words: Sequence[int]) -> int:
        """Put *words* on the stack; its pointer, aligned as the ABI wants it."""
        pointer = (self._stack.end - 4 * len(words)) // 8 * 8
        self._uc.mem_write(pointer, struct.pack(f"<{len(words)}I", *words))
        return pointer

    def read(self, address: int, size: int) -> bytes:
        """*size* bytes of memory."""
        return bytes(self._uc.mem_read(address, size))

    def write(self, address: int, content: bytes) -> None:
        """Change memory."""
        self._uc.mem_write(address, content)

    def _run(self, start: int) -> None:
        while True:
            try:
                self._uc.emu_start(start | 1, self._return)
            except _unicorn().UcError:
                raise self._fault() from None
            except CoreFaultError as fault:  # of the watch, which does not know the state
                raise (fault if self._is_thumb() else _arm_code(self._pc())) from None
            pc = self._pc()
            if pc == self._return:
                return
            if self._stopped or self._exception is not None or not self._slept(pc):
                raise self._fault()
            start = pc  # an interrupt would wake it; how long that takes is not the code's cost

    def _slept(self, pc: int) -> bool:
        """Whether the instruction before *pc* waits for an interrupt or event."""
        return any(
            segment.address + 2 <= pc <= segment.end and self.read(pc - 2, 2) in _SLEEP
            for segment in self._segments
        )

    def _pc(self) -> int:
        return int(self._uc.reg_read(_unicorn().arm_const.UC_ARM_REG_PC))

    def _is_thumb(self) -> bool:
        """Whether the core believes to be in Thumb code, which is all that it can run."""
        return bool(self._uc.reg_read(_unicorn().arm_const.UC_ARM_REG_XPSR) & _THUMB_STATE)

    def _fault(self) -> CoreFaultError:
        """Why the core stopped where it is."""
        pc = self._pc()
        if self._stopped:
            return CoreFaultError("has not returned", "", pc)
        if self._refused is not None:
            return self._refusal(*self._refused, pc)
        if not any(segment.address <= pc < segment.end for segment in self._segments):
            remedy = "set the pointer to the function first, or measure what it calls"
            return CoreFaultError(f"jumps to 0x{pc:08x}, where there is no code", remedy)
        if self._exception is not None:
            problem = _EXCEPTIONS.get(self._exception, f"raises exception {self._exception}")
            at = pc - 2 if self._exception == _SUPERVISOR_CALL else pc
            return CoreFaultError(problem, "measure the functions that it calls", at)
        return undefined_instruction(pc) if self._is_thumb() else _arm_code(pc)

    def _refusal(self, access: int, address: int, size: int, pc: int) -> CoreFaultError:
        """Why the memory did not take an access."""
        if self._stack.start - STACK_BYTES <= address < self._stack.start:
            problem = f"needs more than {STACK_BYTES // 1024} KB of stack"
            return CoreFaultError(problem, "bound its recursion and local arrays", pc)
        if self._stack.end <= address < self._return:
            return CoreFaultError("takes more arguments than it is given", "give it all", pc)
        unicorn = _unicorn()
        is_protected = access == unicorn.UC_MEM_WRITE_PROT
        writes = is_protected or access == unicorn.UC_MEM_WRITE_UNMAPPED
        problem = (
            f"{'writes' if writes else 'reads'} {size} bytes at 0x{address:08x}, which is "
            f"{'read-only' if is_protected else 'not mapped'}"
        )
        page = address // PAGE_BYTES * PAGE_BYTES
        remedy = f"set the pointer first, or declare registers at 0x{page:08x}:0x{PAGE_BYTES:x}"
        return CoreFaultError(problem, remedy, pc)

    def _map(self, mapped: Sequence[Pages], stubs: Sequence[RegisterStub]) -> None:
        unicorn = _unicorn()
        for run in mapped:
            permissions = unicorn.UC_PROT_READ
            permissions |= unicorn.UC_PROT_WRITE if run.is_writable else 0
            permissions |= unicorn.UC_PROT_EXEC if run.is_executable else 0
            self._uc.mem_map(run.range.start, run.range.size, permissions)
        for stub in stubs:
            whole = stub.range.pages
            self._uc.mmio_map(
                whole.start,
                whole.size,
                self._read_register,
                whole.start,
                self._write_register,
                whole.start,
            )

    def _read_register(self, _uc: Any, offset: int, _size: int, start: int) -> int:
        return self.registers.read(start + offset)

    def _write_register(self, _uc: Any, offset: int, _size: int, value: int, start: int) -> None:
        self.registers.write(start + offset, value)

    def _follow(
        self, watch: Watch, conditionals: Sequence[ItBlock], *, each_instruction: bool
    ) -> None:
        unicorn = _unicorn()

        def enter(uc: Any, address: int, size: int, _: Any) -> None:
            if not watch.enter(address, size):
                self._stopped = True
                uc.emu_stop()

        def execute(_uc: Any, address: int, _size: int, _: Any) -> None:
            watch.execute(address)

        kind = unicorn.UC_HOOK_CODE if each_instruction else unicorn.UC_HOOK_BLOCK
        self._uc.hook_add(kind, enter)
        for block in conditionals:
            self._uc.hook_add(unicorn.UC_HOOK_CODE, execute, begin=block[0], end=block[-1])

    def _add_hooks(self, remote: Sequence[Range]) -> None:
        u = _unicorn()
        self._uc.hook_add(u.UC_HOOK_MEM_INVALID, self._refuse)
        self._uc.hook_add(u.UC_HOOK_INTR, self._interrupt)
        for each in remote:
            assert each.size > 0, each  # unicorn takes an empty range for all addresses
            self._uc.hook_add(
                u.UC_HOOK_MEM_READ | u.UC_HOOK_MEM_WRITE,
                self._count_remote,
                begin=each.start,
                end=each.end - 1,
            )

    def _refuse(self, _uc: Any, access: int, address: int, size: int, _v: int, _d: Any) -> bool:
        self._refused = access, address, size
        return False

    def _interrupt(self, uc: Any, number: int, _: Any) -> None:
        self._exception = number
        uc.emu_stop()

    def _count_remote(self, _uc: Any, access: int, _a: int, size: int, _v: int, _d: Any) -> None:
        n_words = -(-size // 4)
        if access == _unicorn().UC_MEM_READ:
            self.n_remote_reads += n_words
        else:
            self.n_remote_writes += n_words


@cache
def _unicorn() -> Any:
    """The library. Its own annotations are too few to check against."""
    try:
        import unicorn
        import unicorn.arm_const
    except ImportError:
        raise MissingExtraError("measuring firmware", "unicorn", "elf") from None
    return unicorn


def _emulator() -> Any:
    unicorn = _unicorn()
    emulator = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB | unicorn.UC_MODE_MCLASS)
    emulator.ctl_set_cpu_model(unicorn.arm_const.UC_CPU_ARM_CORTEX_M4)
    return emulator


def _bits(value: float) -> int:
    (bits,) = struct.unpack("<I", struct.pack("<f", value))
    return int(bits)


def _value(bits: int) -> float:
    (value,) = struct.unpack("<f", struct.pack("<I", bits))
    return float(value)
