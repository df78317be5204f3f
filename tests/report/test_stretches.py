"""Stretches: work charge by charge and waits, in time, adding up to the clock profile."""

import numpy as np
import pytest

from spinn2sim.report.profile import cycles_by_label
from spinn2sim.report.stretches import by_function, stretches
from spinn2sim.report.window import Window
from tests.report.traces import PERIOD, Story


def told(found):
    """(pe, timestep, start, stop, name) of each stretch."""
    columns = (found.pe, found.timestep, found.start, found.stop)
    names = [found.names[name] for name in found.name]
    return [
        (*row, name)
        for row, name in zip(zip(*(c.tolist() for c in columns), strict=True), names, strict=True)
    ]


def story():
    return (
        Story(n_timesteps=2)
        .step(1, 0, 30, ("b", 10))
        .step(0, 0, 60, ("a.one", 20), ("a.two", 0), ("b", 5))
        .wait(0, 0, "sync", 25, 40)
        .step(0, 1, 7, ("a.one", 7))
    )


def test_charges_of_one_op_follow_each_other_and_those_without_cycles_are_left_out():
    assert told(stretches(story().trace())) == [
        (0, 0, 0, 20, "a.one"),
        (0, 0, 20, 25, "b"),
        (0, 0, 25, 40, "wait: sync"),
        (0, 1, PERIOD, PERIOD + 7, "a.one"),
        (1, 0, 0, 10, "b"),
    ]


def test_ticks_are_not_cycles():
    found = stretches(Story(n_pe=1, per_cycle=60).step(0, 0, 600, ("a", 4), ("b", 6)).trace())
    assert told(found) == [(0, 0, 0, 240, "a"), (0, 0, 240, 600, "b")]


def test_a_window_keeps_what_reaches_into_it_whole():
    found = stretches(story().trace(), Window(20, 30))
    assert [row[2:] for row in told(found)] == [(20, 25, "b"), (25, 40, "wait: sync")]


def test_functions_join_their_parts_where_nothing_is_between_them():
    found = Story(n_pe=1).step(0, 0, 40, ("f.x", 3), ("f.y", 4), ("g", 1), ("f.x", 2)).trace()
    assert told(by_function(stretches(found))) == [
        (0, 0, 0, 7, "f"),
        (0, 0, 7, 8, "g"),
        (0, 0, 8, 10, "f"),
    ]


def test_the_same_function_on_two_pes_or_with_a_gap_is_not_joined():
    trace = Story().step(0, 0, 5, ("f", 5)).step(1, 0, 5, ("f", 5)).step(1, 1, 5, ("f", 5)).trace()
    assert [row[:4] for row in told(by_function(stretches(trace)))] == [
        (0, 0, 0, 5),
        (1, 0, 0, 5),
        (1, 1, PERIOD, PERIOD + 5),
    ]


def test_a_run_without_work_has_no_stretches():
    assert len(by_function(stretches(Story().trace()))) == 0


@pytest.mark.parametrize("fixture", ["paper_trace", "small_trace"])
def test_work_adds_up_to_the_clock_profile_and_nothing_overlaps(fixture, request):
    trace = request.getfixturevalue(fixture)
    found = stretches(trace)
    cycles = np.zeros((trace.n_pe, found.n_labels), np.int64)
    work = found.where(found.is_work)
    np.add.at(cycles, (work.pe, work.name), (work.stop - work.start))
    per_cycle = trace.pe_clock.ticks_per_cycle
    assert (cycles == cycles_by_label(trace) * per_cycle).all()
    same = found.pe[1:] == found.pe[:-1]
    assert (found.start[1:] >= found.stop[:-1])[same].all()
    assert (by_function(found).stop - by_function(found).start).sum() == (
        found.stop - found.start
    ).sum()
