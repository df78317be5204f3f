"""Notes of a run: those of its samples, of a network of random weights, and of its timing."""

from dataclasses import replace

import pytest

from spinn2sim.report.notes import notes
from tests.report.traces import Story


def learning(spikes, **meta):
    story = Story(n_pe=2, n_timesteps=2)
    for pe, count in enumerate(spikes):
        story.step(pe, 0, 9).step(pe, 1, 9)
        story.recorder.log(pe, 1, "loss", 99.0)
        story.recorder.log(pe, 1, "spikes", float(count))
    return story.trace(**{"weights": None, **meta})


@pytest.mark.parametrize(("spikes", "said"), [((0, 1), "1 spike"), ((3, 4), "7 spikes")])
def test_an_untrained_network_is_said_to_be_one_with_its_spikes(spikes, said):
    expected = f"untrained network: {said} in 0.002 s; --checkpoint runs a trained one"
    assert notes(learning(spikes)) == [expected]


def test_a_network_with_weights_or_without_learning_is_not():
    assert notes(learning((3, 4), weights="some.npz")) == []
    story = Story(n_pe=1).step(0, 0, 9)
    story.recorder.log(0, 0, "spikes", 3.0)
    assert notes(story.trace(weights=None)) == []


def test_notes_of_the_workload_come_first_and_those_of_the_timing_last():
    story = Story(n_pe=1).step(0, 0, 9)
    story.meta["workload"]["notes"] = ["made up", "short"]
    trace = replace(story.trace(), timed_by="simpy: faults strike")
    reason = "timed by the SimPy machine, not the compiled one: faults strike"
    assert notes(trace) == ["made up", "short", reason]


@pytest.mark.parametrize("timed_by", ["simpy", "compiled", "hop: asked for"])
def test_another_timing_needs_no_words(timed_by):
    assert notes(replace(Story(n_pe=1).step(0, 0, 9).trace(), timed_by=timed_by)) == []
