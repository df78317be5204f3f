"""Comparisons: what differs, by how much, and how it is printed."""

import pytest
from rich.console import Console

from spinn2sim.report.compare_terminal import print_comparison
from spinn2sim.report.comparison import Difference, compare_runs, moved_by, written
from tests.report.traces import Story


def run(cycles, *overrides, name="f"):
    return Story(*overrides, n_pe=1).step(0, 0, cycles, (name, cycles), ("g", 10)).trace()


def printed(found):
    console = Console(width=100, highlight=False)
    with console.capture() as captured:
        print_comparison(console, found)
    return [line.rstrip() for line in captured.get().splitlines()]


def test_a_figure_matters_if_it_moved_by_more_than_the_threshold():
    assert Difference("x", (100, 101)).matters(0.009)
    assert not Difference("x", (100, 101)).matters(0.01)
    assert Difference("x", (100, 100, 90)).changes == (0.0, -0.1)
    assert Difference("x", (-100, -150)).changes == (-0.5,)


@pytest.mark.parametrize("values", [("a", "b"), (True, False), (0, 5), (None, 1.0)])
def test_what_cannot_be_related_matters_if_it_is_another(values):
    found = Difference("x", values)
    assert found.changes == (None,)
    assert found.matters(1e9)
    assert not Difference("x", (values[0], values[0])).matters(0)


def test_runs_are_compared_with_the_first():
    found = compare_runs([run(100), run(150), run(2_000)], ["a", "b", "c"])
    figures = {row.name: row for row in found.figures}
    assert figures["response_cycles"].values == (100, 150, 2_000)
    assert figures["response_cycles"].changes == (0.5, 19.0)
    assert figures["fits"].values == (True, True, False)
    assert "n_pe" not in figures
    functions = {row.name: row.values for row in found.functions}
    assert functions == {"f per step": (100, 150, 2_000), "g per step": (10, 10, 10)}


def test_small_moves_are_counted_but_not_listed():
    found = compare_runs([run(500), run(501)], ["a", "b"], threshold=0.5)
    assert found.figures == ()
    assert found.n_small > 0


def test_scenarios_differ_field_by_field_as_a_user_writes_them():
    found = compare_runs([run(10), run(10, "chip.noc.fifo_flits=8", "seed=3")], ["a", "b"])
    assert {row.name: row.values for row in found.scenario} == {
        "chip.noc.fifo_flits": ("4", "8"),
        "seed": ("1", "3"),
    }


def test_runs_of_one_name_are_told_apart():
    found = compare_runs([run(1), run(2), run(3)], ["a", "b", "a"])
    assert found.names == ("a (1)", "b", "a (2)")


def test_a_function_that_one_run_lacks_has_no_value_there():
    found = compare_runs([run(5), run(5, name="h")], ["a", "b"])
    rows = {row.name: row.values for row in found.functions}
    assert (rows["f per step"], rows["h per step"]) == ((5, None), (None, 5))


def test_verdicts_come_first_and_names_are_not_markup():
    lines = printed(compare_runs([run(100), run(2_000)], ["[red]a", "b"]))
    assert lines[0].startswith("[red]a: FITS")
    assert lines[1].startswith("b: DOES NOT FIT")
    assert any(line.split() == ["response_cycles", "100", "2,000", "+1900.0%"] for line in lines)


def test_equal_runs_have_no_difference():
    assert printed(compare_runs([run(5), run(5)], ["a", "b"]))[-1] == "no difference"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (True, "yes"),
        (1234567, "1,234,567"),
        (1234.5678, "1,234.57"),
        (0.00012345678, "0.000123457"),
        ("x" * 70, "x" * 60 + "..."),
    ],
)
def test_values_are_written_for_readers(value, text):
    assert written(value) == text


def test_a_change_has_a_sign():
    assert [moved_by(change) for change in (0.5, -0.25, 0.0, None)] == [
        "+50.0%",
        "-25.0%",
        "same",
        "",
    ]
