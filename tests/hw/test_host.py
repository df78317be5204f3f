"""The host: when its blocks are in SRAM, and what becomes of a PE whose input is late."""

import math
from fractions import Fraction
from itertools import pairwise

import pytest

from spinn2sim import real_time
from spinn2sim.errors import DeadlockError
from spinn2sim.trace import Cause
from tests.hw.machine import (
    ASLEEP,
    PERIOD,
    answers,
    rows,
    run,
    steps,
    waits,
    workload_of,
)

HZ = 65_000_000
LATENCY = 1_950
#: A block of 5 time steps with 80 inputs takes two packets.
N_IN, BLOCK = 80, (1_472, 128)


def wire(n_bytes):
    return math.ceil(Fraction((n_bytes + 66) * 8, 10**9) * HZ)


def write(n_bytes, rate=50_000_000):
    return math.ceil(Fraction(n_bytes * 8, rate) * HZ)


def reading(n_timesteps, *work):
    return [("wait_timer",), ("read_input",), *work] * n_timesteps


def stream(n_timesteps, *overrides, n_pe=1, n_in=N_IN, work=()):
    return run(
        [reading(n_timesteps, *work)],
        *overrides,
        n_pe=n_pe,
        workload=workload_of(n_timesteps, n_in),
    )


def refills(trace, **wanted):
    return sorted(rows(trace, "refills", **wanted), key=lambda row: row.finished)


def release(trace):
    return rows(trace, "steps")[0].released


def test_a_packet_is_on_the_wire_then_in_the_stacks_then_written():
    trace = stream(1, n_in=4)
    (block,) = refills(trace)
    assert block.n_bytes == 16
    assert (block.requested, block.started) == (0, 0)
    assert block.finished == wire(16) + LATENCY + write(16)


def test_a_block_is_cut_into_packets_of_1472_bytes_and_the_wire_works_ahead_of_the_writes():
    (block,) = refills(stream(5))
    assert block.n_bytes == sum(BLOCK) == 5 * N_IN * 4
    first = wire(1_472) + LATENCY + write(1_472)
    assert wire(1_472) + wire(128) + LATENCY < first
    assert block.finished == first + write(128)


def test_a_wire_slower_than_the_writes_spaces_the_packets():
    (block,) = refills(stream(5, "host.write_rate=10Gbit/s"))
    last = wire(1_472) + wire(128) + LATENCY
    assert block.finished == last + write(128, 10**10)


def test_a_block_of_exactly_one_packet_is_one_packet():
    (block,) = refills(stream(1, n_in=368))
    assert block.n_bytes == 1_472
    assert block.finished == wire(1_472) + LATENCY + write(1_472)


def test_the_preload_fills_ping_of_all_then_pong_of_all_first_come_first_served():
    trace = stream(10, n_pe=3)
    found = refills(trace)
    assert [(row.block, row.pe) for row in found] == [(b, pe) for b in (0, 1) for pe in range(3)]
    written = write(1_472) + write(128)
    start = wire(1_472) + LATENCY
    assert [row.finished for row in found] == [start + k * written for k in range(1, 7)]
    packets = wire(1_472) + wire(128)
    assert [row.started for row in found] == [k * packets for k in range(6)]


def test_the_timer_starts_when_the_last_buffer_is_full():
    trace = stream(10, n_pe=3)
    microsecond = HZ // 10**6
    full = refills(trace)[-1].finished
    assert release(trace) == -(-full // microsecond) * microsecond


def test_the_preload_costs_no_core_a_cycle():
    assert waits(stream(10), Cause.SRAM) == []


def test_reading_the_last_time_step_of_a_half_asks_for_its_refill():
    trace = stream(20)
    third, fourth = refills(trace)[2:]
    assert (third.block, fourth.block) == (2, 3)
    assert third.requested == release(trace) + 4 * PERIOD + ASLEEP
    assert third.started == third.requested + LATENCY
    assert third.finished == third.started + wire(1_472) + LATENCY + write(1_472) + write(128)
    assert fourth.requested - third.requested == 5 * PERIOD


def test_a_refill_costs_the_core_a_cycle_in_as_many_beats_as_there_are_banks():
    trace = stream(15)
    assert refills(trace)[-1].n_bytes == 1_600
    ((start, stop),) = waits(trace, Cause.SRAM)
    assert stop - start == 1_600 * 8 // 128 // 4
    # Written in time step 4, paid at the end of time step 5.
    responses = [finished for _, finished in steps(trace)]
    assert responses == [ASLEEP] * 5 + [ASLEEP + 25] + [ASLEEP] * 9


def test_requests_are_served_in_order_of_their_arrival():
    slow_first = [
        [("wait_timer",), ("compute", "work", 100 * (3 - pe)), ("read_input",)] * 15
        for pe in range(3)
    ]
    trace = run(slow_first, workload=workload_of(15, N_IN))
    assert [row.pe for row in refills(trace, block=2)] == [2, 1, 0]


def test_requests_of_the_same_tick_are_served_in_order_of_pe():
    # PE 0 sleeps last, and so wakes last among those that the same interrupt wakes.
    laggard = [("wait_timer",), ("read_input",), ("compute", "work", 999), ("take_dma", "nothing")]
    programs = [laggard * 15, reading(15), reading(15)]
    trace = run(programs, workload=workload_of(15, N_IN))
    served = refills(trace, block=2)
    assert len({row.requested for row in served}) == 1
    assert [row.pe for row in served] == [0, 1, 2]


@pytest.mark.parametrize("n_timesteps", [1, 4, 5, 6, 10, 11, 13, 25])
@pytest.mark.parametrize("steps_per_buffer", [1, 5, 7])
def test_all_frames_arrive_once_and_in_order(n_timesteps, steps_per_buffer):
    trace = stream(n_timesteps, f"host.steps_per_buffer={steps_per_buffer}", n_in=2, n_pe=2)
    expected = [n for k in range(n_timesteps) for n in (k, k, k, 0)]
    assert answers(trace) == [expected] * 2
    n_bytes = [sum(row.n_bytes for row in refills(trace, pe=pe)) for pe in (0, 1)]
    assert n_bytes == [n_timesteps * 2 * 4] * 2


def test_samples_follow_each_other_with_their_own_targets():
    workload = workload_of(n_timesteps=3, n_samples=3)
    trace = run([[("read_input",)] * 9], workload=workload)
    assert answers(trace)[0] == [n for k in range(9) for n in (k, k // 3 % 2)]


@pytest.mark.parametrize("n_timesteps", [5, 7, 10, 300])
def test_reading_on_after_the_end_of_the_input_is_a_deadlock_that_says_so(n_timesteps):
    with pytest.raises(DeadlockError) as stuck:
        run([[("read_input",)] * (n_timesteps + 1)], workload=workload_of(n_timesteps))
    ((_, op, _, missing),) = stuck.value.waiting
    assert (op, missing) == ("read_input", "input after its end")


def test_input_read_before_the_timer_runs_is_waited_for():
    trace = run([[("read_input",), *reading(4)]], workload=workload_of(5, 4))
    assert waits(trace, Cause.HOST) == [(0, refills(trace)[0].finished)]


SLOW = 200_000
SLOWLY = f"host.write_rate={SLOW // 1_000}kbit/s"


def test_late_input_stalls_the_pe_until_it_is_written():
    trace = stream(15, SLOWLY)
    third = refills(trace)[2]
    late = release(trace) + 10 * PERIOD + ASLEEP
    assert third.finished > late
    assert waits(trace, Cause.HOST) == [(late, third.finished)]
    assert real_time(trace).late_inputs == 1
    assert answers(trace)[0] == answers(stream(15))[0]


def test_a_host_slower_than_the_network_reads_sets_the_pace():
    trace = stream(50, SLOWLY)
    block = write(1_472, SLOW) + write(128, SLOW)
    assert block > 5 * PERIOD
    finished = [row.finished for row in refills(trace)]
    steady = [later - earlier for earlier, later in pairwise(finished[2:])]
    assert steady == [block] * 7
    assert real_time(trace).late_inputs == 8
    # The lost time is spread over the steps that follow, which are late but none is skipped.
    assert real_time(trace).overruns > 0
    assert answers(trace) == answers(stream(50))


@pytest.mark.parametrize(("n_pe", "is_late"), [(3, False), (4, True)])
def test_input_is_late_when_all_blocks_together_take_longer_than_they_last(n_pe, is_late):
    rate = 1_000_000
    block = write(1_472, rate) + write(128, rate)
    assert (n_pe * block > 5 * PERIOD) == is_late
    trace = stream(200, f"host.write_rate={rate // 10**6}Mbit/s", n_pe=n_pe)
    assert (real_time(trace).late_inputs > 0) == is_late
