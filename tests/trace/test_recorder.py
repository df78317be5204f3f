"""The recorder: rows go in, frozen columns come out, in order."""

import numpy as np
import pytest

from spinn2sim.trace import Cause, Recorder
from spinn2sim.trace.records import FLOATS, TABLES

META = {"name": "a run"}


def rows(trace, table):
    return list(zip(*(values.tolist() for values in trace.tables[table].values()), strict=True))


def frozen(recorder):
    return recorder.freeze(META, {})


def test_columns_have_the_names_and_order_of_the_tables(trace):
    assert {name: tuple(columns) for name, columns in trace.tables.items()} == TABLES


def test_every_column_is_int64_but_the_logged_values(trace):
    floats = {
        (table, name)
        for table, columns in trace.tables.items()
        for name, values in columns.items()
        if values.dtype != np.int64
    }
    assert floats == FLOATS == {("log", "value")}
    assert trace.tables["log"]["value"].dtype == np.float64


def test_tables_without_rows_have_columns_of_length_zero_and_the_same_type():
    trace = frozen(Recorder())
    assert {values.shape for columns in trace.tables.values() for values in columns.values()} == {
        (0,)
    }
    assert trace.tables["log"]["value"].dtype == np.float64
    assert trace.tables["steps"]["pe"].dtype == np.int64


def test_rows_keep_their_order(trace):
    assert rows(trace, "steps") == [(0, 0, 0, 60, 600), (1, 0, 0, 120, 900)]
    assert rows(trace, "links") == [(0, 3, 2)]


def test_equal_work_is_one_segment_told_once(trace):
    assert rows(trace, "work") == [(0, 0, 60, 0), (1, 0, 120, 1), (0, 1, 660, 0)]
    assert rows(trace, "segments") == [(0, 0, 5), (0, 1, 7), (1, 0, 5)]
    assert trace.meta["labels"] == ["z", "update"]
    assert trace.meta["every"] == ["step", "sample"]


def test_a_label_that_comes_each_step_and_each_sample_is_two_labels():
    recorder = Recorder()
    recorder.work(0, 0, 0, (("z", 1, "step"), ("z", 2, "sample"), ("z", 3, "step")))
    trace = frozen(recorder)
    assert rows(trace, "segments") == [(0, 0, 1), (0, 1, 2), (0, 0, 3)]
    assert (trace.meta["labels"], trace.meta["every"]) == (["z", "z"], ["step", "sample"])


def test_work_with_other_cycles_is_another_segment():
    recorder = Recorder()
    for cycles in (1, 2, 1):
        recorder.work(0, 0, 0, (("z", cycles, "step"),))
    assert rows(frozen(recorder), "segments") == [(0, 0, 1), (1, 0, 2)]


def test_a_wait_of_no_time_is_no_wait(trace):
    assert rows(trace, "waits") == [(0, 0, Cause.SYNC, 600, 700)]


def test_the_shortest_wait_counts():
    recorder = Recorder()
    recorder.wait(3, 2, Cause.DMA, 10, 11)
    recorder.wait(3, 2, Cause.DMA, 11, 10)
    assert rows(frozen(recorder), "waits") == [(3, 2, Cause.DMA, 10, 11)]


def test_a_multicast_counts_its_packets_and_spikes_are_told_one_by_one(trace):
    assert rows(trace, "sends") == [(0, 0, 610, 2), (1, 0, 910, 1)]
    assert rows(trace, "spikes") == [(0, 0, 9), (0, 0, 4)]


def test_logged_figures_are_named_by_number(trace):
    assert rows(trace, "log") == [(0, 0, 0, 0.5), (1, 0, 1, 1.0), (0, 1, 0, 0.25)]
    assert trace.meta["log_names"] == ["loss", "accuracy"]


def test_meta_is_kept_and_completed():
    trace = frozen(Recorder())
    assert trace.meta == {"name": "a run", "labels": [], "every": [], "log_names": []}
    assert META == {"name": "a run"}


def test_freezing_twice_gives_the_same_trace():
    recorder = Recorder()
    recorder.work(0, 0, 0, (("z", 1, "step"),))
    assert frozen(recorder).digest() == frozen(recorder).digest()


def test_columns_and_arrays_are_read_only(trace):
    columns = [values for table in trace.tables.values() for values in table.values()]
    for values in (*columns, *trace.arrays.values()):
        with pytest.raises(ValueError, match="read-only"):
            values[...] = 0


@pytest.mark.parametrize("rows", [[(0, 3)], [(0, 3, 2), (0, 3, 2, 1)], [(0, 3, 2), (0, 3)]])
def test_a_row_of_the_wrong_length_is_a_programming_error(rows):
    recorder = Recorder()
    recorder.rows["links"] += rows
    with pytest.raises((AssertionError, ValueError), match=r"do not have|inhomogeneous"):
        frozen(recorder)
