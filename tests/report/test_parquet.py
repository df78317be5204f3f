"""Parquet: every dated row in ticks and seconds, names instead of numbers, within a window."""

import polars as pl
import pytest

from spinn2sim.report.parquet import frames, write_parquet
from spinn2sim.report.profile import cycles_per_step
from spinn2sim.report.window import Window
from tests.report.traces import PERIOD, Story


def story():
    story = (
        Story(n_pe=2, n_timesteps=2)
        .step(0, 0, 40, ("f", 30))
        .step(0, 1, 40, ("f", 30))
        .wait(0, 0, "sync", 30, 40)
        .send(0, 0, 30)
        .send(0, 1, 30)
        .rows("links", (0, 9, 2))
    )
    story.recorder.log(0, 1, "loss", 2.5)
    return story.trace(links=["inject PE 0"])


def test_stretches_tell_who_did_what_from_when_to_when():
    found = frames(story())["stretches"].to_dicts()[:2]
    assert found[0] == {
        "pe": 0,
        "timestep": 0,
        "activity": "f",
        "every": "step",
        "is_work": True,
        "start_ticks": 0,
        "stop_ticks": 30,
        "cycles": 30,
        "start_s": 0.0,
        "stop_s": pytest.approx(30e-6),
    }
    assert (found[1]["activity"], found[1]["every"], found[1]["is_work"]) == (
        "wait: sync",
        None,
        False,
    )


def test_rows_are_named_and_kept_by_the_window():
    whole, second = frames(story()), frames(story(), Window(PERIOD, 2 * PERIOD))
    assert whole["links"]["link"].to_list() == ["inject PE 0"]
    assert whole["log"]["name"].to_list() == ["loss"]
    rows = {name: (whole[name].height, second[name].height) for name in whole}
    assert (rows["steps"], rows["sends"], rows["spikes"], rows["log"], rows["links"]) == (
        (2, 1),
        (2, 1),
        (2, 1),
        (1, 1),
        (1, 1),
    )
    assert second["stretches"]["start_ticks"].to_list() == [PERIOD]


def test_files_hold_what_the_frames_hold(tmp_path, paper_trace):
    write_parquet(paper_trace, tmp_path / "tables")
    for name, frame in frames(paper_trace).items():
        assert pl.read_parquet(tmp_path / "tables" / f"{name}.parquet").equals(frame)


def test_cycles_of_a_real_run_add_up_to_its_profile(paper_trace):
    work = frames(paper_trace)["stretches"].filter(pl.col("every") == "step")
    mean = work["cycles"].sum() / paper_trace.n_pe / 100
    assert mean == pytest.approx(cycles_per_step(paper_trace), rel=1e-12)
