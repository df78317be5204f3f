"""Blocks between SRAM and DRAM: the channel against closed forms, and what may not be.

PE and NoC run at 65 MHz; a tick is a cycle of both, and the timer's 1 MHz divides it.
"""

import itertools
import math

import numpy as np
import pytest

from spinn2sim import load_scenario, simulate
from spinn2sim.elaboration import timebase_of
from spinn2sim.errors import FirmwareError, SpecError
from spinn2sim.replay import record
from spinn2sim.report import energy
from spinn2sim.trace import Cause
from tests.hw.machine import answers, answers_untimed, rows, scenario_of, waits, workload_of

#: A bit per tick: 8 ticks a byte; 65 ticks from begin to first bits.
SLOW = ("chip.dram.size_bytes=1000", "chip.dram.rate=65Mbit/s", "chip.dram.latency=1us")
LATENCY, SETUP, COMPLETION = 65, 60, 52
#: The DMA unit is the slower end: 16 B a beat, 2 cycles each.
FAST = ("chip.dram.size_bytes=1MB", "chip.dram.rate=1000Gbit/s", "chip.dram.latency=1us")


def run(programs, *overrides, n_pe=None, **how):
    scenario = scenario_of(*overrides, n_pe=n_pe or len(programs), programs=programs)
    return simulate(scenario, workload_of(), **how)


def blocks(trace):
    """(pe, write, requested, started, finished, bytes) by PE and time."""
    return sorted(tuple(row) for row in rows(trace, "dram"))


def test_a_block_takes_the_set_up_the_latency_and_its_bits():
    trace = run([[("dram_write", "x", 5, 100), ("wait_dma",)]], *SLOW)
    begins = SETUP
    ends = begins + LATENCY + 800
    assert blocks(trace) == [(0, 1, begins, begins, ends, 100)]
    assert waits(trace, Cause.DMA) == [(begins, ends)]
    assert rows(trace, "work")[-1].start == ends  # The completion interrupt.


def test_a_fast_channel_waits_for_the_dma_unit():
    trace = run([[("dram_write", "x", 5, 1_601), ("wait_dma",)]], *FAST)
    assert blocks(trace) == [(0, 1, SETUP, SETUP, SETUP + LATENCY + 2 * 101, 1_601)]


def test_a_channel_serves_one_after_the_other_those_at_once_in_order_of_pe():
    programs = [[("dram_write", "x", pe, 10 * (pe + 1)), ("wait_dma",)] for pe in range(5)]
    trace = run(programs, *SLOW)
    begins = [SETUP + 80 * sum(range(1, pe + 1)) for pe in range(5)]
    assert blocks(trace) == [
        (pe, 1, SETUP, begins[pe], begins[pe] + LATENCY + 80 * (pe + 1), 10 * (pe + 1))
        for pe in range(5)
    ]


def test_whoever_asks_first_is_served_first_whatever_its_number():
    late = [("compute", "a", 10), ("dram_write", "x", 0, 50), ("wait_dma",)]
    early = [("dram_write", "x", 0, 50), ("wait_dma",)]
    (pe_0, pe_1) = blocks(run([late, early], *SLOW))
    assert (pe_1[3], pe_0[3]) == (SETUP, SETUP + 400)


def test_a_pe_moves_its_blocks_one_by_one_and_is_woken_once():
    programs = [[("dram_write", "x", 1, 10), ("dram_write", "y", 2, 20), ("wait_dma",)]]
    trace = run(programs, *SLOW)
    first = SETUP + LATENCY + 80
    assert blocks(trace) == [
        (0, 1, SETUP, SETUP, first, 10),
        (0, 1, 2 * SETUP, first, first + LATENCY + 160, 20),
    ]
    assert waits(trace, Cause.DMA) == [(2 * SETUP, first + LATENCY + 160)]


def test_the_core_works_while_a_block_moves_and_waits_for_the_rest_only():
    work = [("dram_write", "x", 1, 100), ("compute", "a", 500), ("wait_dma",)]
    assert waits(run([work], *SLOW), Cause.DMA) == [(SETUP + 500, SETUP + LATENCY + 800)]
    more = [("dram_write", "x", 1, 100), ("compute", "a", 5_000), ("wait_dma",)]
    trace = run([more], *SLOW)
    assert waits(trace, Cause.DMA) == []
    assert rows(trace, "work")[-1].start == SETUP + 5_000


def test_what_is_read_is_what_was_written_last_under_that_name_by_this_pe():
    programs = [
        [
            *[("dram_write", "x", pe, 16), ("dram_write", "x", 10 + pe, 16)],
            *[("dram_write", "y", 20 + pe, 16), ("dram_read", "x"), ("wait_dma",)],
            *[("take_dma", "x"), ("take_dma", "y"), ("take_dma", "x")],
        ]
        for pe in range(2)
    ]
    trace = run(programs, *SLOW)
    assert answers(trace) == [[0, 10], [1, 11]]
    assert answers_untimed(programs) == [[0, 10], [1, 11]]


def test_a_block_that_was_not_waited_for_is_not_there_yet():
    write = [("dram_write", "x", 7, 16), ("wait_dma",)]
    asked = [[*write, ("dram_read", "x"), ("take_dma", "x"), ("wait_dma",), ("take_dma", "x")]]
    assert answers(run(asked, *SLOW)) == [[0, 7]]
    assert answers_untimed(asked) == [[0, 7]]


def test_a_dma_to_another_pe_is_waited_for_as_well():
    programs = [
        [("dma_write", 1, "z", 3, 32), ("dram_write", "x", 1, 10), ("wait_dma",), ("barrier",)],
        [("barrier",), ("take_dma", "z")],
    ]
    trace = run(programs, *SLOW)
    assert len(rows(trace, "dma")) == 1
    assert answers(trace)[1] == [0, 0, 3]


@pytest.mark.parametrize("seed", range(8))
def test_the_channel_is_never_taken_twice_and_moves_every_byte(seed):
    """Conservation: what was asked for was moved; and no more than the rate allows."""
    rng = np.random.default_rng(seed)
    programs = []
    for _ in range(4):
        program = []
        for number in range(int(rng.integers(1, 8))):
            program.append(("compute", "a", int(rng.integers(0, 2_000))))
            program.append(("dram_write", f"{number}", number, int(rng.integers(0, 30))))
            program += [("dram_read", f"{number}")] * int(rng.integers(0, 2))
            program += [("wait_dma",)] * int(rng.integers(0, 2))
        programs.append([*program, ("wait_dma",)])
    trace = run(programs, *SLOW)
    found = rows(trace, "dram")
    sizes = [{op[1]: op[3] for op in program if op[0] == "dram_write"} for program in programs]
    asked = [
        size[op[1]]
        for program, size in zip(programs, sizes, strict=True)
        for op in program
        if op[0] in ("dram_write", "dram_read")
    ]
    assert sorted(row.n_bytes for row in found) == sorted(asked)
    found.sort(key=lambda row: (row.started, row.n_bytes))
    for before, after in itertools.pairwise(found):
        assert after.started >= before.started + 8 * before.n_bytes
    for row in found:
        assert row.finished == row.started + LATENCY + 8 * row.n_bytes
        assert row.started >= row.requested
    for pe in range(4):
        own = sorted((row for row in found if row.pe == pe), key=lambda row: row.requested)
        assert all(b.started >= a.finished for a, b in itertools.pairwise(own))
    assert energy(trace).n_dram_bits == 8 * sum(asked)


def test_bits_of_dram_take_energy():
    found = energy(
        run([[("dram_write", "x", 1, 100), ("wait_dma",)]], *SLOW, "power.dram_bit_pj=8")
    )
    assert found.dram_j == pytest.approx(800 * 8e-12)
    without = found.baseline_j + found.sleep_j + found.cycles_j + found.noc_j
    assert found.chip_j == pytest.approx(without + found.dram_j)


def test_dram_takes_cycles_from_the_core_whose_sram_it_fills():
    """100 beats in one of 4 banks, of which the core is in one: 25 cycles."""
    program = [("dram_write", "x", 1, 1_600), ("wait_dma",), ("compute", "a", 1), ("barrier",)]
    trace = run([program, [("barrier",)]], *FAST)
    (stall,) = waits(trace, Cause.SRAM)
    assert stall[1] - stall[0] == 25


@pytest.mark.parametrize(
    ("program", "overrides", "message"),
    [
        (
            [("dram_write", "x", 1, 10)],
            (),
            (
                "PE 0: uses DRAM, and the chip has none; use a chip that has some (spinnaker2), or "
                "set chip.dram"
            ),
        ),
        ([("dram_read", "x")], SLOW, "PE 0: reads 'x' from DRAM; write it there first"),
        (
            [("dram_write", "x", 1, 600), ("dram_write", "y", 1, 401)],
            SLOW,
            "PE 0: DRAM is full: 1,001 B of 1,000 B with 'y'; keep fewer or smaller blocks there",
        ),
        (
            [("dram_write", "x", 1, -1)],
            SLOW,
            "PE 0: DMA of -1 B ('x') to DRAM; write 0 B or more",
        ),
    ],
)
def test_what_cannot_be_is_refused(program, overrides, message):
    with pytest.raises(FirmwareError) as error:
        run([program], *overrides)
    assert str(error.value) == message


def test_a_block_that_replaces_another_takes_its_room():
    program = [("dram_write", "x", 1, 600), ("dram_write", "x", 1, 900), ("wait_dma",)]
    assert len(blocks(run([program], *SLOW))) == 2


def test_only_the_simpy_machine_times_it_and_says_so():
    program = [("dram_write", "x", 1, 10), ("wait_dma",)]
    reason = "PE 0 uses DRAM, which is for the SimPy machine"
    trace = run([program], *SLOW, timing="compiled")
    assert trace.timed_by == f"simpy: {reason}"
    with pytest.raises(SpecError) as error:
        record(scenario_of(*SLOW, programs=[program]), workload_of())
    assert str(error.value) == f"compiled machine: {reason}"


def test_by_hop_the_blocks_are_the_same():
    programs = [[("dram_write", "x", pe, 10 * (pe + 1)), ("wait_dma",)] for pe in range(5)]
    assert blocks(run(programs, *SLOW, timing="hop")) == blocks(run(programs, *SLOW))


def test_each_chip_of_a_board_has_a_channel_of_its_own():
    from tests.minibatch.machine import BOARD

    programs = [[("dram_write", "x", 0, 100), ("wait_dma",)]] * 17
    found = blocks(run(programs, *SLOW, *BOARD, "chip.dram.size_bytes=2000"))
    assert [row[3] for row in found] == [SETUP + 800 * pe for pe in range(16)] + [SETUP]


def test_the_final_chip_has_2_gb_at_2_4_gb_a_second():
    chip = load_scenario(preset="paper-12pe", machine="spinnaker2").chip
    assert (chip.dram.size_bytes, chip.dram.rate, chip.dram.latency) == (
        2 * 2**30,
        19_200_000_000,
        150,
    )
    assert load_scenario(preset="paper-12pe").chip.dram is None


def test_a_rate_that_is_no_whole_number_of_ticks_is_never_early():
    scenario = scenario_of(
        *SLOW, "chip.dram.rate=60Mbit/s", programs=[[("dram_write", "x", 1, 10), ("wait_dma",)]]
    )
    hz = timebase_of(scenario).hz
    (row,) = rows(simulate(scenario, workload_of()), "dram")
    assert row.finished - row.started == LATENCY + math.ceil(80 * hz / 60e6)
