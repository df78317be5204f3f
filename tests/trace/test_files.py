"""A trace on disk: it comes back equal, or its damage is named; never half a file, never pickle."""

import json
import zipfile

import numpy as np
import pytest

from spinn2sim.errors import MissingFileError, TraceFileError
from spinn2sim.trace import Recorder, load_trace, save_trace
from spinn2sim.trace.files import FORMAT
from spinn2sim.trace.records import TABLES

DAMAGED = "damaged or not a trace; run the scenario again"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "trace.npz"


@pytest.fixture
def saved(trace, path):
    """The path of a saved trace."""
    save_trace(trace, path)
    return path


def refusal(path):
    """What is said about the file, without its path."""
    with pytest.raises(TraceFileError) as refused:
        load_trace(path)
    where, problem = str(refused.value).split(": ", 1)
    assert where == f"trace {path}"
    return problem


def contents(path):
    with np.load(path) as file:
        return dict(file)


def rewrite_head(path, **changes):
    """Change the head of a saved trace; None removes a key."""
    arrays = contents(path)
    head = json.loads(arrays["head"].tobytes()) | changes
    head = {key: value for key, value in head.items() if value is not None}
    np.savez(path, **{**arrays, "head": np.frombuffer(json.dumps(head).encode(), np.uint8)})


# There and back


def test_a_saved_trace_comes_back_equal(trace, saved):
    loaded = load_trace(saved)
    assert loaded.digest() == trace.digest()
    assert loaded.meta == trace.meta
    assert {name: tuple(columns) for name, columns in loaded.tables.items()} == {
        name: tuple(columns) for name, columns in trace.tables.items()
    }
    for name, columns in trace.tables.items():
        for column, values in columns.items():
            np.testing.assert_array_equal(loaded.tables[name][column], values, strict=True)
    assert sorted(loaded.arrays) == sorted(trace.arrays)
    for name, array in trace.arrays.items():
        np.testing.assert_array_equal(loaded.arrays[name], array, strict=True)


def test_a_trace_without_any_row_comes_back(path):
    trace = Recorder().freeze({}, {})
    save_trace(trace, path)
    loaded = load_trace(path)
    assert loaded.digest() == trace.digest()
    assert loaded.tables["log"]["value"].dtype == np.float64


def test_a_loaded_trace_is_read_only(saved):
    loaded = load_trace(saved)
    columns = [values for table in loaded.tables.values() for values in table.values()]
    for values in (*columns, *loaded.arrays.values()):
        with pytest.raises(ValueError, match="read-only"):
            values[...] = 0


def test_a_file_may_be_replaced(saved):
    other = Recorder().freeze({}, {})
    save_trace(other, saved)
    assert load_trace(saved).digest() == other.digest()


def test_the_file_is_compressed(path):
    sizes = []
    for zeros in (np.zeros(1), np.zeros(100_000)):
        save_trace(Recorder().freeze({}, {"0/w": zeros}), path)
        sizes.append(path.stat().st_size)
    # What all the other tables take is in both.
    assert sizes[1] - sizes[0] < zeros.nbytes / 100


# Damage


def test_a_missing_file_is_named_with_a_remedy(path):
    for absent in (path, path.parent):
        with pytest.raises(MissingFileError) as refused:
            load_trace(absent)
        assert str(refused.value) == (
            f"trace not found: {absent}; name a run folder or its trace.npz"
        )


@pytest.mark.parametrize("share", [0, 0.001, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(saved, share):
    content = saved.read_bytes()
    saved.write_bytes(content[: int(len(content) * share)])
    assert refusal(saved) == DAMAGED


def test_a_file_of_text_is_refused(path):
    path.write_text("steps: 3\n" * 100)
    assert refusal(path) == DAMAGED


def test_an_npz_of_something_else_is_refused(path):
    np.savez(path, a=np.arange(3))
    assert refusal(path) == DAMAGED


def test_an_npy_is_refused(path):
    with path.open("wb") as file:
        np.save(file, np.arange(3))
    assert refusal(path) == DAMAGED


@pytest.mark.parametrize("head", [b"[1]", b"{}", b"3", b"{", b"\xff"])
def test_a_head_that_is_none_is_refused(path, head):
    np.savez(path, head=np.frombuffer(head, np.uint8))
    assert refusal(path) == DAMAGED


def test_a_flipped_byte_within_an_array_is_noticed(saved):
    with zipfile.ZipFile(saved) as archive:
        start = archive.getinfo("table/steps/pe.npy").header_offset
    content = bytearray(saved.read_bytes())
    content[start + 80] ^= 0xFF
    saved.write_bytes(content)
    assert refusal(saved) == DAMAGED


def test_no_flipped_byte_goes_unnoticed_and_changes_the_trace(trace, saved):
    content, outcomes = saved.read_bytes(), set()
    for at in range(0, len(content), len(content) // 150):
        damaged = bytearray(content)
        damaged[at] ^= 0xFF
        saved.write_bytes(damaged)
        try:
            outcomes.add(load_trace(saved).digest())
        except TraceFileError:
            outcomes.add("refused")
    assert outcomes == {"refused", trace.digest()}  # a time of day in the archive is no content


def test_a_changed_cell_is_noticed_even_in_a_sound_archive(saved):
    arrays = contents(saved)
    arrays["table/steps/finished"][0] += 1
    np.savez(saved, **arrays)
    assert refusal(saved) == "its content does not match its digest; run it again"


def test_a_missing_column_is_noticed(saved):
    arrays = contents(saved)
    del arrays["table/steps/finished"]
    np.savez(saved, **arrays)
    assert refusal(saved) == "its content does not match its digest; run it again"


def test_a_missing_table_is_noticed(saved):
    arrays = {key: each for key, each in contents(saved).items() if "table/steps/" not in key}
    np.savez(saved, **arrays)
    assert refusal(saved) == "a table is missing; run the scenario again"


@pytest.mark.parametrize("changes", [{"digest": None}, {"digest": "0"}, {"meta": None}])
def test_a_head_without_its_parts_is_noticed(saved, changes):
    rewrite_head(saved, **changes)
    assert refusal(saved) == "its content does not match its digest; run it again"


@pytest.mark.parametrize("number", [0, 1, "2"])
def test_another_format_is_refused_before_anything_else_is_looked_at(saved, number):
    rewrite_head(saved, format=number, meta=None, digest=None)
    assert FORMAT == 2
    assert refusal(saved) == f"format {number}, this version reads 2; run it again"


def test_windows_as_older_versions_called_them_are_read(saved, trace):
    counts = trace.windows._replace(whole=7, not_closed=3)._asdict()
    counts["link_by_link"] = counts.pop("whole")
    rewrite_head(saved, simulator={"timed_by": "simpy", "windows": counts})
    windows = load_trace(saved).windows
    assert (windows.whole, windows.not_closed, windows.left) == (7, 3, 3)


def test_a_file_of_a_version_without_a_table_of_details_has_none_of_them(saved, trace):
    recorder = Recorder()
    recorder.rows["links"].append((0, 3, 2))
    for table, row in (("queue_peaks", (0, 9)), ("fifo_peaks", (0, 8)), ("routers", (0,) * 5)):
        recorder.rows[table].append(row)
    save_trace(recorder.freeze(trace.meta, {}), saved)
    again = load_trace(saved)
    assert [again.tables[name]["at"].tolist() for name in ("queue_peaks", "fifo_peaks")] == [
        [9],
        [8],
    ]
    arrays = contents(saved)
    details = tuple(f"table/{name}/" for name in ("queue_peaks", "fifo_peaks", "routers"))
    np.savez(saved, **{key: each for key, each in arrays.items() if not key.startswith(details)})
    old = load_trace(saved)
    assert old.digest() == again.digest()
    assert {name: list(old.tables[name]) for name in ("fifo_peaks", "routers")} == {
        "fifo_peaks": ["pe", "at"],
        "routers": ["link", "chip_x", "chip_y", "x", "y"],
    }
    assert not old.tables["queue_peaks"]["at"].size


# Whole or not at all


class _DiskFullError(OSError):
    pass


def test_a_write_that_fails_half_way_leaves_the_old_file_and_nothing_else(
    trace, saved, monkeypatch
):
    def write_half(file, *_, **__):
        file.write(b"half of an array")
        raise _DiskFullError

    before = saved.read_bytes()
    monkeypatch.setattr(np.lib.format, "write_array", write_half)
    with pytest.raises(_DiskFullError):
        save_trace(trace, saved)
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]


def test_while_it_is_written_the_old_file_is_the_whole_old_one(trace, saved, monkeypatch):
    before, seen = saved.read_bytes(), []

    def look(*content, **options):
        seen.append(saved.read_bytes())
        write_array(*content, **options)

    write_array = np.lib.format.write_array
    monkeypatch.setattr(np.lib.format, "write_array", look)
    save_trace(trace, saved)
    assert len(seen) > len(TABLES)
    assert set(seen) == {before}
    assert list(saved.parent.iterdir()) == [saved]


# No pickle


class _Bomb:
    def __reduce__(self):
        return (pytest.fail, ("the pickle was loaded",))


def test_a_pickle_in_a_trace_is_refused_unread(saved):
    arrays = contents(saved)
    np.savez(saved, **arrays, **{"array/0/bomb": np.array([_Bomb()], object)})
    assert refusal(saved) == DAMAGED


def test_a_pickle_instead_of_a_trace_is_refused_unread(path):
    with path.open("wb") as file:
        np.save(file, np.array([_Bomb()], object))
    assert refusal(path) == DAMAGED


def test_objects_are_not_saved(path):
    trace = Recorder().freeze({}, {"0/w": np.array([_Bomb()], object)})
    with pytest.raises(AssertionError, match="it would be pickled"):
        save_trace(trace, path)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("bits", [8, 16, 32, 64])
@pytest.mark.parametrize("beyond", [-1, 0, 1])
def test_whole_numbers_come_back_from_a_smaller_type_as_they_were(trace, path, bits, beyond):
    """On both sides of what each type holds."""
    edge = 2 ** (bits - 1)
    values = [min(edge - 1 + beyond, 2**63 - 1), max(-edge - beyond, -(2**63))]
    recorder = Recorder()
    recorder.rows["links"] += [(0, each, each) for each in values]
    whole = recorder.freeze(trace.meta, {})
    save_trace(whole, path)
    again = load_trace(path)
    for column in ("link", "n_flits", "queue_peak"):
        assert again.tables["links"][column].dtype == np.int64
        assert again.tables["links"][column].tolist() == whole.tables["links"][column].tolist()
    assert not again.tables["links"]["n_flits"].flags.writeable
    fits = beyond <= 0 or bits == 64
    stored = contents(path)["table/links/n_flits"].dtype.itemsize * 8
    assert stored == (bits if fits else 2 * bits)
