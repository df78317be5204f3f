"""DMA: how long a block takes, in which order blocks go, and what they cost the cores."""

import pytest

from spinn2sim.errors import FirmwareError
from spinn2sim.trace import Cause
from tests.hw.machine import ASLEEP, HOP, TO_NEIGHBOUR, answers, rows, run, steps, waits

SETUP, COMPLETION = 60, 52
INJECT = 4
#: With links this fast, only the DMA unit spaces the beats.
FAST_LINKS = ("chip.noc.inject_cycles=1", "chip.noc.eject_cycles=1")
FAST_WAY = 1 + 1 + 1 + 2


def write(n_bytes, to=1, name="x", payload=(1,)):
    return ("dma_write", to, name, payload, n_bytes)


def transfers(trace, **wanted):
    """(to, started, duration), started counted from the release of time step 0."""
    release = rows(trace, "steps")[0].released
    return [
        (row.to, row.started - release, row.finished - row.started)
        for row in rows(trace, "dma", **wanted)
    ]


def sent(*ops, overrides=(), n_pe=2):
    return run([[("wait_timer",), *ops], [("wait_timer",)]], *overrides, n_pe=n_pe)


@pytest.mark.parametrize(("n_bytes", "n_beats"), [(1, 1), (16, 1), (17, 2), (1_600, 100)])
def test_a_block_takes_its_beats_and_the_way_of_the_last_one(n_bytes, n_beats):
    trace = sent(write(n_bytes), ("wait_dma",))
    assert transfers(trace) == [(1, ASLEEP + SETUP, (n_beats - 1) * INJECT + TO_NEIGHBOUR)]


@pytest.mark.parametrize("cycles_per_beat", [1, 2, 7])
def test_beats_are_spaced_by_the_dma_unit_where_the_links_are_faster(cycles_per_beat):
    spacing = f"chip.dma.cycles_per_beat={cycles_per_beat}"
    trace = sent(write(160), ("wait_dma",), overrides=(*FAST_LINKS, spacing))
    assert transfers(trace) == [(1, ASLEEP + SETUP, 9 * cycles_per_beat + FAST_WAY)]


def test_a_block_to_another_qpe_takes_the_hops_longer():
    trace = sent(write(16, to=12), ("wait_dma",), n_pe=13)
    assert transfers(trace) == [(12, ASLEEP + SETUP, TO_NEIGHBOUR + 2 * HOP)]


def test_the_core_pays_set_up_and_completion_and_works_in_between():
    trace = sent(write(1_600), ("compute", "work", 100), ("wait_dma",))
    duration = 99 * INJECT + TO_NEIGHBOUR
    assert waits(trace, Cause.DMA)[0][1] - waits(trace, Cause.DMA)[0][0] == duration - 100
    lost = 100 // 4
    assert steps(trace) == [(0, ASLEEP + SETUP + duration + COMPLETION + lost)]


def test_a_core_that_worked_long_enough_does_not_wait():
    trace = sent(write(1_600), ("compute", "work", 5_000), ("wait_dma",))
    assert waits(trace, Cause.DMA) == []
    assert transfers(trace) == [(1, ASLEEP + SETUP, 5_000)]


def test_blocks_leave_in_the_order_in_which_they_are_started():
    trace = sent(
        write(160), write(160, to=2), write(160), ("wait_dma",), n_pe=3, overrides=FAST_LINKS
    )
    begin = ASLEEP + SETUP
    # The second waits for the 10 beats of the first, the third for set-up.
    assert [(to, started) for to, started, _ in transfers(trace)] == [
        (1, begin),
        (2, begin + SETUP),
        (1, begin + 2 * SETUP),
    ]
    long = sent(write(1_600), write(160, to=2), ("wait_dma",), n_pe=3, overrides=FAST_LINKS)
    assert [(to, started) for to, started, _ in transfers(long)] == [
        (1, begin),
        (2, begin + 100 * 2),
    ]


def test_a_packet_goes_between_the_beats_that_are_still_to_come():
    programs = [
        [("wait_timer",), write(1_600), ("multicast", [5])],
        [("wait_timer",), ("receive",)],
    ]
    trace = run(programs, *FAST_LINKS)
    # In the same cycle as the first beat, which was handed over before it.
    assert steps(trace, 1) == [(0, ASLEEP + SETUP + FAST_WAY + 1)]
    assert rows(trace, "dma") == []


def test_a_sync_flag_does_not_wait_for_dma():
    programs = [[("wait_timer",), write(1_600), ("barrier",)], [("wait_timer",), ("barrier",)]]
    trace = run(programs, *FAST_LINKS)
    assert steps(trace, 1) == [(0, ASLEEP + SETUP + FAST_WAY + 1)]


def test_both_cores_lose_a_cycle_in_as_many_beats_as_there_are_banks_and_only_once():
    programs = [
        [("wait_timer",), write(1_600), ("wait_dma",), *[("barrier",)] * 3, ("wait_timer",)],
        [("wait_timer",), *[("barrier",)] * 3, ("wait_timer",)],
    ]
    for banks, lost in [(1, 100), (4, 25), (8, 12)]:
        trace = run(programs, f"chip.pe.sram.banks={banks}")
        for pe in (0, 1):
            assert [stop - start for start, stop in waits(trace, Cause.SRAM, pe)] == [lost]


def test_part_of_a_cycle_stays_owed():
    programs = [
        [("wait_timer",), *[write(32), ("wait_dma",), ("barrier",)] * 4],
        [("wait_timer",), *[("barrier",)] * 4],
    ]
    trace = run(programs)
    assert [stop - start for start, stop in waits(trace, Cause.SRAM, pe=1)] == [1, 1]


def test_cycles_lost_at_the_end_of_a_time_step_lengthen_it():
    trace = sent(write(1_600), ("wait_dma",), ("wait_timer",))
    duration = 99 * INJECT + TO_NEIGHBOUR
    assert steps(trace)[0] == (0, ASLEEP + SETUP + duration + COMPLETION + 25)
    assert steps(trace)[1] == (0, ASLEEP)


def test_what_was_written_is_taken_once_in_order_of_source():
    programs = [
        [("barrier",), ("take_dma", "x"), ("take_dma", "x"), ("take_dma", "y")],
        [write(16, to=0, payload=(11,)), ("wait_dma",), ("barrier",)],
        [
            write(16, to=0, payload=(22,)),
            write(16, to=0, name="y", payload=(23,)),
            ("wait_dma",),
            ("barrier",),
        ],
    ]
    trace = run(programs)
    assert answers(trace)[0] == [0, 1, 11, 2, 22, 2, 23]


def test_dma_that_nobody_waited_for_is_not_written():
    programs = [
        [write(16), ("compute", "work", 9_000), ("barrier",)],
        [("barrier",), ("take_dma", "x")],
    ]
    assert answers(run(programs))[1] == [0]


@pytest.mark.parametrize(
    ("op", "message"),
    [
        (
            write(16, to=0),
            "PE 0: DMA of 16 B ('x') to PE 0; write 0 B or more to another PE of the run",
        ),
        (
            write(16, to=2),
            "PE 0: DMA of 16 B ('x') to PE 2; write 0 B or more to another PE of the run",
        ),
        (write(-1), "PE 0: DMA of -1 B ('x') to PE 1; write 0 B or more to another PE of the run"),
    ],
)
def test_a_block_to_nowhere_is_refused(op, message):
    with pytest.raises(FirmwareError) as refused:
        sent(op)
    assert str(refused.value) == message
