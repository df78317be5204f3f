"""The knobs of the Cortex-M4F timing model, each with a source and a low, middle and high value.

No number of the model stands in code: a published timing that is in doubt has both its ends in the
YAML file beside this one. A bigger value never makes code faster, so that the low and the high
timing bound every mixture of knobs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

from spinn2sim.errors import MissingFileError, SpecError
from spinn2sim.plain_yaml import read_yaml
from spinn2sim.quantity import Within
from spinn2sim.validated import Validated, nearest, validate

_CORTEX_M4F = Path(__file__).with_name("cortex_m4f.yaml")

_Cycles = Annotated[int, Within(0, 1000, "cycles")]
_Flag = Annotated[int, Within(0, 1, "1")]


class Timing(Validated):
    """One value for every knob, in cycles. The YAML file says where each comes from."""

    data_processing: _Cycles
    """Add, logic, shift, compare, extend, bit field, saturate, DSP add."""
    multiply: _Cycles
    """MUL, the long multiplies, the DSP multiplies."""
    multiply_accumulate: _Cycles
    """MLA, MLS."""
    divide: _Cycles
    """SDIV, UDIV; the hardware ends early by the operands, the model does not look at them."""

    load: _Cycles
    """LDR, VLDR of a word or less."""
    load_after_load: _Cycles
    """The same behind another, if that does not load its address."""
    load_after_store: _Cycles
    """The same behind STR or VSTR with an immediate offset."""
    odd_wide_access: _Cycles
    """Added to a load or store behind a load, if it is 32 bits wide on an odd halfword."""
    literal_load: _Cycles
    """Added to a load relative to the PC."""
    store: _Cycles
    """STR, VSTR of a word or less."""
    store_register_offset: _Cycles
    """STR with an offset from a register."""
    store_after_load: _Cycles
    """STR, VSTR behind a load."""
    multiple_first: _Cycles
    """LDM, STM, PUSH, POP, LDRD, STRD, VLDM, VSTM and doubles: before the words."""
    multiple_word: _Cycles
    """The same: each word."""
    address_wait: _Cycles
    """Before a load or store whose address the preceding data processing has made."""

    branch: _Cycles
    """A branch that is not taken; the first cycle of one that is."""
    branch_refill: _Cycles
    """Refill after a taken branch to a label: B, BL, CBZ, CBNZ."""
    register_branch_refill: _Cycles
    """Refill after BX, BLX, MOV PC, ADD PC."""
    load_branch_refill: _Cycles
    """Refill after a load of the PC: LDR PC, POP {PC}, TBB, TBH."""
    wide_target: _Cycles
    """Added to a refill whose target is 32 bits wide on an odd halfword."""
    table_branch: _Cycles
    """TBB, TBH before the refill."""
    it_after_narrow: _Cycles
    """IT behind a 16-bit instruction."""
    it_after_wide: _Cycles
    """IT behind a 32-bit instruction."""

    nop: _Cycles
    """NOP, SEV, YIELD, PLD, CLREX."""
    status: _Cycles
    """MRS, MSR, CPS."""
    barrier: _Cycles
    """DMB, DSB, ISB."""

    fp_arithmetic: _Cycles
    """VADD, VSUB, VMUL, VNMUL, VCVT."""
    fp_result_wait: _Cycles
    """Before an instruction that uses the result of the floating-point arithmetic before it."""
    fp_addend_wait: _Cycles
    """The same where the result is the addend of a multiply-accumulate."""
    fp_compare: _Cycles
    """VCMP, VCMPE."""
    fp_compare_wait: _Cycles
    """Before a VMRS that reads the flags of the comparison before it."""
    fp_move: _Cycles
    """VMOV between floats or of a constant, VABS, VNEG."""
    fp_move_wait: _Cycles
    """Before an instruction that uses the result of the move before it."""
    fp_transfer: _Cycles
    """VMOV of one float to or from a core register."""
    fp_transfer_double: _Cycles
    """VMOV of two floats to or from two core registers."""
    fp_status: _Cycles
    """VMRS, VMSR."""
    fp_multiply_accumulate: _Cycles
    """VMLA, VFMA and their kin, until the FPU is free."""
    fp_multiply_accumulate_issue: _Cycles
    """The same, until the core goes on."""
    fp_divide: _Cycles
    """VDIV until the result is there."""
    fp_square_root: _Cycles
    """VSQRT until the result is there."""
    fp_divide_issue: _Cycles
    """VDIV, VSQRT until the core goes on."""
    fp_divide_holds_fpu: _Flag
    """1: any floating-point instruction waits for the end of VDIV and VSQRT; 0: only users."""

    interrupt_entry: _Cycles
    """From the interrupt to the first instruction of its handler."""
    interrupt_exit: _Cycles
    """From the end of the handler to the interrupted code."""
    fp_stacking: _Cycles
    """Added where the floating-point registers go to or come from the stack."""

    remote_read: _Cycles
    """Stall per word read from memory that is declared remote."""
    remote_write: _Cycles
    """Stall per word written to memory that is declared remote."""


class Knob(Validated):
    """What is known of one number."""

    low: int
    mid: int
    high: int
    source: str

    def in_order(self) -> bool:
        """Whether the band is one."""
        return self.low <= self.mid <= self.high


@dataclass(frozen=True, slots=True)
class TimingBand:
    """The timing model at its low end, in the middle and at its high end."""

    name: str
    low: Timing
    mid: Timing
    high: Timing
    sources: Mapping[str, str]
    """Where each knob's values come from."""

    def __iter__(self) -> Iterator[Timing]:
        return iter((self.low, self.mid, self.high))

    def with_changes(self, **knobs: int) -> Self:
        """The band with *knobs* known exactly.

        :raises SpecError: there is no such knob, or its value is out of range.
        """
        low, mid, high = (timing.with_changes(**knobs) for timing in self)
        sources = {**self.sources, **dict.fromkeys(knobs, "user")}
        name = ", ".join([self.name, *(f"{knob}={value}" for knob, value in knobs.items())])
        return type(self)(name, low, mid, high, sources)


def load_timing(path: Path | None = None) -> TimingBand:
    """The Cortex-M4F as Arm documents it, with the knobs that the file at *path* changes.

    :raises MissingFileError: there is no such file.
    :raises SpecError: an unknown knob, a number out of range, or ends that are not in order.
    """
    knobs = _knobs(_CORTEX_M4F)
    if path is not None:
        knobs |= _knobs(path)
    where = str(path or _CORTEX_M4F)
    low, mid, high = (
        validate(Timing, {name: getattr(knob, end) for name, knob in knobs.items()}, where)
        for end in ("low", "mid", "high")
    )
    sources = {name: knob.source for name, knob in knobs.items()}
    return TimingBand(path.stem if path else "cortex-m4f", low, mid, high, sources)


def _knobs(path: Path) -> dict[str, Knob]:
    if not path.is_file():
        remedy = "name a YAML file of knobs, as spinn2sim/arm/cortex_m4f.yaml"
        raise MissingFileError("timing", path, remedy)
    try:
        content = read_yaml(path.read_text(encoding="utf-8"), str(path))
    except UnicodeDecodeError as error:
        raise SpecError(str(path), (f"not text: {error}",)) from None
    if not isinstance(content, Mapping):
        raise SpecError(str(path), ("expected knobs, as load: {low: 1, mid: 2, high: 2, ...}",))
    return {name: _knob(str(name), value, path) for name, value in content.items()}


def _knob(name: str, content: object, path: Path) -> Knob:
    known = list(Timing.model_fields)
    if name not in known:
        raise SpecError(str(path), (f"unknown knob {name!r}{nearest(name, known, 'knobs')}",))
    knob = validate(Knob, content, f"{path}: {name}")
    if not knob.in_order():
        problem = f"low {knob.low}, mid {knob.mid} and high {knob.high} are not in order"
        raise SpecError(f"{path}: {name}", (problem,))
    return knob
