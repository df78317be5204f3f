"""A finished sweep as a report reads it."""

import polars as pl
import pytest

from spinn2sim.errors import MissingFileError, StoreError
from spinn2sim.report.sweep import is_sweep, read_sweep
from tests.report.sweeps import write_sweep


@pytest.fixture
def folder(tmp_path):
    return write_sweep(tmp_path / "sweep", clocks=2, sizes=3, pes=(1, 24))


def test_axes_are_what_the_sweep_varied_and_outputs_the_rest(folder):
    found = read_sweep(folder)
    assert found.name == "clock-pes-nrec"
    assert found.axes == (
        "chip.pe.clock",
        "parameters.n_rec",
        "n_pe",
        "memory",
        "fidelity",
        "seed",
    )
    assert found.outputs == ("fits", "response_ms", "slack_cycles", "power_chip_mw")
    assert (found.points.height, found.n_done, found.n_failed) == (24, 20, 4)


def test_without_sweep_yaml_field_paths_are_axes(folder):
    (folder / "sweep.yaml").unlink()
    (folder / "provenance.json").unlink()
    found = read_sweep(folder)
    assert found.axes == ("chip.pe.clock", "parameters.n_rec", "fidelity", "seed")
    assert (found.name, found.provenance) == ("sweep", {})


def test_the_axes_of_a_search_are_its_space(folder):
    (folder / "sweep.yaml").unlink()
    (folder / "search.yaml").write_text("name: frugal\nspace: {n_pe: [1, 24], memory: [local]}\n")
    found = read_sweep(folder)
    assert found.name == "frugal"
    assert {"n_pe", "memory"} < set(found.axes)


def test_values_of_the_chip_are_labelled_in_their_units(folder):
    found = read_sweep(folder)
    assert found.labels("chip.pe.clock") == {65_000_000: "65MHz", 300_000_000: "300MHz"}
    assert found.labels("parameters.n_rec") == {}
    assert found.labels("response_ms") == {}


def test_a_folder_is_a_sweep_if_it_has_points(folder, tmp_path):
    assert is_sweep(folder)
    assert not is_sweep(tmp_path)
    with pytest.raises(MissingFileError, match="sweep not found"):
        read_sweep(tmp_path)


@pytest.mark.parametrize("name", ["points.parquet", "provenance.json"])
def test_a_damaged_file_is_named(folder, name):
    (folder / name).write_bytes(b"{not what it should be")
    with pytest.raises(StoreError) as caught:
        read_sweep(folder)
    assert str(caught.value).startswith(f"sweep data {folder / name}: damaged")


def test_points_without_status_are_none_of_ours(folder):
    pl.read_parquet(folder / "points.parquet").drop("status").write_parquet(
        folder / "points.parquet"
    )
    with pytest.raises(StoreError, match="has no column 'status'"):
        read_sweep(folder)
