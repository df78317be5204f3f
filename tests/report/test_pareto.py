"""The Pareto front, against its definition."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinn2sim.report.pareto import first_outputs, is_better_more, pareto_front
from spinn2sim.report.sweep import read_sweep
from tests.report.sweeps import write_sweep

POINTS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=30)


@given(points=POINTS, more_x=st.booleans(), more_y=st.booleans())
def test_no_point_beats_one_on_the_front_and_one_beats_every_other(points, more_x, more_y):
    x, y = (np.array(column, float) for column in zip(*points, strict=True))
    front = set(pareto_front(x, y, more_x=more_x, more_y=more_y).tolist())
    costs = np.stack([-x if more_x else x, -y if more_y else y], axis=1)
    for place, cost in enumerate(costs):
        beaten = ((costs <= cost).all(axis=1) & (costs < cost).any(axis=1)).any()
        assert (place in front) != beaten


def test_the_front_is_in_order_of_x():
    x, y = np.array([3.0, 1.0, 2.0]), np.array([1.0, 3.0, 2.0])
    assert pareto_front(x, y, more_x=False, more_y=False).tolist() == [1, 2, 0]


@pytest.mark.parametrize(
    ("output", "more"),
    [("slack_cycles", True), ("test_accuracy", True), ("response_ms", False), ("energy_j", False)],
)
def test_more_slack_and_accuracy_are_better_and_less_time_and_energy(output, more):
    assert is_better_more(output) is more


def test_power_and_response_are_compared_first(tmp_path):
    sweep = read_sweep(write_sweep(tmp_path, clocks=1, sizes=2, pes=(1,)))
    assert first_outputs(sweep) == ("power_chip_mw", "response_ms")


def test_an_output_that_is_the_same_at_every_point_is_not_compared(tmp_path):
    sweep = read_sweep(write_sweep(tmp_path, clocks=1, sizes=2, pes=(1,)))
    constant = sweep.points.with_columns(power_chip_mw=pl.lit(1.0), response_ms=pl.lit(2.0))
    chosen = first_outputs(replace(sweep, points=constant))
    assert not {"power_chip_mw", "response_ms"} & set(chosen)


def test_of_points_that_are_all_alike_nothing_is_compared(tmp_path):
    sweep = read_sweep(write_sweep(tmp_path, clocks=1, sizes=2, pes=(1,)))
    assert first_outputs(replace(sweep, points=sweep.points.head(1))) == (None, None)
