"""Coefficients behind cycles, line by line, from a cost table of three terms."""

import pytest

from spinn2sim.report.coefficients import cost_terms, machine_cycles, source, sourced, wrapped
from tests.report.traces import Story

TERM = {"per": "L*O", "every": "step", "only": "always", "status": "guess", "source": "counted"}
COSTS = {
    "name": "some",
    "provenance": "-",
    "made_by": "-",
    "sizes": {"L": "own", "O": "outputs"},
    "fitted_on": {"L": [10, 20], "O": [12, 12]},
    "terms": [
        {**TERM, "label": "f.multiply", "cycles": 14.0, "range": [8.4, 19.6]},
        {**TERM, "label": "f", "cycles": 0.5, "per": "L", "range": [0, 1]},
        {**TERM, "label": "g", "cycles": 2.0, "range": [1, 3], "source": "fitted"},
        {**TERM, "label": "h", "cycles": 3.0, "range": [1, 5], "only": "multi_pe"},
        {**TERM, "label": "f", "cycles": 9.0, "range": [8, 10], "every": "sample"},
    ],
}
HEAD = ["cost table 'some': -", "for PE 0 with L = 5, O = 100:"]
F = [
    "  f.multiply: 14 x L*O = 14 x 500 = 7,000.0 (guess, 8.4 to 19.6)",
    "  f: 0.5 x L = 0.5 x 5 = 2.5 (guess, 0 to 1)",
    "    source: counted",
]
BEYOND = [
    "  extrapolated: L = 5 (fitted on 10 to 20)",
    "  extrapolated: O = 100 (fitted on 12 to 12)",
]


def story(n_pe=1, *charges):
    found = Story(n_pe=n_pe).step(0, 0, 10, *charges)
    found.meta["costs"] = COSTS
    found.meta["sizes"] = [{"L": 5, "O": 100}] * n_pe
    return found


def test_the_terms_of_a_step_stand_above_their_source():
    assert cost_terms(story().trace(), "step") == [
        *HEAD,
        *F,
        "  g: 2 x L*O = 2 x 500 = 1,000.0 (guess, 1 to 3)",
        "    source: fitted",
        *BEYOND,
    ]


def test_one_function_has_its_own_terms_and_parts():
    assert cost_terms(story().trace(), "step", "f") == [*HEAD, *F, *BEYOND]


def test_a_sample_has_terms_of_its_own():
    assert cost_terms(story().trace(), "sample") == [
        *HEAD,
        "  f: 9 x L*O = 9 x 500 = 4,500.0 (guess, 8 to 10)",
        "    source: counted",
        *BEYOND,
    ]


@pytest.mark.parametrize(("n_pe", "charged"), [(1, False), (2, True)])
def test_a_term_for_several_pes_is_one_of_several(n_pe, charged):
    lines = cost_terms(story(n_pe).trace(), "step")
    assert ("  h: 3 x L*O = 3 x 500 = 1,500.0 (guess, 1 to 5)" in lines) == charged


def test_the_machine_charges_what_it_has_charged_in_this_run():
    asked = "charged by the machine:"
    entry = [
        "  chip.pe.wake_cycles = 10 (guess)",
        "  chip.pe.interrupt_entry_cycles = 12 (published: M4)",
        "  chip.pe.interrupt_exit_cycles = 10 (published: M4)",
    ]
    setup = ["  chip.dma.setup_cycles = 60 (guess)"]
    completion = ["  chip.dma.completion_cycles = 52 (guess: M4: entry 12; handler 40 is ours)"]
    assert machine_cycles(story().trace()) == [asked]
    interrupted = story(1, ("interrupt", 9))
    assert machine_cycles(interrupted.trace()) == [asked, *entry]
    interrupted.rows("dma", (0, 0, 0, 9, 64))
    assert machine_cycles(interrupted.trace()) == [asked, *entry, *completion]
    both = story(1, ("interrupt", 5), ("dma_setup", 4)).rows("dma", (0, 0, 0, 9, 64))
    assert machine_cycles(both.trace()) == [asked, *entry, *completion, *setup]


def test_a_value_without_source_says_so():
    trace = story().trace()
    assert source(trace, "chip.none") == "no source given"
    assert sourced(trace, "timestep") == "timestep = 1ms (no source given)"
    assert sourced(trace, "chip.pe.clock") == "chip.pe.clock = 1MHz (user: user)"


def test_long_lines_go_on_below_themselves_and_long_words_stay_whole():
    words = "one " * 20 + "two-three " + "x" * 90
    assert wrapped(words, "  ") == [
        "  " + " ".join(["one"] * 19),
        "    one two-three",
        "    " + "x" * 90,
    ]
    assert wrapped("x" * 80) == ["x" * 80]
