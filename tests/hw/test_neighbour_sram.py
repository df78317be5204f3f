"""Reading the SRAM of a neighbour in the QPE: what it costs, and what is refused."""

import pytest

from spinn2sim.errors import FirmwareError
from spinn2sim.trace import Cause
from tests.hw.machine import ASLEEP, answers, rows, run, waits

SHARER = [("wait_timer",), ("share", "x", (1, 2, 3), 120), ("barrier",)]


def refused(*ops, pe=1, n_pe=6):
    programs = [SHARER, *[[("wait_timer",), ("barrier",)]] * (n_pe - 1)]
    programs[pe] = [*programs[pe], *ops]
    with pytest.raises(FirmwareError) as error:
        run(programs)
    return str(error.value)


def test_a_neighbour_reads_what_is_shared():
    trace = run([SHARER, [("wait_timer",), ("barrier",), ("read_neighbour", 0, "x")]])
    assert answers(trace)[1] == [0, 0, 1, 2, 3]


@pytest.mark.parametrize("cycles", [0, 4, 7])
def test_each_word_costs_the_extra_cycles(cycles):
    reader = [("wait_timer",), ("barrier",), ("read_neighbour", 0, "x"), ("compute", "work", 10)]
    trace = run([SHARER, reader], f"chip.pe.sram.neighbour_read_cycles={cycles}")
    lost = [stop - start for start, stop in waits(trace, Cause.SRAM, pe=1)]
    assert lost == [120 * cycles] * bool(cycles)
    begin = rows(trace, "steps")[0].released + ASLEEP + 11
    assert rows(trace, "work", pe=1)[-1].start == begin + 120 * cycles


def test_reading_costs_the_owner_nothing():
    trace = run([SHARER, [("wait_timer",), ("barrier",), ("read_neighbour", 0, "x")]])
    assert waits(trace, Cause.SRAM) == []


def test_a_variable_may_be_shared_anew():
    sharer = [*SHARER, ("share", "x", 9, 1), ("barrier",)]
    reader = [("wait_timer",), ("barrier",), ("barrier",), ("read_neighbour", 0, "x")]
    assert answers(run([sharer, reader]))[1] == [0, 0, 0, 9]


def test_a_pe_of_another_qpe_is_out_of_reach():
    assert refused(("read_neighbour", 0, "x"), pe=5) == (
        "PE 5: PE 0 is not in its QPE (PEs 4 to 7), so its SRAM cannot be read; use DMA or "
        "multicast"
    )


@pytest.mark.parametrize("neighbour", [-1, 1, 2])
def test_only_other_pes_of_the_run_have_neighbours_sram(neighbour):
    assert refused(("read_neighbour", neighbour, "x"), n_pe=2) == (
        f"PE 1: read of 'x' from the SRAM of PE {neighbour}; read that of another PE of the run"
    )


def test_what_is_not_shared_cannot_be_read():
    assert refused(("read_neighbour", 0, "y")) == (
        "PE 1: PE 0 shares no 'y'; share it before a barrier"
    )
