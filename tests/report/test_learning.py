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


def test_panels_stand_side_by_side_with_epochs_from_1_on(tmp_path, drawn):
    both = {"accuracy": {"validation": curves()}, "loss": {"training": curves()}}
    draw_learning_curves(both, "x$y", tmp_path / "a.png")
    assert image.imread(tmp_path / "a.png").shape[:2] == (600, 1_500)
    for axes in drawn[0].axes:
        assert axes.get_xlabel() == "epoch"
        assert [name for name, spine in axes.spines.items() if spine.get_visible()] == [
            "left",
            "bottom",
        ]
        (line,), (band,) = axes.lines, axes.collections
        assert line.get_marker() == "None"
        assert (band.get_alpha(), band.get_linewidth().tolist()) == (0.2, [0])
        assert all(tick == int(tick) for tick in axes.get_xticks())
    assert drawn[0].get_suptitle() == "x$y"


def test_a_single_epoch_is_a_point_that_can_be_seen(tmp_path, drawn):
    draw_learning_curves({"a": {"b": np.array([[0.5]])}}, "x", tmp_path / "a.png")
    (line,) = drawn[0].axes[0].lines
    assert (line.get_marker(), line.get_xdata().tolist()) == ("o", [1])


def test_numbers_in_dark_cells_are_white_and_each_stands_in_its_cell(tmp_path, drawn):
    draw_confusion(np.array([[1, 3, 0], [2, 2, 0]]), ["a", "b"], "x", tmp_path / "a.png")
    (axes,) = drawn[0].axes
    found = {text.get_position(): (text.get_text(), text.get_color()) for text in axes.texts}
    assert found == {
        (0, 0): ("1", "black"),
        (1, 0): ("3", "white"),
        (0, 1): ("2", "black"),
        (1, 1): ("2", "black"),
    }
    (shades,) = axes.images
    assert shades.get_clim() == (0, 1)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted", "target")
    # 2 inches, and 0.45 for each class.
    assert image.imread(tmp_path / "a.png").shape[:2] == (435, 435)
    assert [tick.get_rotation() for tick in axes.get_xticklabels()] == [90, 90]
    assert axes.xaxis.get_ticklines()[0].get_markersize() == 0
