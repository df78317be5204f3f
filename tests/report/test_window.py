"""--window: what it accepts, where its zero is, and what it refuses."""

import pytest

from spinn2sim.errors import SpecError
from spinn2sim.report.window import FOREVER, WHOLE, Window, first_release, parse_window
from tests.report.traces import Story

#: 1 MHz: a tick is a microsecond. The one time step takes 100 ms.
TRACE = Story(n_pe=1).step(0, 0, 100_000).trace()


def late_start():
    """The first time step is released after 2 ms."""
    return Story(n_pe=1).rows("steps", (0, 0, 2_000, 2_000, 2_100)).trace()


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("0:50ms", (0, 50_000)),
        ("10:20ms", (10_000, 20_000)),
        ("250us:1ms", (250, 1_000)),
        (" 0.5ms : 1.5ms ", (500, 1_500)),
        ("90ms:", (90_000, FOREVER)),
        (":1s", (0, 1_000_000)),
        (":", (0, FOREVER)),
    ],
)
def test_a_start_without_unit_has_that_of_the_end(text, window):
    assert parse_window(text, TRACE) == Window(*window)


def test_zero_is_the_first_release_and_no_start_is_the_start_of_the_run():
    assert parse_window("0:1ms", late_start()) == Window(2_000, 3_000)
    assert parse_window(":1ms", late_start()) == Window(0, 3_000)
    assert parse_window("50us:1ms", late_start()) == Window(2_050, 3_000)


def test_a_run_without_steps_begins_at_0_and_has_no_end():
    assert first_release(Story().trace()) == 0
    assert parse_window("5s:6s", Story().trace()) == Window(5_000_000, 6_000_000)


def test_an_end_is_rounded_up_to_a_tick():
    assert parse_window("0:1500ns", TRACE) == Window(0, 2)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("50ms", "expected START:END, as in 0:50ms"),
        ("20ms:10ms", "the start is not before the end"),
        ("5ms:5ms", "the start is not before the end"),
        ("100ms:", "the run ends 100.000 ms after its start"),
        ("1s:2s", "the run ends 100.000 ms after its start"),
        (
            "0:50 parsec",
            (
                "50 parsec: expected a duration such as 30us, accepted range is 0 to "
                "1,000,000,000,000 ns"
            ),
        ),
    ],
)
def test_another_text_is_refused(text, problem):
    with pytest.raises(SpecError) as caught:
        parse_window(text, TRACE)
    assert str(caught.value) == f"--window {text!r}: {problem}"


def test_a_window_begins_inside_and_ends_outside():
    ticks = TRACE.tables["steps"]["finished"] - TRACE.tables["steps"]["finished"] + [9, 10, 19, 20]
    assert Window(10, 20).holds(ticks).tolist() == [False, True, True, False]
    assert Window(10, 20).overlaps(ticks - 5, ticks).tolist() == [False, False, True, True]
    assert WHOLE.holds(ticks).all()
