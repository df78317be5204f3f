"""The tables of a run: units in the column names, CSV equal to Parquet, sums as in the reports."""

import math

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from spinn2sim.report import clock_profile, memory, real_time, summarise, traffic
from spinn2sim.report.tables import tables, write_tables
from tests.report.traces import Story, eventful

#: Columns that count things, name them, or are a share.
WITHOUT_UNIT = {
    *("pe", "timestep", "block", "key", "n_flits", "overruns", "label", "every", "cause"),
    *("variable", "dtype", "shape", "link", "name", "path", "source", "overrun"),
    *("share", "utilisation", "function", "kind", "count", "first_timestep"),
    *("chip_x", "chip_y", "x", "y", "n_links", "n_lost", "n_resent", "n_timed_out"),
    *("value", "range"),  # of the log and the guesses: whatever the firmware or scenario says
}
UNITS = ("_cycles", "_s", "_bytes", "_flits", "_events", "_mw", "_j")


@pytest.fixture(scope="module")
def frames(paper_trace):
    return tables(paper_trace)


def test_each_report_has_its_table(frames):
    assert set(frames) == {
        *("profile", "profile_parts", "steps", "pes", "waits", "memory"),
        *("links", "routers", "refills", "log", "spikes", "guesses"),
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


#: Rows of ``eventful``, whose clock is 1 MHz: a cycle is a microsecond.
ROWS = {
    "profile": [
        ("a", "step", 240, 200, 280, 240 / 517.5),
        ("b", "step", 277.5, 0, 555, 277.5 / 517.5),
        ("u", "sample", 20, 0, 40, 1),
    ],
    "waits": [(0, 0, "sync", 0.0003, 0.0004), (1, 0, "host", 0.0005, 0.00055)],
    "memory": [
        (0, "w", "float32", "30x20", 2_400),
        (0, "v", "float32", "25", 100),
        (1, "w", "float32", "20x20", 1_600),
        (1, "z", "bool", "9", 9),
    ],
    # Flits on the link into the NoC take 4 cycles, others one, of 2,250.
    "links": [
        ("inject PE 0", 30, 2, 0.0006, 120 / 2_250),
        ("QPE 0,0 -> QPE 1,0", 54, 4, 0.0007, 54 / 2_250),
    ],
    "refills": [(0, 0, 0, 0.0001, 0.0003, 64), (0, 1, 0.0003, 0.00031, 0.0004, 32)],
    "log": [(1, 1, "hits", 3)],
    "spikes": [(0, 0, 7)] * 3 + [(0, 1, 7)] * 2,
    # 250 cycles of b are done in the window after the last deadline.
    "power": [
        (0, 0, 1.054, 300 * 8.3e-6),
        (0, 1, 1.054, 500 * 8.3e-6),
        (0.001, 0, 1.054, 1_000 * 8.3e-6),
        (0.001, 1, 1.054, 60 * 8.3e-6),
        (0.002, 0, 1.054, 1_000 * 8.3e-6),
        (0.002, 1, 1.054, 0),
    ],
    "energy": [
        ("b", 0, 1_110 * 8.3e-12),
        ("b", 1, 0),
        ("a", 0, 400 * 8.3e-12),
        ("a", 1, 560 * 8.3e-12),
        ("u", 0, 40 * 8.3e-12),
        ("u", 1, 0),
    ],
    "ledger": [
        ("deadline_miss", 0, None, 1, 2, 0.002),
        ("late_packet", 0, None, 2, 2, 0.0021),
        ("late_input", 1, None, 1, 0, 0.0005),
        ("dma_retry", 0, None, 2, 0, 0.0007),
        ("packet_lost", None, "QPE 0,0 -> QPE 1,0", 4, 1, 0.0015),
    ],
}


@pytest.fixture(scope="module")
def of_events():
    return tables(eventful())


@pytest.mark.parametrize("name", list(ROWS))
def test_each_row_of_a_table_is_what_happened(of_events, name):
    found = of_events[name].rows()
    assert len(found) == len(ROWS[name])
    for row, expected in zip(found, ROWS[name], strict=True):
        assert row == tuple(
            pytest.approx(cell) if isinstance(cell, float) else cell for cell in expected
        )


def test_rows_of_pes_and_steps_have_their_cycles_and_what_they_waited_for(of_events):
    waits = {f"waiting_{cause}_cycles": 0 for cause in ("timer", "sync", "host", "dma")}
    waits |= {f"waiting_{cause}_cycles": 0 for cause in ("packets", "sram", "clock")}
    assert of_events["pes"].rows(named=True) == [
        {
            "pe": 0,
            "utilisation": 0.775,
            "overruns": 1,
            "longest_response_cycles": 1_250,
            "least_slack_cycles": -250,
            "busy_cycles": 1_550,
            **waits,
            "waiting_sync_cycles": 100,
            "sram_bytes": 2_500,
            "fifo_peak_events": 0,
            "fifo_peak_s": None,
        },
        {
            "pe": 1,
            "utilisation": 0.28,
            "overruns": 0,
            "longest_response_cycles": 550,
            "least_slack_cycles": 450,
            "busy_cycles": 560,
            **waits,
            "waiting_timer_cycles": 940,
            "waiting_host_cycles": 50,
            "sram_bytes": 1_609,
            "fifo_peak_events": 6,
            "fifo_peak_s": 0.0009,
        },
    ]
    names = ("pe", "timestep", "released_s", "started_s", "finished_s", "response_cycles")
    others = ("slack_cycles", "overrun", "busy_cycles", "waiting_timer_cycles")
    assert of_events["steps"].select(*names, *others).rows() == [
        (0, 0, 0, 0, 0.0004, 400, 600, False, 300, 0),
        (0, 1, 0.001, 0.001, 0.00225, 1_250, -250, True, 1_250, 0),
        (1, 0, 0, 0, 0.00055, 550, 450, False, 500, 0),
        (1, 1, 0.001, 0.001, 0.00106, 60, 940, False, 60, 940),
    ]
