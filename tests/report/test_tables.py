"""The tables of a run: units in the column names, CSV equal to Parquet, sums as in the reports."""

import math

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from spinn2sim.report import clock_profile, memory, real_time, summarise, traffic
from spinn2sim.report.tables import tables, write_tables
from tests.report.traces import Story

#: Columns that count things, name them, or are a share.
WITHOUT_UNIT = {
    *("pe", "timestep", "block", "key", "n_flits", "overruns", "label", "every", "cause"),
    *("variable", "dtype", "shape", "link", "name", "path", "source", "overrun"),
    *("share", "utilisation", "function", "kind", "count", "first_timestep"),
    *("value", "range"),  # of the log and the guesses: whatever the firmware or scenario says
}
UNITS = ("_cycles", "_s", "_bytes", "_flits", "_mw", "_j")


@pytest.fixture(scope="module")
def frames(paper_trace):
    return tables(paper_trace)


def test_each_report_has_its_table(frames):
    assert set(frames) == {
        *("profile", "profile_parts", "steps", "pes", "waits", "memory"),
        *("links", "refills", "log", "spikes", "guesses"),
        *("power", "energy", "ledger"),
    }


def test_every_column_with_a_unit_names_it(frames):
    columns = {column for frame in frames.values() for column in frame.columns}
    assert {column for column in columns - WITHOUT_UNIT if not column.endswith(UNITS)} == set()


def test_csv_and_parquet_hold_the_same(frames, paper_trace, tmp_path):
    write_tables(paper_trace, tmp_path)
    for name, frame in frames.items():
        from_parquet = pl.read_parquet(tmp_path / f"{name}.parquet")
        from_csv = pl.read_csv(tmp_path / f"{name}.csv", schema=frame.schema)
        assert_frame_equal(from_parquet, frame)
        assert_frame_equal(from_csv, frame, abs_tol=0, rel_tol=0)
    assert len(list(tmp_path.iterdir())) == 2 * len(frames)


def test_the_profile_is_the_clock_profile(frames, paper_trace):
    rows = clock_profile(paper_trace)
    assert frames["profile"].rows() == [
        (row.label, row.every, row.mean, row.minimum, row.maximum, row.share) for row in rows
    ]


def test_the_parts_are_the_clock_profile_of_parts(frames, paper_trace):
    labels = [row.label for row in clock_profile(paper_trace, parts=True)]
    assert frames["profile_parts"]["label"].to_list() == labels


def test_a_step_has_release_response_slack_overrun_and_waits():
    story = Story(n_pe=2, n_timesteps=2).step(0, 0, 400, ("a", 300)).wait(0, 0, "sync", 300, 400)
    story.step(0, 1, 1_250, ("a", 1_250)).step(1, 0, 0).step(1, 1, 0)
    row = tables(story.trace())["steps"].row(1, named=True)
    assert row | {"waiting_sync_cycles": 0} == row
    assert (row["released_s"], row["started_s"]) == (0.001, 0.001)
    assert row["finished_s"] == pytest.approx(0.00225)
    assert (row["response_cycles"], row["slack_cycles"], row["overrun"]) == (1_250, -250, True)
    first = tables(story.trace())["steps"].row(0, named=True)
    assert (first["busy_cycles"], first["waiting_sync_cycles"], first["overrun"]) == (
        300,
        100,
        False,
    )


def test_the_table_of_pes_adds_up_to_the_reports(frames, paper_trace):
    times, found = real_time(paper_trace), frames["pes"]
    assert found["utilisation"].to_list() == times.utilisation.tolist()
    assert found["busy_cycles"].sum() == times.busy.sum()
    assert found["longest_response_cycles"].max() == summarise(paper_trace).response_cycles
    assert found["least_slack_cycles"].min() == summarise(paper_trace).slack_cycles
    assert found["sram_bytes"].sum() == memory(paper_trace).total


def test_memory_links_and_refills_add_up_to_the_reports(frames, paper_trace):
    assert frames["memory"]["size_bytes"].sum() == memory(paper_trace).total
    assert frames["links"]["utilisation"].max() == traffic(paper_trace).noc_utilisation
    assert len(frames["refills"]) == traffic(paper_trace).n_refills == 240


def test_waits_and_steps_agree_but_for_the_sleep_after_the_last_step(frames, paper_trace):
    waits, hz = frames["waits"], paper_trace.pe_clock.hz
    total = (waits.filter(pl.col("cause") == "sync")["stop_s"]).sum()
    total -= waits.filter(pl.col("cause") == "sync")["start_s"].sum()
    assert math.isclose(total * hz, frames["steps"]["waiting_sync_cycles"].sum(), rel_tol=1e-4)


def test_the_log_names_its_figures(frames):
    assert set(frames["log"]["name"]) == {"spikes", "loss", "correct"}
    assert len(frames["log"]) == 12 + 2


def test_tables_of_a_run_without_rows_keep_their_columns(tmp_path, frames):
    write_tables(Story().trace(), tmp_path)
    for name, frame in frames.items():
        assert pl.read_parquet(tmp_path / f"{name}.parquet").columns == frame.columns
