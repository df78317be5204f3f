"""The machine as one compiled loop: PEs, timer, host, DMA and NoC, for programs known beforehand.

It is the machine of ``hw`` once more, rule for rule, without SimPy and without the firmware's own
work; ``tests/hw/test_replay.py`` holds the two together, tick for tick. Each function here names
what it repeats. ``p`` are the parameters, ``w`` the whole, ``pes`` the PEs (see ``layout``).
"""

# ruff: noqa: PLR0917 - compiled functions are called by position

from __future__ import annotations

from pathlib import Path
from typing import Any

from numba import njit
from numpy.typing import NDArray

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc import kernels as noc
from spinn2sim.hw.noc import layout as net
from spinn2sim.hw.noc.addresses.kernels import borrowed, first_of
from spinn2sim.hw.noc.fast.kernels import advance
from spinn2sim.hw.noc.watches.kernels import watch
from spinn2sim.hw.replay import layout as at
from spinn2sim.hw.replay.core.kernels import (
    begin_timestep,
    clock_edge,
    close_timestep,
    do_work,
    end_timestep,
    pay,
    release_of,
    wait_until,
)
from spinn2sim.hw.replay.events.kernels import pop, push
from spinn2sim.hw.replay.host.kernels import block_bytes, read, serve, written
from spinn2sim.hw.replay.network.kernels import complete, has_open, row_of, send, take, wake

forget_stale(__file__, root=Path(__file__).parents[1])

Array = NDArray[Any]
compiled = njit(cache=True, boundscheck=False)
#: Where a function is called once: to hand over fifteen arrays takes longer than most ops.
inlined = njit(cache=True, boundscheck=False, forceinline=True)


@compiled
def run(
    block: Array,
    pool: Array,
    windows: Array,
    routes: Array,
    p: Array,
    programs: Array,
    pes: Array,
    w: Array,
    heap: Array,
    op_times: Array,
    work: Array,
    steps: Array,
    waits: Array,
    refills: Array,
    transfers: Array,
    n_rows: Array,
    reported: Array,
) -> int:
    """Run until all programs have ended and all packets have arrived; how it ended (``Chip.run``).

    programs: (n_pe, n_ops, OP_FIELDS); op_times: (n_pe, n_ops, 2), time step and tick of each op;
    pool, windows: of ``noc.fast``; routes: (n_pe, n_pe, 2), root and number of roots of the
    tree to one target, and on the diagonal to all others; n_rows: how many rows of work, steps,
    waits, refills and transfers are used.
    """
    block, p, w, n_rows = first_of(block), first_of(p), first_of(w), first_of(n_rows)
    pool, windows = borrowed(pool), borrowed(windows)
    routes, programs, pes = borrowed(routes), borrowed(programs), borrowed(pes)
    heap, op_times, work = borrowed(heap), borrowed(op_times), borrowed(work)
    steps, waits, refills = borrowed(steps), borrowed(waits), borrowed(refills)
    transfers, reported = borrowed(transfers), borrowed(reported)

    for block_number in range(2):  # Host.preload
        for pe in range(p[at.N_PE]):
            if block_bytes(p, block_number):
                w[at.N_PRELOADING] += 1
                serve(p, w, heap, refills, n_rows, pe, block_number, 0)
    awake, end = 0, p[at.N_PE]  # PEs that go on now
    while True:
        for pe in range(awake, end):
            # At the start of the timer, those that wait for it.
            if w[at.STARTING] and pes[pe, at.STATE] != at.FOR_START:
                continue
            if not _go_on(
                block,
                routes,
                p,
                programs,
                pes,
                w,
                heap,
                op_times,
                work,
                steps,
                waits,
                transfers,
                n_rows,
                pe,
            ):
                return at.STARVED
        if w[at.NO_FLITS] or w[at.N_EVENTS] + 4 * p[at.N_PE] > len(heap):
            return at.NO_ROOM
        w[at.STARTING] = 0
        upcoming = heap[0, at.AT] if w[at.N_EVENTS] else net.NEVER
        horizon = noc.horizon(block)
        if horizon != net.NEVER and horizon * p[at.NOC_TICKS_PER_CYCLE] <= upcoming:
            awake = end = 0
            last = min(upcoming // p[at.NOC_TICKS_PER_CYCLE], net.NEVER - 1)
            n, _, _ = advance(block, pool, windows, last, reported)
            if n < 0:
                return at.NO_ROOM
            for k in range(n):
                wake(block, p, pes, w, heap, reported[2 * k], reported[2 * k + 1])
            if n:
                continue
        if not w[at.N_EVENTS]:
            break
        awake, end = _event(p, pes, w, heap, refills, n_rows)
    for pe in range(p[at.N_PE]):
        if pes[pe, at.STATE] != at.HALTED:
            return at.STUCK
    return at.DONE


@inlined
def _event(
    p: Array, pes: Array, w: Array, heap: Array, refills: Array, n_rows: Array
) -> tuple[int, int]:
    """The next event of the heap; the first PE that goes on after it, and the end of the last."""
    kind, pe = heap[0, at.KIND], heap[0, at.PE]
    number, requested = heap[0, at.BLOCK], heap[0, at.REQUESTED]
    w[at.NOW] = heap[0, at.AT]
    pop(heap, w)
    if kind == at.GO_ON:
        return pe, pe + 1
    if kind == at.HEARD:
        serve(p, w, heap, refills, n_rows, pe, number, requested)
    elif kind == at.WRITTEN:
        written(p, pes, w, heap, pe, number)
    elif kind == at.START:  # Timer.start
        w[at.TIMER_START] = clock_edge(w[at.NOW], p[at.REFERENCE_TICKS])
        push(heap, w, w[at.NOW], 0, at.STARTED_NOW, 0, 0, 0)
    else:
        w[at.STARTING] = 1
        return 0, p[at.N_PE]
    return 0, 0


@inlined
def _go_on(  # noqa: PLR0915 - the interpreter of ops, one case after the other
    block: Array,
    routes: Array,
    p: Array,
    programs: Array,
    pes: Array,
    w: Array,
    heap: Array,
    op_times: Array,
    work: Array,
    steps: Array,
    waits: Array,
    transfers: Array,
    n_rows: Array,
    number: int,
) -> bool:
    """Wake the PE and run its program until it waits again (``PE.run``); False if it starves."""
    pe, program = first_of(pes[number]), programs[number]
    state, pe[at.STATE] = pe[at.STATE], at.READY
    if state == at.FOR_START:
        end_timestep(p, pe, steps, waits, n_rows, number)
        if w[at.NOW] < release_of(p, w, pe[at.TIMESTEP] + 1):
            return _sleep_till_timer(p, pe, w, heap, number)
        state = at.FOR_TIMER
    if state == at.FOR_TIMER:
        if not begin_timestep(p, pe, w, work, waits, n_rows, number):
            return False
    elif state == at.INPUT_HERE:
        wait_until(p, pe, w[at.NOW], at.HOST, waits, n_rows, number)
        read(p, pe, w, heap, number)
    elif state == at.FOR_BARRIER:
        wait_until(p, pe, pe[at.RESUMES_AT], at.SYNC, waits, n_rows, number)
        parity = pe[at.N_BARRIERS] & 1
        take(block, p, pe, number, parity, net.NEVER)
        pe[at.N_BARRIERS] += 1
        pay(p, pe, waits, n_rows, number)
    elif state == at.FOR_PACKETS:
        wait_until(p, pe, w[at.NOW], at.PACKETS, waits, n_rows, number)
        take(block, p, pe, number, net.NONE, program[pe[at.NEXT_OP] - 1, 1])
    elif state == at.FOR_DMA:
        wait_until(p, pe, w[at.NOW], at.DMA, waits, n_rows, number)
        complete(pe, pes, transfers, n_rows, number)
        if not do_work(p, pe, at.DMA_COMPLETION, p[at.COMPLETION_CYCLES], work, n_rows, number):
            return False
    while True:
        index = pe[at.NEXT_OP]
        code, first, second = program[index, 0], program[index, 1], program[index, 2]
        pe[at.NEXT_OP] += 1
        op_times[number, index, 0], op_times[number, index, 1] = pe[at.TIMESTEP], pe[at.TIME]
        pe[at.N_OPS] += 1
        if pe[at.N_OPS] >= p[at.MAX_OPS]:
            return False
        if code == at.COMPUTE:
            if not do_work(p, pe, first, second, work, n_rows, number):
                return False
        elif code == at.MULTICAST:
            send(
                block,
                w,
                routes,
                number,
                number,
                net.RX,
                pe[at.N_BARRIERS] & 1,
                pe[at.TIME],
                0,
                first,
            )
        elif code == at.SEND:
            parity = pe[at.N_BARRIERS] & 1
            send(block, w, routes, number, first, net.RX, parity, pe[at.TIME], 0, 1)
        elif code == at.READ_INPUT:
            if pe[at.N_READ] < pe[at.N_WRITTEN]:
                read(p, pe, w, heap, number)
            else:
                pe[at.STATE] = at.FOR_INPUT
                return True
        elif code == at.WAIT_TIMER:
            if w[at.TIMER_START] == at.NONE:
                pe[at.STATE] = at.FOR_START
                return True
            end_timestep(p, pe, steps, waits, n_rows, number)
            if w[at.NOW] < release_of(p, w, pe[at.TIMESTEP] + 1):
                return _sleep_till_timer(p, pe, w, heap, number)
            if not begin_timestep(p, pe, w, work, waits, n_rows, number):
                return False
        elif code == at.BARRIER:
            if p[at.N_PE] == 1:
                pe[at.N_BARRIERS] += 1
                continue
            kind = net.FLAG1 if pe[at.N_BARRIERS] & 1 else net.FLAG0
            send(block, w, routes, number, number, kind, 0, pe[at.TIME], 0, 1)
            n_flags = (pe[at.N_BARRIERS] // 2 + 1) * (p[at.N_PE] - 1)
            grace = p[at.CROSSING] + first * p[at.TICKS_PER_CYCLE]
            watch(block, row_of(block, number), kind, n_flags, grace // p[at.NOC_TICKS_PER_CYCLE])
            pe[at.STATE] = at.FOR_BARRIER
            return True
        elif code == at.DMA_WRITE:
            if not do_work(p, pe, at.DMA_SETUP, p[at.SETUP_CYCLES], work, n_rows, number):
                return False
            n_beats = -(-second * 8 // p[at.BEAT_BITS])
            started = max(pe[at.TIME], pe[at.DMA_FREE])
            send(block, w, routes, number, first, net.DMA, 0, started, p[at.BEAT_SPACING], n_beats)
            pe[at.DMA_FREE] = started + n_beats * p[at.BEAT_SPACING]
            pe[at.N_BEATS_SENT] += n_beats
            row = n_rows[at.TRANSFERS]
            transfers[row, at.T_PE], transfers[row, at.T_TO] = number, first
            transfers[row, at.T_STARTED], transfers[row, at.T_FINISHED] = started, at.NONE
            transfers[row, at.T_BYTES], transfers[row, at.T_BEATS] = second, n_beats
            n_rows[at.TRANSFERS] += 1
        elif code == at.WAIT_DMA:
            if has_open(pe, transfers, n_rows, number):
                watch(block, row_of(block, number), net.DMA, pe[at.N_BEATS_SENT], 0)
                pe[at.STATE] = at.FOR_DMA
                return True
        elif code == at.CATCH_UP:
            pay(p, pe, waits, n_rows, number)
            if pe[at.TIME] > w[at.NOW]:
                pe[at.STATE] = at.FOR_TIME
                push(heap, w, pe[at.TIME], 1, at.GO_ON, number, 0, 0)
                return True
        elif code == at.RECEIVE:
            row = row_of(block, number)
            threshold = block[row + net.RX] + first - block[row + net.N_HELD]
            watch(block, row, net.RX, threshold, 0)
            pe[at.STATE] = at.FOR_PACKETS
            return True
        elif code == at.STALL:
            tick = pe[at.TIME] + first * p[at.TICKS_PER_CYCLE]
            wait_until(p, pe, tick, at.SRAM, waits, n_rows, number)
        elif code == at.HALT:
            pay(p, pe, waits, n_rows, number)
            close_timestep(pe, steps, n_rows, number)
            pe[at.STATE] = at.HALTED
            return True


@compiled
def _sleep_till_timer(p: Array, pe: Array, w: Array, heap: Array, number: int) -> bool:
    pe[at.STATE] = at.FOR_TIMER
    release = release_of(p, w, pe[at.TIMESTEP] + 1)
    push(heap, w, release, 1, at.GO_ON, number, 0, 0)
    return True
