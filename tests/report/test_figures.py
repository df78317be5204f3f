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
