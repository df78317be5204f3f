"""What the compiled replay reads and writes: places in its arrays.

All arrays are int64. Times are ticks. A program is a row of ops per PE; an op has a code and two
numbers.
"""

from __future__ import annotations

from spinn2sim.trace import Cause

TIMER, SYNC, HOST, DMA, PACKETS, SRAM, _CLOCK = map(int, Cause)
"""Why a core waits, as plain numbers."""

#: Ops. Below each, what its two numbers say.
(
    COMPUTE,  # segment, cycles
    WAIT_TIMER,
    READ_INPUT,
    MULTICAST,  # packets, 1 if they carry payloads
    BARRIER,  # lookahead, cycles: whether it is kept is looked at when the run is over (``replay``)
    DMA_WRITE,  # target PE, bytes
    WAIT_DMA,
    CATCH_UP,  # lets the shared time come to the core's
    RECEIVE,  # packets; after a CATCH_UP
    STALL,  # cycles
    LOG,
    HALT,
    SEND,  # one packet to one PE: target PE
) = range(13)
N_CODES = 13
CODE, FIRST, SECOND, OP_FIELDS = range(4)

#: Segments of the machine's own work, beside those of the programs, which count from 0.
INTERRUPT_AWAKE, INTERRUPT_ASLEEP, DMA_SETUP, DMA_COMPLETION = range(-4, 0)

#: Numbers that stay the same.
(
    N_PE,
    TICKS_PER_CYCLE,  # of a PE
    NOC_TICKS_PER_CYCLE,
    REFERENCE_TICKS,  # per cycle of the timer's reference clock
    PERIOD,
    CROSSING,
    AWAKE_CYCLES,
    ASLEEP_CYCLES,
    SETUP_CYCLES,
    COMPLETION_CYCLES,
    BEAT_BITS,
    BEAT_SPACING,
    BANKS,
    N_FRAMES,
    FRAME_BYTES,
    STEPS_PER_BUFFER,
    LATENCY,
    PACKET_BYTES,
    FULL_WIRE,  # ticks of a full host packet on the wire, and of its payload into SRAM
    FULL_WRITE,
    REST_WIRE,  # those of what is left of a block
    REST_WRITE,
    LAST_WIRE,  # and of the last block, which may be shorter
    LAST_WRITE,
    PATIENCE,
    MAX_TIMESTEPS,
    MAX_OPS,
    PARAMETERS,
) = range(28)

#: A PE. It waits for what STATE says.
(
    STATE,
    TIME,
    TIMESTEP,
    RELEASED,
    STARTED,
    NEXT_OP,
    N_OPS,  # in this time step
    N_BARRIERS,
    RESUMES_AT,
    N_READ,
    N_WRITTEN,
    END_OF_BLOCK,
    OWED_BEATS,
    DMA_FREE,
    N_BEATS_SENT,
    FIRST_OPEN,  # transfer: of those it has started and not yet seen complete
    PATIENCE_ENDS,
    PE_FIELDS,
) = range(18)

(
    READY,
    HALTED,
    FOR_START,
    FOR_TIMER,
    FOR_INPUT,
    INPUT_HERE,
    FOR_BARRIER,
    FOR_DMA,
    FOR_PACKETS,
    FOR_TIME,
) = range(10)

#: The whole.
(
    NOW,
    SEQUENCE,
    N_EVENTS,
    TIMER_START,  # NONE before
    N_PRELOADING,  # NONE: all are preloaded
    WIRE_FREE,
    WRITE_FREE,
    NO_FLITS,  # 1: the network had no room for a packet
    STARTING,  # 1: the timer starts now
    WHOLE_FIELDS,
) = range(10)
NONE = -1

#: An event to come, in a heap by the first three.
AT, PRIORITY, ORDER, KIND, PE, BLOCK, REQUESTED, EVENT_FIELDS = range(8)
GO_ON, HEARD, WRITTEN, START, STARTED_NOW = range(5)

#: How the kernel ends.
DONE, NO_ROOM, STUCK, STARVED = range(4)

#: Transfers: how far each is. The columns of the other tables are those of the trace.
T_PE, T_TO, T_STARTED, T_FINISHED, T_BYTES, T_BEATS, TRANSFER_FIELDS = range(7)

#: Where ``n_rows`` counts the rows of each table.
WORK, STEPS, WAITS, REFILLS, TRANSFERS = range(5)
