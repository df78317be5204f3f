"""From ops to rows of numbers: whatever is shared, repeated or read together, rows are the same."""

from copy import copy

import numpy as np
import pytest

from spinn2sim.errors import FirmwareError
from spinn2sim.firmware import Charge, ops
from spinn2sim.hw.replay import layout as at
from spinn2sim.hw.replay import translation
from spinn2sim.hw.replay.programs import Programs
from tests.hw.machine import scenario_of

CHIP = scenario_of().chip
WORK, OTHER_WORK = ops.Compute((Charge("a", 5),)), ops.Compute((Charge("b", 7), Charge("a", 2)))
TIMER, MEET, RECEIVE = ops.WaitTimer(), ops.Barrier(9), ops.Receive(2)
SPIKES, NONE = ops.Multicast((4, 3)), ops.Multicast(())
LOADED, NOTE = ops.Multicast((8,), ((1.0,),)), ops.Log("x", 2.5)
NEIGHBOUR = ops.ReadNeighbour(1, "shared")
KINDS = [WORK, OTHER_WORK, TIMER, MEET, RECEIVE, SPIKES, NONE, LOADED, NOTE]


def of(*issued, words=()):
    return Programs.of(issued, [words] * len(issued), CHIP)


def rows(programs, pe):
    """Those of *pe* before its HALT."""
    codes = programs.ops[pe, :, at.CODE].tolist()
    return [tuple(row) for row in programs.ops[pe, : codes.index(at.HALT)].tolist()]


def test_each_op_becomes_its_rows_in_order():
    programs = of([TIMER, WORK, SPIKES, MEET, WORK, OTHER_WORK], [RECEIVE, NONE, LOADED, RECEIVE])
    assert rows(programs, 0) == [
        (at.WAIT_TIMER, 0, 0),
        (at.COMPUTE, 0, 5),
        (at.MULTICAST, 2, 0),
        (at.BARRIER, 9, 0),
        (at.COMPUTE, 0, 5),
        (at.COMPUTE, 1, 9),
    ]
    receive = [(at.CATCH_UP, 0, 0), (at.RECEIVE, 2, 0)]
    assert rows(programs, 1) == [
        *receive,
        (at.MULTICAST, 0, 0),
        (at.MULTICAST, 1, 1),
        *receive,
    ]
    assert programs.segments == [WORK.charges, OTHER_WORK.charges]


def test_packets_without_payload_know_their_pe_and_row():
    programs = of([RECEIVE, SPIKES, LOADED, SPIKES], [], [NONE, SPIKES])
    assert programs.spikes.tolist() == [
        *([0, 2, 4], [0, 2, 3], [0, 4, 4], [0, 4, 3]),
        *([2, 1, 4], [2, 1, 3]),
    ]


def test_figures_know_their_pe_row_and_name():
    other = ops.Log("y", 1.0)
    programs = of([RECEIVE, NOTE, other], [NOTE])
    assert programs.log.tolist() == [[0, 2, 0], [0, 3, 1], [1, 0, 0]]
    assert programs.log_names == ["x", "y"]
    assert programs.log_values.tolist() == [2.5, 1.0, 2.5]


def test_each_read_of_a_neighbour_takes_as_long_as_what_it_read_then():
    programs = of([NEIGHBOUR, TIMER, NEIGHBOUR], words=(3, 5))
    cycles = CHIP.pe.sram.neighbour_read_cycles
    assert rows(programs, 0) == [
        *((at.CATCH_UP, 0, 0), (at.STALL, 3 * cycles, 0)),
        (at.WAIT_TIMER, 0, 0),
        *((at.CATCH_UP, 0, 0), (at.STALL, 5 * cycles, 0)),
    ]


def test_an_op_that_two_pes_share_is_refused_the_one_that_may_not_issue_it():
    n = CHIP.pes_per_qpe
    issued = [[NEIGHBOUR] if pe in {0, n} else [] for pe in range(n + 1)]
    with pytest.raises(FirmwareError, match=rf"^PE {n}: PE 1 is not in its QPE"):
        of(*issued, words=(1,))


def test_a_payload_that_is_too_long_is_refused_the_first_pe_that_sends_it():
    long = ops.Multicast((1,), ((0.0,) * 99,))
    with pytest.raises(FirmwareError, match=r"^PE 1: a payload of 99 words"):
        of([TIMER], [WORK, LOADED, long], [long])


def assert_same(one, other):
    for name in ("ops", "spikes", "log", "log_values"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    assert (one.segments, one.log_names) == (other.segments, other.log_names)


def issued_by_chance(seed):
    rng = np.random.default_rng(seed)
    return [
        [KINDS[k] for k in rng.integers(len(KINDS), size=rng.integers(0, 30))]
        for _ in range(rng.integers(1, 6))
    ]


@pytest.mark.parametrize("seed", range(20))
def test_rows_do_not_depend_on_which_ops_are_one_object(seed):
    issued = issued_by_chance(seed)
    assert_same(of(*issued), of(*[[copy(op) for op in own] for own in issued]))


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("n_ops", [1, 20, 50])
def test_rows_do_not_depend_on_how_many_ops_are_read_at_once(monkeypatch, n_ops, seed):
    issued = issued_by_chance(seed)
    at_once = of(*issued)
    monkeypatch.setattr(translation, "OPS_AT_ONCE", n_ops)
    assert_same(of(*issued), at_once)
