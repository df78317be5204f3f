"""What happens when, in a run of programs that are known beforehand."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinn2sim.hw.host import WORD_BYTES
from spinn2sim.hw.noc import Noc, NocStats
from spinn2sim.hw.pe import MAX_OPS_PER_STEP
from spinn2sim.hw.replay import kernels
from spinn2sim.hw.replay import layout as at
from spinn2sim.hw.replay.programs import Programs
from spinn2sim.spec import Scenario
from spinn2sim.trace import WindowCounts
from spinn2sim.units import Clock, Timebase

Numbers = NDArray[np.int64]

#: Ops that meet other PEs, as a multicast of at least one packet does.
MEETING = (at.BARRIER, at.RECEIVE, at.DMA_WRITE, at.WAIT_DMA, at.SEND)


class Happenings(NamedTuple):
    """Rows with the columns of the trace's tables of the same names, in order of happening."""

    work: Numbers
    """(n, 4): PE, time step, start, segment; the machine's own segments are below 0."""
    steps: Numbers
    waits: Numbers
    refills: Numbers
    dma: Numbers
    op_times: Numbers
    """(n_pe, n_ops, 2): time step and tick at which each op was issued."""
    noc: NocStats
    windows: WindowCounts


#: Room for flits to begin with: what 144 PEs need that meet in a barrier. There may be more.
FLITS_PER_PE = 16


def replay(
    scenario: Scenario,
    programs: Programs,
    *,
    timebase: Timebase,
    timer_reference: Clock,
    n_frames: int,
    n_in: int,
    begin: Numbers | None = None,
    again: Again | None = None,
) -> Happenings | None:
    """Run *programs* on the chip and host of *scenario*, fed with *n_frames* of *n_in* words.

    *begin*, (n_pe,), are the ticks at which the PEs begin, if not at once. *again* is of earlier
    programs on the same machine, with the same targets: theirs is not built again.

    None: the run cannot go on, never ends, or breaks a promise that it gave a barrier; the machine
    itself tells why.
    """
    parameters = _parameters(
        scenario, programs.n_pe, timebase, timer_reference, frames=(n_frames, n_in)
    )
    n_flits = FLITS_PER_PE * programs.n_pe
    n_packets = max(n_flits, _largest_transfers(programs, scenario.chip.dma.beat_bits))
    n_events = 16 * programs.n_pe + 16
    if again is not None and again.noc is not None:
        again.rewind()
        machine = _Machine(
            programs,
            again.noc,
            parameters,
            scenario.host.steps_per_buffer,
            n_events,
            routes=again.routes,
            begin=begin,
        )
        parameters[at.NOC_TICKS_PER_CYCLE] = again.noc.ticks_per_unit
        if machine.run() == at.DONE:  # if not, it may be for lack of room
            return machine.happenings() if machine.keeps_promises() else None
    while True:
        noc = Noc(
            chip=scenario.chip,
            n_pe=programs.n_pe,
            clock=timebase.clock(scenario.chip.noc.clock),
            board=scenario.board,
        )
        parameters[at.NOC_TICKS_PER_CYCLE] = noc.ticks_per_unit
        noc.memory.need_packets(n_packets)
        noc.memory.need_flits(n_flits)
        steps_per_buffer = scenario.host.steps_per_buffer
        machine = _Machine(programs, noc, parameters, steps_per_buffer, n_events, begin=begin)
        noc.windows.need_pool(n_packets)
        if again is not None:
            again.keep(noc, machine.routes)
        end = machine.run()
        if end == at.DONE:
            return machine.happenings() if machine.keeps_promises() else None
        if end != at.NO_ROOM:
            return None
        n_packets, n_flits, n_events = 4 * n_packets, 4 * n_flits, 2 * n_events


class Again:
    """A network as it was before its first packet, for the next programs of the same kind."""

    def __init__(self) -> None:
        self.noc: Noc | None = None
        self.routes: Numbers | None = None
        self._block: Numbers = np.zeros(0, np.int64)

    def keep(self, noc: Noc, routes: Numbers) -> None:
        """Keep *noc*, in which nothing has been sent, with the *routes* of the programs."""
        self.noc, self.routes, self._block = noc, routes, noc.memory.block.copy()

    def rewind(self) -> None:
        """Forget what has happened in the network."""
        assert self.noc is not None
        self.noc.memory.block[:] = self._block
        self.noc.windows.counts[:] = 0


class _Machine:
    """The arrays of one run."""

    def __init__(
        self,
        programs: Programs,
        noc: Noc,
        parameters: Numbers,
        steps_per_buffer: int,
        n_events: int,
        *,
        routes: Numbers | None = None,
        begin: Numbers | None = None,
    ) -> None:
        n_pe, self.programs, self.noc, self.parameters = programs.n_pe, programs, noc, parameters
        self.routes = self._routes() if routes is None else routes
        self.pes = np.zeros((n_pe, at.PE_FIELDS), np.int64)
        self.pes[:, at.TIMESTEP] = -1
        self.pes[:, at.END_OF_BLOCK] = steps_per_buffer
        self.pes[:, at.PATIENCE_ENDS] = self.parameters[at.PATIENCE]
        if begin is not None:
            self.pes[:, at.TIME] = begin
        self.whole = np.zeros(at.WHOLE_FIELDS, np.int64)
        self.whole[at.TIMER_START] = at.NONE
        self.heap = np.zeros((n_events, at.EVENT_FIELDS), np.int64)
        self.op_times = np.zeros((*programs.ops.shape[:2], 2), np.int64)
        n_computes, n_steps = programs.n_of(at.COMPUTE), programs.n_of(at.WAIT_TIMER)
        n_dma = programs.n_of(at.DMA_WRITE)
        n_blocks = -(-parameters[at.N_FRAMES] // steps_per_buffer)
        n_waiting = sum(map(programs.n_of, (at.WAIT_TIMER, at.BARRIER, at.READ_INPUT)))
        n_waiting += sum(map(programs.n_of, (at.WAIT_DMA, at.CATCH_UP, at.RECEIVE, at.STALL)))
        self.work = np.zeros((n_computes + n_steps + 2 * n_dma + n_pe, 4), np.int64)
        self.steps = np.zeros((n_steps + n_pe, 5), np.int64)
        self.waits = np.zeros((2 * n_waiting + 2 * n_pe, 5), np.int64)
        self.refills = np.zeros((n_pe * (n_blocks + 2), 6), np.int64)
        self.transfers = np.zeros((n_dma + 1, at.TRANSFER_FIELDS), np.int64)
        self.n_rows = np.zeros(5, np.int64)

    def run(self) -> int:
        """Run to the end, and say which (``layout``)."""
        windows = self.noc.windows
        return kernels.run(
            self.noc.memory.block,
            windows.plan,
            windows.pool,
            windows.counts,
            self.routes,
            self.parameters,
            self.programs.ops,
            self.pes,
            self.whole,
            self.heap,
            self.op_times,
            self.work,
            self.steps,
            self.waits,
            self.refills,
            self.transfers,
            self.n_rows,
            np.empty(2 * self.programs.n_pe, np.int64),
        )

    def keeps_promises(self) -> bool:
        """Whether nobody met others before the end of the lookahead that it gave a barrier.

        A promise is taken to begin at the op after its barrier. Where SRAM has stalled the core in
        between, that is late, and the machine has the last word.
        """
        if self.programs.n_pe == 1:
            return True
        codes, first = self.programs.ops[:, :, at.CODE], self.programs.ops[:, :, at.FIRST]
        times = self.op_times[:, :, 1]
        ends = np.zeros_like(times)
        promised = first * (codes == at.BARRIER) * self.parameters[at.TICKS_PER_CYCLE]
        ends[:, 1:] = times[:, 1:] + promised[:, :-1]
        meets = np.isin(codes, MEETING) | ((codes == at.MULTICAST) & (first > 0))
        return not (meets & (times < np.maximum.accumulate(ends, axis=1))).any()

    def happenings(self) -> Happenings:
        """What was recorded."""
        n = self.n_rows
        dma = [at.T_PE, at.T_TO, at.T_STARTED, at.T_FINISHED, at.T_BYTES]
        finished = self.transfers[: n[at.TRANSFERS]]
        finished = finished[finished[:, at.T_FINISHED] != at.NONE]
        return Happenings(
            work=self.work[: n[at.WORK]],
            steps=self.steps[: n[at.STEPS]],
            waits=self.waits[: n[at.WAITS]],
            refills=self.refills[: n[at.REFILLS]],
            dma=finished[:, dma],
            op_times=self.op_times,
            noc=self.noc.stats(),
            windows=self.noc.windows.taken,
        )

    def _routes(self) -> Numbers:
        """(n_pe, n_pe, 2): root and number of roots, to one PE and on the diagonal to all others.

        Trees that no program uses are not made.
        """
        n_pe, ops = self.programs.n_pe, self.programs.ops
        routes = np.zeros((n_pe, n_pe, 2), np.int64)
        codes, first = ops[:, :, at.CODE], ops[:, :, at.FIRST]
        to_all = ((codes == at.MULTICAST) | (codes == at.BARRIER)).any(axis=1)
        to_one = (codes == at.DMA_WRITE) | (codes == at.SEND)
        for pe in range(n_pe):
            if to_all[pe] and n_pe > 1:
                others = tuple(other for other in range(n_pe) if other != pe)
                route = self.noc.route(pe, others)
                routes[pe, pe] = route.root, route.n_roots
            for target in set(first[pe, to_one[pe]].tolist()):
                route = self.noc.route(pe, (target,))
                routes[pe, target] = route.root, route.n_roots
        return routes


def _largest_transfers(programs: Programs, beat_bits: int) -> int:
    """Beats, if all PEs send the largest block that they ever send at once."""
    ops = programs.ops
    n_bytes = np.where(ops[:, :, at.CODE] == at.DMA_WRITE, ops[:, :, at.SECOND], 0)
    return int((-(-n_bytes.max(axis=1) * 8 // beat_bits)).sum())


def _parameters(
    scenario: Scenario,
    n_pe: int,
    timebase: Timebase,
    timer_reference: Clock,
    *,
    frames: tuple[int, int],
) -> Numbers:
    chip, host, (n_frames, n_in) = scenario.chip, scenario.host, frames
    clock = timebase.clock(chip.pe.clock)
    period = timebase.ticks(Fraction(scenario.timestep, 10**9))
    handler = chip.pe.interrupt_entry_cycles + chip.pe.interrupt_exit_cycles
    frame_bytes = n_in * WORD_BYTES
    block = host.steps_per_buffer * frame_bytes
    last = (n_frames % host.steps_per_buffer or host.steps_per_buffer) * frame_bytes

    def on_wire(payload: int) -> int:
        bits = (payload + host.packet_overhead_bytes) * 8
        return timebase.ticks(Fraction(bits, host.ethernet_rate))

    def write(payload: int) -> int:
        return timebase.ticks(Fraction(payload * 8, host.write_rate))

    rest, last_rest = block % host.packet_payload_bytes, last % host.packet_payload_bytes
    p = np.zeros(at.PARAMETERS, np.int64)
    p[at.N_PE] = n_pe
    p[at.TICKS_PER_CYCLE] = clock.ticks_per_cycle
    p[at.REFERENCE_TICKS] = timer_reference.ticks_per_cycle
    p[at.PERIOD] = period
    p[at.CROSSING] = clock.ticks(chip.comms.crossing_cycles)
    p[at.AWAKE_CYCLES] = handler
    p[at.ASLEEP_CYCLES] = chip.pe.wake_cycles + handler
    p[at.SETUP_CYCLES] = chip.dma.setup_cycles
    p[at.COMPLETION_CYCLES] = chip.dma.completion_cycles
    p[at.BEAT_BITS] = chip.dma.beat_bits
    p[at.BEAT_SPACING] = clock.ticks(chip.dma.cycles_per_beat)
    p[at.BANKS] = chip.pe.sram.banks
    p[at.N_FRAMES] = n_frames
    p[at.FRAME_BYTES] = frame_bytes
    p[at.STEPS_PER_BUFFER] = host.steps_per_buffer
    p[at.LATENCY] = timebase.ticks(Fraction(host.latency, 10**9))
    p[at.PACKET_BYTES] = host.packet_payload_bytes
    p[at.FULL_WIRE], p[at.FULL_WRITE] = (
        on_wire(host.packet_payload_bytes),
        write(host.packet_payload_bytes),
    )
    p[at.REST_WIRE], p[at.REST_WRITE] = on_wire(rest), write(rest)
    p[at.LAST_WIRE], p[at.LAST_WRITE] = on_wire(last_rest), write(last_rest)
    p[at.PATIENCE] = scenario.patience_steps * period
    p[at.MAX_TIMESTEPS] = n_frames + scenario.patience_steps
    p[at.MAX_OPS] = MAX_OPS_PER_STEP
    return p
