"""The clock profile of traces made by hand: closed forms."""

import pytest

from spinn2sim.report import FunctionCycles, clock_profile
from spinn2sim.report.profile import cycles_per_step, label_cycles, multiply_share
from tests.report.traces import Story


def by_label(trace, *, parts=False):
    return {(row.label, row.every): row for row in clock_profile(trace, parts=parts)}


def test_a_function_is_averaged_over_pes_that_idle_and_over_steps():
    story = Story(n_pe=3)
    story.step(0, 0, 300, ("a", 300)).step(0, 1, 100, ("a", 100))
    story.step(1, 0, 100, ("a", 100)).step(1, 1, 0).step(2, 0, 0).step(2, 1, 0)
    assert clock_profile(story.trace()) == (
        FunctionCycles("a", "step", mean=pytest.approx(500 / 6), minimum=0, maximum=200, share=1),
    )


def test_shares_are_of_the_mean_cycles_of_the_same_kind():
    story = Story(n_pe=2)
    story.step(0, 0, 100, ("a", 30), ("b", 10), ("u", 7, "sample"), ("w", 21, "sample"))
    story.step(1, 0, 100, ("a", 30), ("b", 50))
    rows = by_label(story.trace())
    shares = {key: row.share for key, row in rows.items()}
    assert shares == {
        ("a", "step"): 0.5,
        ("b", "step"): 0.5,
        ("u", "sample"): 0.25,
        ("w", "sample"): 0.75,
    }


def test_functions_come_in_the_order_in_which_they_first_ran():
    story = Story(n_pe=1).step(0, 0, 9, ("z", 1), ("a", 1), ("m", 1), ("a", 1))
    assert [row.label for row in clock_profile(story.trace())] == ["z", "a", "m"]


def test_work_of_a_sample_is_counted_per_sample_and_that_of_a_step_per_step():
    story = Story(n_pe=1, n_samples=2)
    for timestep in range(4):
        story.step(0, timestep, 90, ("a", 10), *([("u", 50, "sample")] if timestep % 2 else []))
    rows = by_label(story.trace())
    assert rows["a", "step"].mean == 10
    assert rows["u", "sample"].mean == 50


def test_one_label_can_be_work_of_a_step_and_of_a_sample():
    story = Story(n_pe=1, n_timesteps=1).step(0, 0, 90, ("a", 10), ("a", 30, "sample"))
    rows = by_label(story.trace())
    assert (rows["a", "step"].mean, rows["a", "sample"].mean) == (10, 30)


def test_steps_are_those_that_were_run_not_those_that_were_streamed():
    story = Story(n_pe=1, n_timesteps=100).step(0, 0, 9, ("a", 10)).step(0, 1, 9, ("a", 20))
    assert cycles_per_step(story.trace()) == 15


def test_the_parts_of_a_function_add_up_to_it():
    charges = ("e.x.multiply", 30), ("e.y.add", 12), ("e", 8), ("other", 50)
    trace = Story(n_pe=2).step(0, 0, 99, *charges).step(1, 0, 99, *charges[1:]).trace()
    parts = [row for row in clock_profile(trace, parts=True) if row.label.partition(".")[0] == "e"]
    whole = by_label(trace)["e", "step"]
    assert [row.label for row in parts] == ["e.x.multiply", "e.y.add", "e"]
    assert sum(row.mean for row in parts) == whole.mean == 35
    assert sum(row.share for row in parts) == pytest.approx(whole.share)


def test_cycles_per_step_leave_out_the_work_of_a_sample():
    story = Story(n_pe=2).step(0, 0, 99, ("a", 40), ("b", 2), ("u", 1_000, "sample"))
    assert cycles_per_step(story.step(1, 0, 0).trace()) == 21


def test_the_cycles_of_a_label_are_zero_if_it_never_ran():
    trace = Story(n_pe=1).step(0, 0, 99, ("a", 40), ("weight_update.adam", 5, "sample")).trace()
    assert label_cycles(trace, "weight_update", "sample") == 5
    assert label_cycles(trace, "weight_update", "step") == 0
    assert label_cycles(trace, "b", "step") == 0


def test_the_multiply_share_is_of_the_parts_of_the_function():
    charges = ("e_prop.a.multiply", 30), ("e_prop.a.add", 10), ("e_prop_2.multiply", 99)
    trace = Story(n_pe=1).step(0, 0, 99, *charges).trace()
    assert multiply_share(trace) == 0.75


def test_there_is_no_multiply_share_without_parts():
    assert multiply_share(Story(n_pe=1).step(0, 0, 99, ("e_prop", 30)).trace()) is None


def test_the_profile_of_a_run_without_work_is_empty():
    trace = Story().trace()
    assert clock_profile(trace) == ()
    assert cycles_per_step(trace) == 0
