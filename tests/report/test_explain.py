"""explain: every figure has an explanation whose numbers add up and whose sources are named."""

import re

import pytest

from spinn2sim.errors import SpecError
from spinn2sim.report import summarise
from spinn2sim.report.explain import explain
from spinn2sim.report.summary import Summary
from tests.report.traces import Story

PAPER_MODEL = "paper model:"
KEYS = list(Summary.__dataclass_fields__)


def number(text):
    return float(text.replace(",", ""))


def rows(lines):
    """The indented lines of the form ``name number ...``, up to the first other line."""
    found = {}
    for line in lines:
        match = re.fullmatch(r"  (\S+) +([-\d,.]+)( .*)?", line)
        if match:
            found[match[1]] = number(match[2])
        elif found:
            break
    return found


def after(lines, start):
    """What follows *start* on the line that begins with it."""
    return next(
        line.strip().removeprefix(start) for line in lines if line.strip().startswith(start)
    )


@pytest.mark.parametrize("key", KEYS)
def test_every_key_of_the_summary_is_explained_within_80_columns(paper_trace, key):
    lines = explain(paper_trace, key)
    assert lines[0].startswith((f"{key} = ", f"{key}:"))
    assert len(lines) > 1
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_explained_for_a_run_with_nothing_in_it(key):
    assert len(explain(Story().trace(), key)) > 1


@pytest.mark.parametrize("key", ["energy_j.chip", "label_share.e_prop", "utilisation.noc"])
def test_a_part_of_a_figure_is_explained(paper_trace, key):
    value = summarise(paper_trace).as_dict()
    for part in key.split("."):
        value = value[part]
    assert explain(paper_trace, key)[0] == f"{key} = {value}"


def test_the_functions_add_up_to_the_cycles_of_a_step(paper_trace):
    found = rows(explain(paper_trace, "cycles_per_step"))
    total = found.pop("sum")
    assert len(found) == 12
    assert sum(found.values()) == pytest.approx(total, abs=0.1)
    assert total == pytest.approx(summarise(paper_trace).cycles_per_step, abs=0.01)


def test_the_coefficients_and_the_machines_charges_add_up_to_the_cycles_of_a_step(paper_trace):
    """PE 0 has the mean load; the rest is the rounding of each function to whole cycles."""
    lines = explain(paper_trace, "cycles_per_step")
    terms = " ".join(line.strip() for line in lines)
    cycles = [number(found) for found in re.findall(r" = ([\d,]+\.\d) \(", terms)]
    interrupt = sum(
        number(after(lines, f"chip.pe.{name} = ").partition(" ")[0])
        for name in ("wake_cycles", "interrupt_entry_cycles", "interrupt_exit_cycles")
    )
    expected = summarise(paper_trace).cycles_per_step
    assert sum(cycles) + interrupt == pytest.approx(expected, abs=12)


def test_coefficients_sizes_and_sources_of_a_step_are_named(paper_trace):
    lines = explain(paper_trace, "cycles_per_step")
    assert (
        "cost table 'paper': fitted to the figures t.step, t.eprop, t.split and t.update" in lines
    )
    assert "for PE 0 with L = 10, I = 80, R = 120, O = 12:" in lines
    assert "  input_current: 13.98 x L*I = 13.98 x 800 = 11,184.0 (free, 10.67 to 17.28)" in lines
    assert "    source: multiply-accumulate: loads 2 + 2, an address wait for each 1 + 1," in lines
    assert "  chip.pe.interrupt_entry_cycles = 12 (published: M4)" in lines
    assert "  chip.pe.wake_cycles = 10 (guess)" in lines


def test_a_pe_alone_is_not_charged_for_spikes_of_others(small_trace):
    lines = "\n".join(explain(small_trace, "cycles_per_step"))
    assert "sync" not in lines.replace("sync wait", "")
    assert "chip.dma" not in lines
    assert "extrapolated: L = 20 (fitted on 10 to 10)" in lines


def test_a_firmware_without_cost_table_is_said_to_state_its_cycles():
    trace = Story(n_pe=1).step(0, 0, 9, ("a", 9)).trace()
    assert "the firmware has no cost table: its program states its cycles" in (
        explain(trace, "cycles_per_step")
    )


def test_the_update_is_a_ratio_of_the_numbers_shown(paper_trace):
    line = after(explain(paper_trace, "update_over_step"), "update_over_step = 2")
    update, step, ratio = (number(found) for found in re.findall(r"[\d,.]+", f"2{line}"))
    assert update / step == pytest.approx(ratio, abs=1e-6)
    assert ratio == pytest.approx(summarise(paper_trace).update_over_step, abs=1e-6)


def test_the_multiply_share_is_the_ratio_of_the_parts_shown(paper_trace):
    found = rows(explain(paper_trace, "multiply_share")[1:])
    multiply = sum(cycles for name, cycles in found.items() if name.endswith(".multiply"))
    assert len(found) == 9
    assert multiply / sum(found.values()) == pytest.approx(0.8)


def test_busy_and_waits_add_up_to_the_response_and_that_to_the_slack(paper_trace):
    lines = explain(paper_trace, "slack_cycles")
    busy, response = (
        number(after(lines, "busy").split()[0]),
        number(after(lines, "response").split()[0]),
    )
    waits = [number(after(lines, f"{cause} wait")) for cause in ("sync", "dma", "sram")]
    assert busy + sum(waits) == response
    assert 650_000 - response == summarise(paper_trace).slack_cycles
    assert f"slack = period - response = {650_000 - int(response):,}" in lines


def test_a_step_that_began_late_says_by_how_much():
    story = Story(n_pe=1).step(0, 0, 1_600, ("a", 1_600)).step(0, 1, 2_200)
    story.recorder.work(0, 1, 1_600, (("a", 1_600, "step"),))
    lines = explain(story.trace(), "slack_cycles")
    assert number(after(lines, "begun late")) == 600
    assert "2 of 2 steps overran; first: PE 0, timestep 0, a" in lines


def test_the_arrays_add_up_to_the_memory(paper_trace):
    lines = explain(paper_trace, "sram_bytes_max_pe")
    sizes = [number(line.split()[-2]) for line in lines if line.endswith(" B") and "x" in line[:40]]
    arrays = [line for line in lines if re.search(r"(float32|int64|bool) +[\d,]+ B$", line)]
    assert sum(number(line.split()[-2]) for line in arrays) == 59_960
    assert len(arrays) == 31
    assert sizes
    assert "  sum 59,960 B" in lines
    assert "available: 98,304 - 24,576 = 73,728 B" in lines
    assert "  chip.pe.sram.data_bytes = 96KB (published: EP)" in lines


def test_the_weights_add_up(paper_trace):
    found = rows(explain(paper_trace, "n_weights"))
    assert found.pop("sum") == sum(found.values()) == 25_440


def test_the_energies_are_the_products_shown(paper_trace):
    lines = explain(paper_trace, "energy_j")
    chip, paper = summarise(paper_trace).energy_j.values()
    parts = ("chip with PEs off", "PEs asleep", "busy cycles", "NoC flit-hops")
    joules = [number(after(lines, part).split("=")[1].split()[0]) for part in parts]
    n_cycles, cycle_pj = re.findall(r"[\d,.]+", after(lines, "busy cycles"))[:2]
    assert number(n_cycles) * number(cycle_pj) * 1e-12 == pytest.approx(joules[2], abs=1e-9)
    assert sum(joules) == pytest.approx(chip, abs=1e-8)
    line = after(lines, "21.59 uW/MHz")
    assert line.startswith(" x 65 MHz x 12 PEs x 1.000000 s = ")
    assert number(line.split()[-2]) == pytest.approx(paper, abs=1e-9)
    assert "  source of baseline_mw: measured: CHIP: whole chip, PEs off" in lines


def test_of_two_models_of_the_energy_the_one_that_is_named_is_shown(paper_trace):
    chip, paper = (explain(paper_trace, f"energy_j.{model}") for model in ("chip", "paper"))
    assert paper[:2] == [
        f"energy_j.paper = {summarise(paper_trace).energy_j['paper']}",
        PAPER_MODEL,
    ]
    assert chip[1].startswith("chip model, level 0.5 V")
    assert PAPER_MODEL not in chip
    assert explain(paper_trace, "energy_j")[-len(paper) + 1 :] == paper[1:]


def test_waits_are_means_of_the_sums_shown(paper_trace):
    for cause, cycles in summarise(paper_trace).waiting_cycles_per_step.items():
        line = after(explain(paper_trace, "waiting_cycles_per_step"), f"{cause} ")
        if "/" in line:
            total, n_steps, mean = (number(found) for found in re.findall(r"[\d,.]+", line))
            assert total / n_steps == pytest.approx(mean, abs=0.01)
            assert mean == pytest.approx(cycles, abs=0.01)


@pytest.mark.parametrize(
    ("story", "reason"),
    [
        (Story(n_pe=1).step(0, 0, 10, ("a", 10)), "bound by compute: it has the least room"),
        (
            Story(n_pe=1).step(0, 0, 1_001, ("a", 1_001)),
            "bound by compute: it took most of the first step that overran",
        ),
    ],
)
def test_the_reason_why_something_binds_is_given(story, reason):
    assert explain(story.trace(), "bound_by")[-1].strip() == reason


@pytest.mark.parametrize(
    ("figure", "message"),
    [
        (
            "cycles_per_stp",
            "explain: no figure 'cycles_per_stp'; did you mean 'cycles_per_step'?",
        ),
        ("energy_j.chp", "explain: energy_j has no part 'chp'; did you mean 'chip'?"),
        ("n_pe.x", "explain: n_pe is one value, without parts such as 'x'"),
        ("energy_j.", "explain: energy_j has no part ''; known parts: chip, paper"),
    ],
)
def test_a_figure_that_is_not_there_is_refused(figure, message):
    with pytest.raises(SpecError) as error:
        explain(Story().trace(), figure)
    assert str(error.value) == message
