"""What is said of how a run was timed."""

import dataclasses
import io

import pytest
from rich.console import Console

from spinn2sim import simulate
from spinn2sim.report import summarise
from spinn2sim.report.fall_backs import CERTIFICATES, fall_backs
from spinn2sim.report.html import run_page
from spinn2sim.report.terminal import print_run
from spinn2sim.trace import WindowCounts, load_trace, save_trace
from tests.hw.machine import APART, scenario_of, workload_of
from tests.report.traces import Story

NONE = WindowCounts()
#: Each count is another number.
COUNTS = WindowCounts(1_000, 2, 30, 400, 5_000, 60_000)


def trace_of(timed_by, windows=NONE):
    trace = Story(n_pe=1).step(0, 0, 300, ("a", 300)).trace()
    return dataclasses.replace(trace, timed_by=timed_by, windows=windows)


def test_what_fell_back_is_all_but_what_was_taken_whole():
    assert COUNTS.left == 65_432
    assert set(CERTIFICATES) == set(WindowCounts._fields) - {"whole"}


@pytest.mark.parametrize(
    ("timed_by", "windows", "said"),
    [
        ("", WindowCounts(), ""),
        ("hop", WindowCounts(), "the SimPy machine, hop by hop; no windows of packets"),
        ("compiled", WindowCounts(7), "the compiled machine; 7 of 7 windows whole"),
        (
            "simpy: PE 0 and PE 1 race",
            WindowCounts(1, input_fifo=2),
            (
                "the SimPy machine (PE 0 and PE 1 race); 1 of 3 windows whole, 2 fell back: "
                "2 too much in an input FIFO"
            ),
        ),
        (
            "simpy",
            COUNTS,
            (
                "the SimPy machine; 1,000 of 66,432 windows whole, 65,432 fell back: "
                "2 not closed, 30 too much in an input FIFO, 400 a receive FIFO full, 5,000 no "
                "room for the record, 60,000 not tried after one of these"
            ),
        ),
    ],
)
def test_machine_reason_and_windows_are_said_in_one_line(timed_by, windows, said):
    assert str(fall_backs(trace_of(timed_by, windows))) == said


def test_the_same_as_json():
    assert fall_backs(trace_of("simpy: it ends", COUNTS)).as_dict() == {
        "machine": "simpy",
        "fall_back": "it ends",
        "windows_whole": 1_000,
        "windows_left": {
            "all": 65_432,
            "not_closed": 2,
            "input_fifo": 30,
            "receive_fifo": 400,
            "no_record": 5_000,
            "not_tried": 60_000,
        },
    }


def test_the_text_and_the_page_of_a_run_say_it():
    trace = trace_of("simpy", COUNTS)
    console = Console(file=io.StringIO(), width=300, highlight=False)
    print_run(console, trace, summarise(trace))
    assert f"timed by   {fall_backs(trace)}\n" in console.file.getvalue()
    assert f"Timed by {fall_backs(trace)}" in run_page(trace)


def test_a_trace_file_keeps_it_and_its_digest_does_not_depend_on_it(tmp_path):
    trace = trace_of("compiled", COUNTS)
    save_trace(trace, tmp_path / "trace.npz")
    again = load_trace(tmp_path / "trace.npz")
    assert (again.timed_by, again.windows) == ("compiled", COUNTS)
    assert again.digest() == trace_of("simpy").digest()


def test_a_run_counts_the_windows_between_its_barriers():
    programs = [[("barrier",)] * 3] * 2
    trace = simulate(scenario_of(*APART, n_pe=2, programs=programs), workload_of(), timing="simpy")
    assert sum(trace.windows) == 3
