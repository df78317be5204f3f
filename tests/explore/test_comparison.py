"""Comparisons in sweep files, and how far a value is from holding one."""

import pytest

from spinn2sim.errors import SpecError
from spinn2sim.explore.comparison import parse_comparison


@pytest.mark.parametrize(
    ("text", "value", "holds"),
    [
        ("a <= 3", 3, True),
        ("a < 3", 3, False),
        ("a >= 3", 3, True),
        ("a > 3", 3, False),
        ("a == 3", 3, True),
        ("a != 3", 3, False),
        ("a == 150MHz", 150_000_000, True),
        ("a < 72KB", 73_727, True),
        ("a == 10ms", 10_000_000, True),
        ("a == true", True, True),
        ("a == local", "local", True),
        ("a == 'local'", "local", True),
        ("a < 3", None, None),
    ],
)
def test_a_constant_may_have_a_unit_and_a_missing_value_tells_nothing(text, value, holds):
    assert parse_comparison(text, "where").holds({"a": value}.get) is holds


def test_a_name_on_the_right_stands_for_its_value():
    found = parse_comparison("a <= b", "where", {"b"}.__contains__)
    assert found.holds({"a": 1, "b": 2}.get) is True
    assert found.holds({"a": 3, "b": 2}.get) is False


def test_a_number_is_not_compared_with_text():
    with pytest.raises(SpecError, match="'a < x': a is 3, which 'x' cannot be compared with"):
        parse_comparison("a < x", "where").holds({"a": 3}.get)


@pytest.mark.parametrize("text", ["a", "a <", "< 3", "a < 3 < 5", "a = 3", ""])
def test_what_is_no_comparison_is_refused(text):
    with pytest.raises(SpecError, match="expected NAME OPERATOR VALUE"):
        parse_comparison(text, "where")


@pytest.mark.parametrize(
    ("text", "value", "shortfall"),
    [
        ("a >= 5", 3, 2),
        ("a >= 5", 7, -2),
        ("a <= 5", 7, 2),
        ("a < 5", 3, -2),
        ("a == 5", 3, 2),
        ("a == 5", 5, 0),
        ("a != 5", 5, 1),
        ("a != 5", 4, 0),
    ],
)
def test_the_shortfall_is_above_zero_where_it_does_not_hold(text, value, shortfall):
    assert parse_comparison(text, "where").shortfall(value) == shortfall
