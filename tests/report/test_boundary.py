"""Figures of sweeps: curves that are there, gaps that stay gaps, and legends."""

import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from spinn2sim.report.boundary import COLOURS, MARKED, MARKERS, Curve, Panel, draw_panels

LIMIT = Curve("65 MHz", [1, 2, 3], [24, None, 68])
TIME = Curve("65 MHz, time", [1, 2, 3], [29, 48, 80], thin=True)
OTHER = Curve("150 MHz", [1, 2, 3], [24, 42, 68])


@pytest.fixture
def drawn(tmp_path, monkeypatch):
    figures = []
    save = Figure.savefig
    monkeypatch.setattr(
        Figure, "savefig", lambda self, *a, **k: (figures.append(self), save(self, *a, **k))
    )

    def draw(*panels, **options):
        path = tmp_path / "figure.png"
        draw_panels(panels, path, title="t", x_label="PEs", y_label="N_rec", **options)
        assert path.read_bytes().startswith(b"\x89PNG")
        return figures[-1]

    return draw


def test_a_thin_curve_is_dashed_in_the_colour_of_its_limit(drawn):
    (axes,) = drawn(Panel("local", [LIMIT, TIME, OTHER])).axes
    limit, time, other = axes.lines
    assert (limit.get_color(), limit.get_linestyle()) == (COLOURS[0], "-")
    assert (time.get_color(), time.get_linestyle()) == (COLOURS[0], "--")
    assert other.get_color() == COLOURS[1]
    assert limit.get_marker() != other.get_marker(), "print has no colours"


def test_what_is_not_there_is_a_gap(drawn):
    (axes,) = drawn(Panel("local", [LIMIT])).axes
    values = axes.lines[0].get_ydata()
    assert values[0] == 24
    assert values[1] != values[1], "not a number"


def test_panels_with_the_same_curves_share_a_legend(drawn):
    shared = drawn(Panel("a", [OTHER]), Panel("b", [OTHER]))
    assert len(shared.legends) == 1
    assert [axes.get_legend() for axes in shared.axes] == [None, None]
    own = drawn(Panel("a", [OTHER]), Panel("b", [LIMIT]))
    assert own.legends == []
    assert all(axes.get_legend() for axes in own.axes)


def test_titles_are_text_and_no_formula(drawn):
    figure = drawn(Panel("N_rec $x", [OTHER]), log_x=True, log_y=True)
    assert figure.axes[0].get_title() == "N_rec $x"
    assert (figure.axes[0].get_xscale(), figure.axes[0].get_yscale()) == ("log", "log")


def test_panels_stand_side_by_side_on_one_scale_with_labels_outside(drawn, tmp_path):
    panels = [Panel(name, [OTHER, LIMIT]) for name in "abc"]
    axes = drawn(*panels).axes
    assert [each.get_xlabel() for each in axes] == ["PEs"] * 3
    assert [each.get_ylabel() for each in axes] == ["N_rec", "", ""]
    assert len({each.get_xlim() for each in axes} | {each.get_ylim() for each in axes}) == 2
    # 2.5 inches, and 4 for each panel.
    assert imread(tmp_path / "figure.png").shape[:2] == (round(4.2 * 150), round(14.5 * 150))
    assert (
        {each.get_xscale() for each in axes} == {each.get_yscale() for each in axes} == {"linear"}
    )


def test_limits_are_thick_marked_lines_and_thin_ones_are_not(drawn):
    (axes,) = drawn(Panel("local", [LIMIT, TIME, OTHER])).axes
    assert [line.get_linewidth() for line in axes.lines] == [2, 1, 2]
    assert [line.get_marker() for line in axes.lines] == [MARKERS[0], "None", MARKERS[1]]
    assert {line.get_markersize() for line in axes.lines} == {5}
    assert sorted(name for name, spine in axes.spines.items() if spine.get_visible()) == [
        "bottom",
        "left",
    ]


def test_a_long_curve_has_no_markers_and_colours_begin_again(drawn):
    def curves(n_values, n_curves):
        values = list(range(n_values))
        return [Curve(f"{number}", values, values) for number in range(n_curves)]

    (axes,) = drawn(Panel("x", curves(MARKED, len(COLOURS) + 1))).axes
    assert axes.lines[-1].get_color() == axes.lines[0].get_color()
    assert axes.lines[0].get_marker() == MARKERS[0]
    (axes,) = drawn(Panel("x", curves(MARKED + 1, len(MARKERS) + 1))).axes
    assert {line.get_marker() for line in axes.lines} == {"None"}
