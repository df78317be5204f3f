"""What an interrupt costs around its handler, by the state of the floating-point registers.

With lazy stacking the core only reserves the room on entry; it stores the registers when the
handler touches the FPU for the first time, and then has to load them on exit.
"""

from __future__ import annotations

from typing import NamedTuple

from spinn2sim.arm.timing import Timing


class InterruptCycles(NamedTuple):
    """Cycles that an interrupt adds to those of its handler."""

    entry: int
    """From the interrupt to the first instruction of the handler."""
    first_fp_instruction: int
    """Stall at the first floating-point instruction of the handler."""
    exit: int
    """From the end of the handler to the interrupted code."""


def interrupt_cycles(
    timing: Timing, *, fp_active: bool, handler_uses_fp: bool, lazy: bool = True
) -> InterruptCycles:
    """Cycles around a handler. fp_active: the interrupted code has used the FPU."""
    stacking = timing.fp_stacking if fp_active else 0
    if not lazy:
        return InterruptCycles(
            timing.interrupt_entry + stacking, 0, timing.interrupt_exit + stacking
        )
    late = stacking if handler_uses_fp else 0
    return InterruptCycles(timing.interrupt_entry, late, timing.interrupt_exit + late)
