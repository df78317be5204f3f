"""Figures: a PNG is drawn for whatever a profile holds."""

import matplotlib.image
import pytest
from matplotlib.figure import Figure

from spinn2sim.report.figures import draw_profile
from spinn2sim.trace.files import load_trace, save_trace
from tests.report.traces import Story


@pytest.fixture
def drawn(monkeypatch, tmp_path):
    """Draw a trace; the figure before it is saved, and the size of the saved one."""
    kept = []
    save = Figure.savefig
    monkeypatch.setattr(
        Figure, "savefig", lambda figure, *a, **k: (kept.append(figure), save(figure, *a, **k))
    )

    def draw(trace):
        draw_profile(trace, tmp_path / "profile.png")
        return kept[-1], matplotlib.image.imread(tmp_path / "profile.png").shape

    return draw


def test_steps_and_samples_have_a_panel_each_on_one_scale(drawn, paper_trace):
    figure, shape = drawn(paper_trace)
    step, sample = figure.axes
    assert step.get_title("left") == "in each time step: 200,039 cycles"
    assert sample.get_title("left") == "once per sample: 203,275 cycles"
    assert step.get_xlim() == sample.get_xlim()
    assert figure.get_suptitle() == "Clock profile of paper-12pe: 12 PEs at 65 MHz"
    assert shape[1] == 1_200


def test_a_profile_read_from_a_file_has_the_same_panels(drawn, paper_trace, tmp_path):
    save_trace(paper_trace, tmp_path / "trace.npz")
    figure, _ = drawn(load_trace(tmp_path / "trace.npz"))
    assert [axes.get_title("left") for axes in figure.axes] == [
        "in each time step: 200,039 cycles",
        "once per sample: 203,275 cycles",
    ]


def test_bars_are_the_means_and_labels_tell_mean_and_share(drawn, paper_trace):
    figure, _ = drawn(paper_trace)
    step, _ = figure.axes
    names = [label.get_text() for label in step.get_yticklabels()]
    widths = [bar.get_width() for bar in step.patches]
    assert dict(zip(names, widths, strict=True))["e_prop"] == 140_000
    assert "140,000   70.0%" in [text.get_text() for text in step.texts]


def test_a_function_without_a_whole_cycle_has_no_bar(drawn, paper_trace):
    figure, _ = drawn(paper_trace)
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert "dma_setup" not in names
    assert "interrupt" in names


def test_pes_that_differ_are_spanned_by_a_line(drawn):
    trace = (
        Story(n_pe=2)
        .step(0, 0, 900, ("a", 100), ("b", 50))
        .step(1, 0, 900, ("a", 300), ("b", 50))
        .trace()
    )
    figure, _ = drawn(trace)
    (span,) = figure.axes[0].collections
    assert span.get_segments()[0][:, 0].tolist() == [100, 300]
    assert figure.axes[-1].get_xlabel().endswith("line: least to most of a PE")


def test_a_profile_without_functions_is_drawn_empty(drawn):
    figure, _ = drawn(Story().trace())
    assert [axes.patches for axes in figure.axes] == [[]] or not figure.axes[0].patches


def test_a_name_with_dollar_signs_is_no_formula(drawn):
    figure, _ = drawn(Story("name=a$_x$b", n_pe=1).step(0, 0, 9, ("$f_", 9)).trace())
    assert "a$_x$b" in figure.get_suptitle()


def test_bars_stand_from_top_to_bottom_with_room_for_their_numbers(drawn):
    """Two functions per step and one per sample; PE 1 takes 500 cycles at most, all others less."""
    story = Story(n_pe=2).step(0, 0, 900, ("a", 100), ("b", 50), ("u", 40, "sample"))
    figure, shape = drawn(story.step(1, 0, 900, ("a", 500), ("b", 50)).trace())
    step, sample = figure.axes
    # 1.5 inches, and 0.3 for each bar and six tenths of one for the gap of each panel.
    assert shape == (round(150 * (1.5 + 0.3 * (2.6 + 1.6))), 1_200, 4)
    assert step.get_ylim() == (1.6, -0.6)
    assert sample.get_ylim() == (0.6, -0.6)
    assert step.get_xlim() == pytest.approx((0, 500 / 0.72))
    assert [bar.get_height() for bar in step.patches] == pytest.approx([0.7, 0.7])
    assert [bar.get_y() for bar in step.patches] == pytest.approx([-0.35, 0.65])
    (first, second), (third,) = step.texts, sample.texts
    assert (first.get_text(), first.get_position()) == ("300   85.7%", (505, 0))
    assert (second.get_text(), second.get_position()) == ("50   14.3%", (55, 1))
    assert (third.get_text(), third.get_position()) == ("20   100.0%", (45, 0))
    assert sample.get_xlabel() == "PE clock cycles, mean over PEs; line: least to most of a PE"
    assert step.get_xlabel() == ""


@pytest.mark.parametrize(("more", "spanned"), [(1, False), (2, True)])
def test_a_line_spans_pes_that_are_a_whole_cycle_apart(drawn, more, spanned):
    """The mean of two steps: half a cycle is no difference worth a line."""
    story = Story(n_pe=2, n_timesteps=2).step(0, 0, 900, ("a", 9)).step(0, 1, 900, ("a", 9))
    trace = story.step(1, 0, 900, ("a", 9 + more)).step(1, 1, 900, ("a", 9)).trace()
    figure, _ = drawn(trace)
    (axes,) = figure.axes
    assert (len(axes.collections), len(axes.lines)) == (spanned, spanned)
    line = "; line: least to most of a PE" if spanned else ""
    assert axes.get_xlabel() == f"PE clock cycles, mean over PEs{line}"
    if spanned:
        (ends,) = axes.lines
        assert (ends.get_xdata().tolist(), ends.get_ydata().tolist()) == ([9, 10], [0, 0])
        (span,) = axes.collections
        assert span.get_segments()[0].tolist() == [[9, 0], [10, 0]]


def test_a_figure_has_a_light_grid_behind_its_bars_and_no_frame(drawn):
    figure, _ = drawn(Story(n_pe=1).step(0, 0, 9_000, ("a", 9_000)).trace())
    (axes,) = figure.axes
    assert axes.get_axisbelow() is True
    assert [name for name, spine in axes.spines.items() if spine.get_visible()] == ["left"]
    assert [line.get_linewidth() for line in axes.get_xgridlines()[:1]] == [0.8]
    assert axes.xaxis.get_major_formatter()(9_000, None) == "9,000"
    assert axes.yaxis.get_ticklines()[0].get_markersize() == 0
