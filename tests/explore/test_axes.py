"""Axes: the combinations that a sweep goes through."""

import pytest

from spinn2sim.errors import SpecError
from spinn2sim.explore.axes import Axis, Range, combinations
from spinn2sim.validated import validate


def axis(**content):
    return validate(Axis, content, "axis")


def points(*axes, seed=0):
    return list(combinations(tuple(axes), seed))


def test_a_grid_has_all_combinations_and_its_last_field_changes_fastest():
    assert points(axis(grid={"a": [1, 2], "b": ["x", "y"]})) == [
        {"a": 1, "b": "x"},
        {"a": 1, "b": "y"},
        {"a": 2, "b": "x"},
        {"a": 2, "b": "y"},
    ]


def test_zipped_fields_change_together():
    assert points(axis(zipped={"a": [1, 2], "b": {"low": 10, "high": 11}})) == [
        {"a": 1, "b": 10},
        {"a": 2, "b": 11},
    ]


def test_a_list_is_taken_as_it_is_written():
    written = [{"a": 1, "b": 5}, {"b": 6, "a": 0}]
    assert points(axis(list=written)) == written


def test_several_axes_multiply():
    found = points(axis(list=[{"a": 1}, {"a": 2}]), axis(grid={"b": [3, 4]}))
    assert found == [{"a": 1, "b": 3}, {"a": 1, "b": 4}, {"a": 2, "b": 3}, {"a": 2, "b": 4}]


@pytest.mark.parametrize(
    ("content", "values"),
    [
        ({"low": 2, "high": 5}, [2, 3, 4, 5]),
        ({"low": 2, "high": 7, "step": 2}, [2, 4, 6]),
        ({"low": 0.1, "high": 0.3, "step": 0.1}, [0.1, 0.2, 0.30000000000000004]),
        ({"low": 0, "high": 10, "n": 3}, [0, 5, 10]),
        ({"low": 1, "high": 100, "n": 3, "scale": "log"}, [1, 10, 100]),
        ({"low": 1, "high": 3, "n": 9}, [1, 2, 3]),
        ({"low": 0.0, "high": 1.0, "n": 3}, [0.0, 0.5, 1.0]),
    ],
)
def test_a_range_holds_both_ends_and_whole_numbers_stay_whole(content, values):
    found = validate(Range, content, "range").values()
    assert found == values
    assert [type(value) for value in found] == [type(value) for value in values]


def random(n=50, **fields):
    return axis(random={"n": n, "fields": fields})


def test_what_is_drawn_depends_on_the_seed_and_the_place_of_the_axis_alone():
    drawn = random(a={"low": 0.0, "high": 1.0})
    assert points(drawn, seed=3) == points(drawn, seed=3)
    assert points(drawn, seed=3) != points(drawn, seed=4)
    one = axis(list=[{"b": 1}])
    assert [point["a"] for point in points(one, drawn)] != [point["a"] for point in points(drawn)]


def test_draws_stay_in_range_whole_between_whole_ends_and_choices_are_taken():
    drawn = points(
        random(
            200,
            whole={"low": 1, "high": 3},
            log={"low": 1, "high": 1000, "scale": "log"},
            real={"low": 0.5, "high": 0.6},
            choice=["x", "y"],
        )
    )
    assert {point["whole"] for point in drawn} == {1, 2, 3}
    assert {point["choice"] for point in drawn} == {"x", "y"}
    assert all(0.5 <= point["real"] < 0.6 for point in drawn)
    assert all(1 <= point["log"] <= 1000 and isinstance(point["log"], int) for point in drawn)
    below = sum(point["log"] < 32 for point in drawn)
    assert 70 < below < 130, "half of the draws lie in half of the decades"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "axis: give one of grid, zipped, list or random, and something in it"),
        (
            {"grid": {"a": [1]}, "list": [{"b": 1}]},
            "axis: give one of grid, zipped, list or random, and something in it",
        ),
        ({"zipped": {"a": [1, 2], "b": [1]}}, "axis: zipped: all fields must have as many values"),
        ({"list": [{"a": 1}, {"b": 1}]}, "axis: list: all points must name the same fields"),
        ({"gird": {"a": [1]}}, "axis: unknown key 'gird'; did you mean 'grid'?"),
        (
            {"grid": {"a": {"low": 2, "high": 1}}},
            "axis: grid.a.range: low = 2 is above high = 1",
        ),
        (
            {"grid": {"a": {"low": 1, "high": 10**9}}},
            "axis: a: 1,000,000,000 values; at most 1,000,000",
        ),
        (
            {"grid": {"a": {"low": 0, "high": 1, "n": 3, "scale": "log"}}},
            "axis: grid.a.range: scale: log needs low above 0, and n instead of step",
        ),
    ],
)
def test_an_axis_that_makes_no_sense_is_refused(content, message):
    with pytest.raises(SpecError) as refusal:
        axis(**content)
    assert str(refusal.value) == message
