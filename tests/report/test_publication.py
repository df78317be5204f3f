"""Figures for print: one of each kind, in every format, the same for equal runs."""

import pytest

from spinn2sim.report.publication import write_run_figures, write_sweep_figures
from spinn2sim.report.publication.preset import COLUMN, PAGE, STYLE, draw
from spinn2sim.report.sweep import read_sweep
from spinn2sim.report.window import Window
from tests.report.html import pages
from tests.report.sweeps import write_sweep
from tests.report.traces import Story

MAGIC = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}


def names(paths):
    return {path.stem for path in paths}


@pytest.mark.slow
def test_every_figure_of_a_run_is_written_in_three_formats(tmp_path):
    paths = write_run_figures(
        pages.evil_trace(), tmp_path / "figures", sensitivity=pages.sensitivity()
    )
    assert names(paths) == {
        "clock_profile",
        "step_times",
        "time_per_pe",
        "timeline",
        "energy",
        "spikes",
        "noc",
        "sram",
        "tornado",
    }
    for path in paths:
        assert path.read_bytes().startswith(MAGIC[path.suffix[1:]])
    assert len(paths) == 3 * 9


@pytest.mark.slow
def test_a_run_without_spikes_packets_or_arrays_has_fewer_figures(tmp_path):
    paths = write_run_figures(
        Story().step(0, 0, 9, ("f", 9)).trace(), tmp_path, window=Window(0, 50)
    )
    assert names(paths) == {"clock_profile", "step_times", "time_per_pe", "timeline", "energy"}


def test_figures_of_a_sweep(tmp_path):
    sweep = read_sweep(write_sweep(tmp_path / "sweep", clocks=2, sizes=3, pes=(1, 4)))
    assert names(write_sweep_figures(sweep, tmp_path / "figures")) == {"trade_offs", "heat_map"}


def test_letters_and_widths_are_those_of_a_two_column_page(tmp_path):
    assert (COLUMN, PAGE, STYLE["font.size"], STYLE["pdf.fonttype"]) == (3.5, 7.2, 8, 42)
    draw(tmp_path, "figure", COLUMN, 2.0, lambda axes: axes.set_xlabel("$not math"))
    assert b"/MediaBox [ 0 0 252 144 ]" in (tmp_path / "figure.pdf").read_bytes()
    assert "$not math" in (tmp_path / "figure.svg").read_text()


def test_equal_figures_are_equal_files(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        draw(tmp_path / name, "figure", 2.0, 2.0, lambda axes: axes.plot([1, 2], label="a"))
    for suffix in MAGIC:
        one, two = ((tmp_path / name / f"figure.{suffix}").read_bytes() for name in ("one", "two"))
        assert one == two
