"""What a core does with its own time (``hw.core``, and the paying in ``hw.pe``), compiled.

Each function names what it repeats. A row is not made an array of its own: to count who holds it
takes longer than to fill it. ``p`` are the parameters, ``w`` the whole (see ``layout``).
"""

# ruff: noqa: PLR0917 - compiled functions are called by position

from __future__ import annotations

from pathlib import Path
from typing import Any

from numba import njit
from numpy.typing import NDArray

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.replay import layout as at

forget_stale(__file__, root=Path(__file__).parents[2])

Array = NDArray[Any]
compiled = njit(cache=True, boundscheck=False)


@compiled
def do_work(
    p: Array, pe: Array, segment: int, cycles: int, work: Array, n_rows: Array, number: int
) -> bool:
    """``Core.work``; False if the core has forgotten the timer."""
    if cycles:
        k = n_rows[at.WORK]
        work[k, 0], work[k, 1], work[k, 2] = number, pe[at.TIMESTEP], pe[at.TIME]
        work[k, 3] = segment
        n_rows[at.WORK] += 1
        pe[at.TIME] += cycles * p[at.TICKS_PER_CYCLE]
        return bool(pe[at.TIME] <= pe[at.PATIENCE_ENDS])
    return True


@compiled
def wait_until(
    p: Array, pe: Array, tick: int, cause: int, waits: Array, n_rows: Array, number: int
) -> None:
    """``Core.wait_until``."""
    if tick > pe[at.TIME]:
        k, edge = n_rows[at.WAITS], clock_edge(tick, p[at.TICKS_PER_CYCLE])
        waits[k, 0], waits[k, 1], waits[k, 2] = number, pe[at.TIMESTEP], cause
        waits[k, 3], waits[k, 4] = pe[at.TIME], edge
        n_rows[at.WAITS] += 1
        pe[at.TIME] = edge


@compiled
def pay(p: Array, pe: Array, waits: Array, n_rows: Array, number: int) -> None:
    """``PE._pay_sram``."""
    cycles = pe[at.OWED_BEATS] // p[at.BANKS]
    if cycles:
        pe[at.OWED_BEATS] -= cycles * p[at.BANKS]
        tick = pe[at.TIME] + cycles * p[at.TICKS_PER_CYCLE]
        wait_until(p, pe, tick, at.SRAM, waits, n_rows, number)


@compiled
def end_timestep(
    p: Array, pe: Array, steps: Array, waits: Array, n_rows: Array, number: int
) -> None:
    """The time step ends: pay for the memory banks, and record it."""
    pay(p, pe, waits, n_rows, number)
    close_timestep(pe, steps, n_rows, number)


@compiled
def close_timestep(pe: Array, steps: Array, n_rows: Array, number: int) -> None:
    """``Core.close_timestep``."""
    if pe[at.TIMESTEP] >= 0:
        k = n_rows[at.STEPS]
        steps[k, 0], steps[k, 1], steps[k, 2] = number, pe[at.TIMESTEP], pe[at.RELEASED]
        steps[k, 3], steps[k, 4] = pe[at.STARTED], pe[at.TIME]
        n_rows[at.STEPS] += 1


@compiled
def begin_timestep(
    p: Array, pe: Array, w: Array, work: Array, waits: Array, n_rows: Array, number: int
) -> bool:
    """``Core.open_timestep`` and the interrupt handler."""
    edge = clock_edge(release_of(p, w, pe[at.TIMESTEP] + 1), p[at.TICKS_PER_CYCLE])
    asleep = pe[at.TIME] <= edge
    if pe[at.TIMESTEP] >= 0:
        wait_until(p, pe, edge, at.TIMER, waits, n_rows, number)
    pe[at.TIME] = max(pe[at.TIME], edge)
    pe[at.TIMESTEP] += 1
    pe[at.N_OPS] = 0
    pe[at.RELEASED], pe[at.STARTED] = edge, pe[at.TIME]
    pe[at.PATIENCE_ENDS] = pe[at.TIME] + p[at.PATIENCE]
    if pe[at.TIMESTEP] >= p[at.MAX_TIMESTEPS]:
        return False
    segment = at.INTERRUPT_ASLEEP if asleep else at.INTERRUPT_AWAKE
    cycles = p[at.ASLEEP_CYCLES] if asleep else p[at.AWAKE_CYCLES]
    return do_work(p, pe, segment, cycles, work, n_rows, number)


@compiled
def release_of(p: Array, w: Array, timestep: int) -> int:
    """When the timer opens *timestep*."""
    return int(w[at.TIMER_START] + timestep * p[at.PERIOD])


@compiled
def clock_edge(tick: int, ticks_per_cycle: int) -> int:
    """``Clock.edge``."""
    return -(-tick // ticks_per_cycle) * ticks_per_cycle
