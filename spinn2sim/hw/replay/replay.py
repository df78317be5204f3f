"""What happens when, in a run of programs that are known beforehand."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinn2sim.hw.host import WORD_BYTES
from spinn2sim.hw.noc import NocStats
from spinn2sim.hw.pe import MAX_OPS_PER_STEP
from spinn2sim.hw.replay import kernels
from spinn2sim.hw.replay import layout as at
from spinn2sim.hw.replay.networks import Kind, Network, Networks, Room
from spinn2sim.hw.replay.programs import Programs, Survey
from spinn2sim.hw.replay.promises.kernels import are_kept
from spinn2sim.spec import ChipSpec, HostSpec, Scenario
from spinn2sim.trace import WindowCounts
from spinn2sim.units import Clock, Timebase

Numbers = NDArray[np.int64]

#: Ops that a core may wait in.
WAITING = [
    *(at.WAIT_TIMER, at.BARRIER, at.READ_INPUT, at.WAIT_DMA, at.CATCH_UP, at.RECEIVE, at.STALL)
]


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

#: Those of all runs that bring none of their own.
NETWORKS = Networks()


def replay(
    scenario: Scenario,
    programs: Programs,
    *,
    timebase: Timebase,
    timer_reference: Clock,
    n_frames: int,
    n_in: int,
    begin: Numbers | None = None,
    networks: Networks = NETWORKS,
) -> Happenings | None:
    """Run *programs* on the chip and host of *scenario*, fed with *n_frames* of *n_in* words.

    *begin*, (n_pe,), are the ticks at which the PEs begin, if not at once. *networks* has those of
    earlier runs, which need not be wired again.

    None: the run cannot go on, never ends, or breaks a promise that it gave a barrier; the machine
    itself tells why.
    """
    chip, n_pe, needs = scenario.chip, programs.n_pe, programs.survey()
    timing = _Timing(
        *(chip, scenario.host, scenario.timestep, scenario.patience_steps, n_pe),
        *(timebase, timer_reference, n_frames, n_in),
    )
    parameters = _parameters(timing).copy()
    kind = Kind(
        chip,
        scenario.board,
        n_pe,
        timebase.clock(chip.noc.clock),
        needs.targets.tobytes(),
    )
    # Beats, if all PEs send the largest block that they ever send at once.
    n_beats = int((-(-needs.most_bytes * 8 // chip.dma.beat_bits)).sum())
    n_flits = FLITS_PER_PE * n_pe
    room = Room(max(n_flits, n_beats), n_flits)
    n_events = 16 * n_pe + 16
    while True:
        network = networks.take(kind, room)
        parameters[at.NOC_TICKS_PER_CYCLE] = network.noc.ticks_per_unit
        steps_per_buffer = scenario.host.steps_per_buffer
        machine = _Machine(
            programs,
            needs,
            network,
            parameters,
            steps_per_buffer,
            n_events=n_events,
            begin=begin,
        )
        end = machine.run()
        found = machine.happenings() if end == at.DONE and machine.keeps_promises() else None
        networks.put(kind, network)
        if end != at.NO_ROOM:
            return found
        room, n_events = Room(*(4 * n for n in network.room)), 2 * n_events


class _Machine:
    """The arrays of one run."""

    def __init__(
        self,
        programs: Programs,
        needs: Survey,
        network: Network,
        parameters: Numbers,
        steps_per_buffer: int,
        *,
        n_events: int,
        begin: Numbers | None,
    ) -> None:
        n_pe, self.programs, self.parameters = programs.n_pe, programs, parameters
        self.noc, self.routes = network.noc, network.routes
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
        n = needs.n_by_code
        n_blocks = -(-parameters[at.N_FRAMES] // steps_per_buffer)
        n_waiting = n[WAITING].sum()
        # Rows that the kernel has not written are not looked at.
        n_work = n[at.COMPUTE] + n[at.WAIT_TIMER] + 2 * n[at.DMA_WRITE] + n_pe
        self.work = np.empty((n_work, 4), np.int64)
        self.steps = np.empty((n[at.WAIT_TIMER] + n_pe, 5), np.int64)
        self.waits = np.empty((2 * n_waiting + 2 * n_pe, 5), np.int64)
        self.refills = np.empty((n_pe * (n_blocks + 2), 6), np.int64)
        self.transfers = np.empty((n[at.DMA_WRITE] + 1, at.TRANSFER_FIELDS), np.int64)
        self.n_rows = np.zeros(5, np.int64)

    def run(self) -> int:
        """Run to the end, and say which (``layout``)."""
        windows = self.noc.windows
        return kernels.run(
            self.noc.memory.block,
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
        ticks_per_cycle = int(self.parameters[at.TICKS_PER_CYCLE])
        return bool(are_kept(self.programs.ops, self.op_times, ticks_per_cycle))

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


class _Timing(NamedTuple):
    """All that the parameters of a run depend on."""

    chip: ChipSpec
    host: HostSpec
    timestep: int
    patience_steps: int
    n_pe: int
    timebase: Timebase
    timer_reference: Clock
    n_frames: int
    n_in: int


@lru_cache(maxsize=64)  # a mini-batch asks for those of each group, a sweep for those of each point
def _parameters(run: _Timing) -> Numbers:
    chip, host, timebase, n_frames = run.chip, run.host, run.timebase, run.n_frames
    clock = timebase.clock(chip.pe.clock)
    period = timebase.ticks(Fraction(run.timestep, 10**9))
    handler = chip.pe.interrupt_entry_cycles + chip.pe.interrupt_exit_cycles
    frame_bytes = run.n_in * WORD_BYTES
    block = host.steps_per_buffer * frame_bytes
    last = (n_frames % host.steps_per_buffer or host.steps_per_buffer) * frame_bytes

    def on_wire(payload: int) -> int:
        bits = (payload + host.packet_overhead_bytes) * 8
        return timebase.ticks(Fraction(bits, host.ethernet_rate))

    def write(payload: int) -> int:
        return timebase.ticks(Fraction(payload * 8, host.write_rate))

    rest, last_rest = block % host.packet_payload_bytes, last % host.packet_payload_bytes
    p = np.zeros(at.PARAMETERS, np.int64)
    p[at.N_PE] = run.n_pe
    p[at.TICKS_PER_CYCLE] = clock.ticks_per_cycle
    p[at.REFERENCE_TICKS] = run.timer_reference.ticks_per_cycle
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
    p[at.PATIENCE] = run.patience_steps * period
    p[at.MAX_TIMESTEPS] = n_frames + run.patience_steps
    p[at.MAX_OPS] = MAX_OPS_PER_STEP
    return p
