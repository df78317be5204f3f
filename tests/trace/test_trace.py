"""A trace: what it means, and a digest that tells any two runs apart."""

import copy
import dataclasses

import numpy as np
import pytest

from spinn2sim.trace import Cause, Trace
from spinn2sim.trace.records import UNDIGESTED
from spinn2sim.units import Clock, Timebase


def with_tables(trace, **tables):
    return dataclasses.replace(trace, tables={**trace.tables, **tables})


def changed_cell(trace, table, column, row):
    """*trace* with one cell changed by the least amount."""
    values = trace.tables[table][column].copy()
    values[row] = np.nextafter(values[row], 9) if values.dtype.kind == "f" else values[row] + 1
    return with_tables(trace, **{table: {**trace.tables[table], column: values}})


def filled(trace):
    """*trace* with two rows in every table."""
    tables = {
        table: {column: np.array([1, 2], values.dtype) for column, values in columns.items()}
        for table, columns in trace.tables.items()
    }
    return dataclasses.replace(trace, tables=tables)


# What it means


def test_times_of_a_trace_are_ticks_of_its_timebase(trace):
    assert trace.timebase == Timebase(3_900_000_000)
    assert trace.pe_clock == Clock(65_000_000, 60)
    assert trace.period == 39_000_000
    assert trace.n_pe == 2


def test_a_readout_is_of_one_pe_by_name(trace):
    readout = trace.readout(0)
    assert sorted(readout) == ["count", "w"]
    np.testing.assert_array_equal(readout["w"], [[0, 1, 2], [3, 4, 5]])
    assert sorted(trace.readout(10)) == ["w"]
    assert trace.readout(1) == {}


def test_a_trace_cannot_be_changed(trace):
    with pytest.raises(dataclasses.FrozenInstanceError):
        trace.meta = {}


def test_causes_of_waiting_keep_their_numbers_since_files_hold_them():
    assert {cause.name: cause.value for cause in Cause} == {
        "TIMER": 0,
        "SYNC": 1,
        "HOST": 2,
        "DMA": 3,
        "PACKETS": 4,
        "SRAM": 5,
        "CLOCK": 6,
    }


# Its digest


def test_equal_records_have_equal_digests(recorded):
    assert recorded().digest() == recorded().digest()


def test_a_copy_has_the_same_digest(trace):
    assert copy.deepcopy(trace).digest() == trace.digest()


def test_any_changed_cell_changes_the_digest(trace):
    trace = filled(trace)
    digests = [trace.digest()] + [
        changed_cell(trace, table, column, row).digest()
        for table, columns in trace.tables.items()
        for column in columns
        for row in (0, 1)
        if table not in UNDIGESTED
    ]
    assert len(set(digests)) == len(digests) == 1 + 2 * 75


@pytest.mark.parametrize("table", ["queue_peaks", "fifo_peaks", "routers"])
def test_tables_that_came_after_digests_are_not_in_them(trace, table):
    whole = filled(trace)
    for column in trace.tables[table]:
        assert changed_cell(whole, table, column, 1).digest() == whole.digest()
    assert with_tables(whole, **{table: {}}).digest() == whole.digest()


def test_a_row_more_changes_the_digest(trace):
    longer = {column: np.append(values, 0) for column, values in trace.tables["dma"].items()}
    assert with_tables(trace, dma=longer).digest() != trace.digest()


@pytest.mark.parametrize("other", [("links", "n_flits"), ("spikes", "link")])
def test_the_same_numbers_elsewhere_have_another_digest(other):
    numbers = np.arange(3)
    digests = {
        Trace({}, {table: {column: numbers}}, {}).digest()
        for table, column in (("links", "link"), other)
    }
    assert len(digests) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"0/w": np.arange(6, dtype=np.float32).reshape(3, 2)},
        {"0/w": np.arange(6, dtype=np.float32)},
        {"0/w": np.arange(1, 7, dtype=np.float32).reshape(2, 3)},
        {"0/w": np.arange(6, dtype=np.float32).reshape(2, 3).view(np.int32)},
        {"1/w": np.zeros(0)},
        {"10/w": np.zeros((3, 0), np.float32)},
    ],
    ids=["transposed", "flat", "other values", "other type", "one more", "other empty shape"],
)
def test_any_change_of_an_array_changes_the_digest(trace, change):
    other = dataclasses.replace(trace, arrays={**trace.arrays, **change})
    assert other.digest() != trace.digest()


def test_an_array_of_another_name_changes_the_digest(trace):
    renamed = {name.replace("0/w", "0/v"): array for name, array in trace.arrays.items()}
    assert dataclasses.replace(trace, arrays=renamed).digest() != trace.digest()


def test_the_memory_layout_of_an_array_does_not_change_the_digest(trace):
    arrays = {**trace.arrays, "0/w": np.asfortranarray(trace.arrays["0/w"])}
    assert dataclasses.replace(trace, arrays=arrays).digest() == trace.digest()


def test_what_the_run_was_changes_the_digest(trace):
    other = dataclasses.replace(trace, meta={**trace.meta, "period": 1})
    assert other.digest() != trace.digest()


def test_the_order_in_which_things_were_noted_does_not_change_the_digest(trace):
    meta, tables, arrays = (
        dict(reversed(part.items())) for part in (trace.meta, trace.tables, trace.arrays)
    )
    assert Trace(meta, tables, arrays).digest() == trace.digest()


@pytest.mark.parametrize("seed", range(20))
def test_any_order_of_rows_with_many_ties_has_the_digest_of_sorted_ones(trace, seed):
    """A table whose rows are in order already is not sorted again; this one may be either."""
    rng = np.random.default_rng(seed)
    rows = rng.integers(-1, 2, (int(rng.integers(0, 6)), 3)) * 2**62
    in_order = rows[np.lexsort(rows.T[::-1])]
    digests = {
        with_tables(trace, links=dict(zip("abc", each.T, strict=True))).digest()
        for each in (rows, in_order, rng.permutation(rows))
    }
    assert len(digests) == 1


def test_rows_that_differ_in_a_float_only_are_sorted(trace):
    digests = {
        with_tables(trace, log={"pe": np.zeros(2, int), "value": np.array(values)}).digest()
        for values in ([1.0, np.nan], [np.nan, 1.0])
    }
    assert len(digests) == 1
