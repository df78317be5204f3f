"""The reports on a terminal: verdict first, 80 columns, no colour codes where none belong."""

import io

from rich.console import Console

from spinn2sim.report import summarise
from spinn2sim.report.terminal import print_checks, print_run
from tests.report.traces import Story


def text_of(trace, *, width=80, colour=False):
    console = Console(
        file=io.StringIO(), width=width, force_terminal=colour, highlight=False, color_system="auto"
    )
    print_run(console, trace, summarise(trace))
    return console.file.getvalue()


def line_with(text, start):
    return next(line for line in text.splitlines() if line.startswith(start))


def test_the_verdict_comes_first_in_one_line(paper_trace):
    lines = text_of(paper_trace).splitlines()
    assert lines[0] == (
        "FITS: bound by memory (19% left); would overrun first: PE 8 in weight_update"
    )
    assert lines[1].startswith("paper-12pe on 12 PEs at 65 MHz; least slack 244,")


def test_no_line_is_wider_than_80_columns(paper_trace, small_trace):
    for trace in (paper_trace, small_trace):
        assert max(map(len, text_of(trace).splitlines())) <= 80


def test_there_are_colour_codes_on_a_terminal_only(paper_trace):
    assert "\x1b[" not in text_of(paper_trace)
    assert "\x1b[" in text_of(paper_trace, colour=True)


def test_the_profile_shows_mean_extremes_and_share(paper_trace):
    text = text_of(paper_trace)
    assert line_with(text, "e_prop ").split() == ["e_prop", *["140,000"] * 3, "70.0%"]
    assert line_with(text, "softmax_loss").split() == ["softmax_loss", "150", "0", "1,800", "0.1%"]
    assert line_with(text, "sum ").split() == ["sum", "200,039", "100.0%"]


def test_where_the_time_went_adds_up_to_the_period():
    story = Story(n_pe=2)
    story.step(0, 0, 600, ("a", 300)).wait(0, 0, "sync", 300, 500).wait(0, 0, "host", 500, 600)
    story.step(1, 0, 600, ("a", 500), ("b", 20)).wait(1, 0, "dma", 520, 600)
    text = text_of(story.trace())
    assert line_with(text, "compute").split()[1:] == ["410", "41.0%"]
    assert line_with(text, "waiting for spikes and sync flags").split()[-2:] == ["100", "10.0%"]
    assert line_with(text, "waiting for the host").split()[-2:] == ["50", "5.0%"]
    assert line_with(text, "waiting for DMA").split()[-2:] == ["40", "4.0%"]
    assert line_with(text, "asleep until the next step").split()[-2:] == ["400", "40.0%"]
    assert "waiting for packets" not in text


def test_a_late_run_uses_spinnakers_words():
    story = Story(n_pe=2).step(0, 0, 1_380, ("a", 1_380)).step(1, 0, 9, ("a", 9))
    text = text_of(story.send(0, 0, 1_200, 2).trace())
    assert text.startswith(
        "DOES NOT FIT: bound by compute (38% over); timer tick overran in 1 of 2"
    )
    assert "story on 2 PEs at 1 MHz; latest step 380 cycles late, period 1,000" in text
    assert line_with(text, "real time") == (
        "real time  timer tick overran in 1 of 2 steps; 2 late packets, 0 late inputs"
    )


def test_the_fullest_pe_is_shown_with_small_variables_in_one_row(paper_trace):
    text = text_of(paper_trace)
    assert "SRAM of the fullest PE, 0" in text
    assert line_with(text, "eps_v_rec").split() == ["eps_v_rec", "10x120", "4,800"]
    assert line_with(text, "17 smaller").split() == ["17", "smaller", "3,960"]
    assert line_with(text, "available").split() == ["available", "73,728"]


def test_both_energy_models_are_named_with_their_power(paper_trace):
    text = text_of(paper_trace)
    assert "89.86 mW by the chip model" in text
    assert "16.84 mW by the paper model" in text


def test_guesses_and_extrapolations_are_listed(small_trace):
    text = text_of(small_trace)
    assert "extrapolated cost table beyond its fit: L = 20 (fitted on 10 to 10)" in text
    assert "  host.write_rate: 50Mbit/s (5Mbit/s to 500Mbit/s)" in text


def test_notes_of_the_workload_are_shown(paper_trace):
    assert "note: 60 synthetic clips made by experiments/make_speech.py" in text_of(paper_trace)


def test_a_run_of_an_untrained_network_says_so_with_its_spikes(paper_trace):
    n_spikes = len(paper_trace.tables["spikes"]["pe"])
    assert (
        f"note: untrained network: {n_spikes} spikes in 1 s; --checkpoint runs a trained one"
    ) in text_of(paper_trace)


def test_a_run_of_another_firmware_has_no_rows_about_learning():
    text = text_of(Story(n_pe=1).step(0, 0, 9, ("a", 9)).trace())
    assert "weight" not in text
    assert "e_prop" not in text


def test_checks_at_several_clocks_are_one_table_below_their_verdicts():
    summaries = [
        summarise(Story(n_pe=1, clock=clock).step(0, 0, 1_500, ("a", 1_500)).trace())
        for clock in (1_000_000, 3_000_000)
    ]
    largest = [
        {"time": None, "time_without_update": 3, "memory": 1_200, "both": None},
        {"time": 7, "time_without_update": 9, "memory": 1_200, "both": 7},
    ]
    console = Console(file=io.StringIO(), width=80, highlight=False)
    print_checks(console, list(zip(summaries, largest, strict=True)))
    lines = [line.split() for line in console.file.getvalue().splitlines()]
    assert [line[0] for line in lines if line and line[0] in ("DOES", "FITS:")] == ["DOES", "FITS:"]
    assert ["1", "MHz", "no", "-500", "none", "3", "1,200", "none"] in lines
    assert ["3", "MHz", "yes", "1,500", "7", "9", "1,200", "7"] in lines
