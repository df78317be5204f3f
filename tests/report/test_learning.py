"""Figures of a training run: what is drawn, whatever is missing."""

import numpy as np
import pytest
from matplotlib import image

from spinn2sim.report import learning
from spinn2sim.report.learning import draw_confusion, draw_learning_curves


@pytest.fixture
def drawn(monkeypatch):
    """The figures that are saved."""
    figures = []
    save = learning.Figure.savefig

    def keep(figure, *arguments, **options):
        figures.append(figure)
        return save(figure, *arguments, **options)

    monkeypatch.setattr(learning.Figure, "savefig", keep)
    return figures


def curves():
    return np.array([[0.2, 0.4, 0.6], [0.4, 0.8, np.nan]])


def test_a_curve_is_the_mean_over_the_seeds_and_its_band_the_deviation(tmp_path, drawn):
    draw_learning_curves({"accuracy": {"validation": curves()}}, "x", tmp_path / "a.png")
    (axes,) = drawn[0].axes
    (line,) = axes.lines
    assert line.get_xdata().tolist() == [1, 2, 3]
    assert line.get_ydata() == pytest.approx([0.3, 0.6, 0.6])
    (band,) = axes.collections
    heights = band.get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == pytest.approx((0.2, 0.8))


def test_there_is_a_panel_for_each_axis_with_a_name_for_each_curve(tmp_path, drawn):
    both = {"training": curves(), "validation": curves()}
    draw_learning_curves({"accuracy": both, "loss (nats)": both}, "x", tmp_path / "a.png")
    assert [axes.get_ylabel() for axes in drawn[0].axes] == ["accuracy", "loss (nats)"]
    for axes in drawn[0].axes:
        assert [text.get_text() for text in axes.get_legend().texts] == list(both)


def test_an_epoch_that_no_seed_has_reached_leaves_a_gap(tmp_path):
    draw_learning_curves({"a": {"b": np.full((2, 3), np.nan)}}, "x", tmp_path / "a.png")
    assert image.imread(tmp_path / "a.png").size


def test_a_confusion_matrix_shows_its_counts_and_names(tmp_path, drawn):
    counts = np.array([[3, 1, 0], [0, 1200, 0]])
    draw_confusion(counts, ["$yes", "no"], "of $x", tmp_path / "a.png")
    (axes,) = drawn[0].axes
    assert [text.get_text() for text in axes.texts] == ["3", "1", "", "1,200"]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["$yes", "no"]


def test_outputs_that_are_no_class_have_a_column_where_there_are_any(tmp_path, drawn):
    draw_confusion(np.array([[3, 1, 2], [0, 1, 0]]), ["a", "b"], "x", tmp_path / "a.png")
    (axes,) = drawn[0].axes
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["a", "b", "no class"]


def test_cells_are_shaded_by_their_share_of_the_target(tmp_path, drawn):
    draw_confusion(np.array([[1, 3, 0], [0, 0, 0]]), ["a", "b"], "x", tmp_path / "a.png")
    (shades,) = drawn[0].axes[0].images
    assert shades.get_array().tolist() == [[0.25, 0.75], [0.0, 0.0]]
