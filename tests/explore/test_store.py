"""The store of points: Parquet files that are whole, and never two answers for a point."""

import pytest

from spinn2sim.errors import OutputError, StoreError
from spinn2sim.explore.store import Store, frame
from tests.explore.sweeps import answer


def test_what_is_written_is_read_and_nothing_else(tmp_path):
    store = Store(tmp_path / "points")
    assert store.read(["a"]) == {}
    kept = answer("a", fits=True, slack_cycles=5, energy_chip_j=0.5, bound_by="compute")
    store.write([kept, answer("b", status="failed", error="too large", lasting=False)])
    store.write([answer("c", other=1.5)])
    found = store.read(["a", "b", "unknown"])
    assert found["a"] == kept
    assert (found["b"].status, found["b"].error, found["b"].lasting) == (
        "failed",
        "too large",
        False,
    )
    assert set(found) == {"a", "b"}


def test_of_two_answers_the_one_that_is_done_counts(tmp_path):
    for order in ((0, 1), (1, 0)):
        store = Store(tmp_path / str(order))
        both = [answer("a", status="failed", error="lost", lasting=False), answer("a", n=1)]
        for k in order:
            store.write([both[k]])
        assert store.read(["a"])["a"].status == "done"


def test_a_file_that_is_being_written_is_not_read(tmp_path):
    store = Store(tmp_path)
    store.write([answer("a")])
    (tmp_path / "half.parquet.partial").write_bytes(b"PAR1")
    assert set(store.read(["a"])) == {"a"}


def test_a_damaged_file_is_named_with_what_to_do(tmp_path):
    (tmp_path / "bad.parquet").write_bytes(b"nonsense")
    with pytest.raises(StoreError) as refusal:
        Store(tmp_path).read(["a"])
    assert str(refusal.value) == (
        f"sweep data {tmp_path}/bad.parquet: damaged or no Parquet file; "
        f"delete it; its points are then run again"
    )


def test_a_store_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="choose another --store"):
        Store(tmp_path / "file" / "points").write([answer("a")])


def test_whole_numbers_and_others_share_a_column_and_text_with_numbers_is_text():
    table = frame([{"a": 1, "b": 1}, {"a": 2.5, "b": "timestep"}, {"a": None}], {})
    assert table["a"].to_list() == [1.0, 2.5, None]
    assert table["b"].to_list() == ["1", "timestep", None]
