"""Training on a terminal: its lines, whole."""

import io

import pytest
from rich.console import Console

from spinn2sim.report import train_terminal
from spinn2sim.report.train_terminal import (
    Row,
    data_bar,
    print_results,
    print_tolerances,
    progress_line,
    training_bars,
)
from spinn2sim.training.progress import Progress

AT = Progress(
    seed=2,
    epoch=3,
    n_epochs=30,
    n_done=12_000,
    n_total=150_000,
    loss_nats=1.2345,
    train_accuracy=0.612,
    validation_accuracy=0.587,
    firing_rate_hz=8.31,
    samples_per_s=4123.4,
    left_s=33.4,
)


def printed(show, *arguments):
    console = Console(file=io.StringIO(), width=80, highlight=False)
    show(console, *arguments)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_progress_is_one_line():
    assert progress_line(AT) == (
        "epoch 3/30  loss 1.234  train 61.2%  val 58.7%  8.3 Hz  4,123 samples/s  0:33 left"
    )


def test_before_the_first_validation_there_is_none():
    assert "val" not in progress_line(AT._replace(validation_accuracy=None))


@pytest.mark.parametrize(
    ("seconds", "clock"), [(0, "0:00"), (59.6, "1:00"), (3599, "59:59"), (86_461, "24:01:01")]
)
def test_the_time_left_is_read_like_a_clock(seconds, clock):
    assert progress_line(AT._replace(left_s=seconds)).endswith(f"  {clock} left")


@pytest.fixture
def terminal(monkeypatch):
    """A terminal of 160 columns in place of standard error."""
    file = io.StringIO()

    def console(**_):
        return Console(file=file, force_terminal=True, width=160)

    monkeypatch.setattr(train_terminal, "Console", console)
    return file


def test_each_seed_has_a_bar_of_its_own(terminal):
    with training_bars() as bars:
        bars.show(AT)
        bars.show(AT._replace(seed=5))
        bars.show(AT._replace(n_done=13_000))
    assert "seed 2" in terminal.getvalue()
    assert "seed 5" in terminal.getvalue()
    assert "8.3 Hz" in terminal.getvalue()


def test_the_work_on_the_features_has_a_bar(terminal):
    with data_bar() as show:
        show("checking files", 0, None)
        show("features", 3, 4)
    assert "features" in terminal.getvalue()


def results(n=2):
    row = {
        "seed": 1,
        "best_epoch": 22,
        "validation_accuracy": 0.915,
        "test_accuracy": 0.9112,
        "test_loss_nats": 0.31234,
        "firing_rate_hz": 8.31,
    }
    return {
        "seeds": [row] * n,
        "failed": [],
        "n_seeds": n,
        "test_accuracy_mean": 0.9112,
        "test_accuracy_sd": 0.0016 if n > 1 else None,
        "majority_class_share": 0.157,
    }


def test_results_begin_with_the_test_accuracy():
    assert printed(print_results, results()) == [
        "test accuracy 91.12% +- 0.16% over 2 seeds",
        "(always the most frequent class: 15.70%)",
        "",
        "seed   best epoch   validation   test     test loss   firing rate",
        "─────────────────────────────────────────────────────────────────",
        "1      22           91.50%       91.12%   0.3123      8.3 Hz",
        "1      22           91.50%       91.12%   0.3123      8.3 Hz",
    ]


def test_a_seed_that_failed_is_named_below():
    found = results() | {"failed": [{"seed": 3, "error": "seed 3, epoch 1: dead; scale it up"}]}
    assert printed(print_results, found)[-1] == "seed 3 failed: seed 3, epoch 1: dead; scale it up"


def test_one_seed_has_no_deviation():
    assert printed(print_results, results(1))[0] == "test accuracy 91.12%"


def test_the_tolerance_report_says_what_exceeds():
    rows = [
        Row("online", "program on 2 PEs", "weights w_in", 0.0, 0.0, holds=True),
        Row("fast", "form reference", "gradient w_in", 3.2e-4, 1e-5, holds=False),
    ]
    assert printed(print_tolerances, rows) == [
        "1 of 2 exceed their tolerance",
        "",
        "form     against            quantity        difference   tolerance   verdict",
        "─────────────────────────────────────────────────────────────────────────────",
        "online   program on 2 PEs   weights w_in    same bits    same bits   holds",
        "fast     form reference     gradient w_in   3.2e-04      1e-05       EXCEEDED",
    ]
    assert printed(print_tolerances, rows[:1])[0] == "all agree"
