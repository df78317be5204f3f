"""The cost table `paper`: it is the output of its fit, and it says what the paper says."""

from __future__ import annotations

import numpy as np
import pytest

from experiments import fit_paper_costs as script
from spinn2sim.firmware.cost import load_cost_table

PAPER = {"L": 10, "I": 80, "R": 120, "O": 12}
STEP_FUNCTIONS = [
    "read_input",
    "input_current",
    "recurrent_current",
    "alif_update",
    "pseudo_derivative",
    "e_prop",
    "output",
    "send_spikes",
    "receive_spikes",
    "sync",
]
SAMPLE_FUNCTIONS = ["reduce_output", "softmax_loss", "learning_signal", "weight_update"]


@pytest.fixture(scope="module")
def table():
    return load_cost_table("paper", script.PATH.parent)


def charged(table, every="step", n_pe=12, pe=1, sizes=PAPER):
    """Cycles by label, as a PE would be charged."""
    cycles = {}
    for charges in table.charges(sizes, every, n_pe=n_pe, pe=pe).values():
        for charge in charges:
            cycles[charge.label] = cycles.get(charge.label, 0) + charge.cycles
    return cycles


def total(cycles, prefix="", suffix=""):
    return sum(
        n for label, n in cycles.items() if label.startswith(prefix) and label.endswith(suffix)
    )


# What the paper says, from the charges


def test_a_time_step_of_the_papers_pe_costs_200_k_cycles(table):
    assert total(charged(table)) == pytest.approx(200_000, rel=1e-3)


def test_e_prop_is_70_percent_of_a_time_step(table):
    cycles = charged(table)
    assert total(cycles, "e_prop.") / total(cycles) == pytest.approx(0.70, abs=1e-3)


def test_multiplication_is_80_percent_of_e_prop_and_addition_the_rest(table):
    cycles = charged(table)
    e_prop = total(cycles, "e_prop.")
    assert total(cycles, "e_prop.", ".multiply") / e_prop == pytest.approx(0.80, abs=1e-3)
    assert total(cycles, "e_prop.", ".add") / e_prop == pytest.approx(0.20, abs=1e-3)


def test_the_weight_update_of_a_sample_costs_one_time_step(table):
    update = total(charged(table, "sample"), "weight_update.")
    assert update / total(charged(table)) == pytest.approx(1.0, abs=5e-3)


# Which PE pays for what


def test_the_table_charges_the_functions_of_every_report_in_the_order_of_a_step(table):
    assert list(table.charges(PAPER, "step", n_pe=12, pe=0)) == STEP_FUNCTIONS
    assert list(table.charges(PAPER, "sample", n_pe=12, pe=0)) == SAMPLE_FUNCTIONS


def test_a_single_pe_pays_for_no_spikes_no_sync_and_no_reduction(table):
    alone = charged(table, n_pe=1, pe=0) | charged(table, "sample", n_pe=1, pe=0)
    among_12 = charged(table, pe=0) | charged(table, "sample", pe=0)
    free_of_charge = {label for label, cycles in alone.items() if not cycles}
    assert free_of_charge == {"send_spikes", "receive_spikes", "sync", "reduce_output"}
    assert all(among_12.values())


def test_only_pe_0_pays_for_the_softmax(table):
    on_pe_0, on_pe_1 = charged(table, "sample", pe=0), charged(table, "sample", pe=1)
    assert on_pe_0.pop("softmax_loss") > 0
    assert on_pe_1.pop("softmax_loss") == 0
    assert on_pe_0 == on_pe_1


def test_the_cost_of_learning_grows_with_the_synapses_of_the_pe(table):
    doubled = charged(table, sizes={**PAPER, "I": 160, "R": 240})
    assert total(doubled, "e_prop.") == 2 * total(charged(table), "e_prop.")


# What each coefficient is worth


def test_every_coefficient_lies_inside_its_range(table):
    assert [term.label for term in table.terms if not _inside(term)] == []


def _inside(term):
    low, high = term.range
    return 0 <= low < term.cycles < high


def test_a_coefficient_is_a_guess_exactly_if_it_is_in_no_figure_of_the_paper(table):
    guesses = {term.label for term in table.terms if term.status == "guess"}
    assert guesses == {"reduce_output", "softmax_loss", "learning_signal"}


def test_only_what_the_figures_leave_over_is_constrained(table):
    constrained = {term.label for term in table.terms if term.status == "constrained"}
    assert constrained == {"sync", "weight_update.adam"}


def test_the_elementary_operations_of_e_prop_cost_the_same_in_every_part(table):
    n_multiply = {"eps_v": 2, "eps_a": 2, "e_trace": 2, "filter": 1}
    cycles = {term.label: term.cycles for term in table.terms}
    multiply = {cycles[f"e_prop.{part}.multiply"] / n for part, n in n_multiply.items()}
    add = {cycles[f"e_prop.{part}.add"] for part in [*n_multiply, "accumulate"]}
    assert multiply == {8.0}
    assert add == {2.8}


@pytest.mark.parametrize(
    ("label", "per", "cycles"),
    [
        ("read_input", "I", 20),
        ("input_current", "L*I", 14),
        ("recurrent_current", "L*R", 14),
        ("alif_update", "L", 55),
        ("pseudo_derivative", "L", 430),
        ("output.readout", "L*O", 17),
        ("output.accumulate", "L*O", 10.6),
    ],
)
def test_what_the_paper_leaves_open_lands_near_the_hand_count(table, label, per, cycles):
    (term,) = (term for term in table.terms if term.label == label)
    assert term.per == per
    assert term.cycles == pytest.approx(cycles, rel=0.05)


def test_spikes_and_sync_get_what_the_rest_of_the_step_leaves(table):
    cycles = charged(table)
    left = cycles["send_spikes"] + cycles["receive_spikes"] + cycles["sync"]
    assert left == pytest.approx(22_250, rel=0.01)


def test_sizes_that_the_paper_did_not_profile_are_named(table):
    assert table.extrapolated(PAPER) == ()
    assert table.extrapolated({**PAPER, "L": 20, "R": 20}) == (
        "L = 20 (fitted on 10 to 10)",
        "R = 20 (fitted on 120 to 120)",
    )


# The fit

LOOP = script.Prior(script.over("sync", "L"), 100, 0.1, "a count", only="multi_pe")
WIDE = script.Prior(script.over("e_prop.eps_v.add", "L"), 100, 0.2, "a guess")


@pytest.mark.parametrize("claim", [figure.claim for figure in script.FIGURES])
def test_without_a_figure_the_fit_misses_it(claim):
    (left_out,) = (figure for figure in script.FIGURES if figure.claim == claim)
    others = [figure for figure in script.FIGURES if figure is not left_out]
    (row,) = script.shares(script.PRIORS, [left_out])
    assert row @ script.fit().cycles == pytest.approx(left_out.cycles, rel=1e-9)
    assert row @ script.fit(figures=others).cycles != pytest.approx(left_out.cycles, rel=1e-3)


def test_no_other_point_on_the_figures_is_nearer_to_the_priors():
    sums = script.shares(script.PRIORS, script.FIGURES)
    mean = np.array([prior.cycles for prior in script.PRIORS])
    width = mean * [prior.width for prior in script.PRIORS]
    pull = (script.fit().cycles - mean) / width**2
    # At the minimum the pull towards the priors is a sum of the rows of the figures.
    multipliers, *_ = np.linalg.lstsq((sums * width).T, pull * width)
    assert np.abs(pull).max() > 0
    np.testing.assert_allclose(sums.T @ multipliers * width, pull * width, atol=1e-9)


def test_without_figures_the_fit_is_its_priors():
    fitted = script.fit([LOOP, WIDE], [])
    np.testing.assert_allclose(fitted.cycles, [100, 100])
    np.testing.assert_allclose(fitted.widths, [10, 20])


def test_what_a_figure_asks_for_is_taken_from_the_terms_by_the_square_of_their_widths():
    fitted = script.fit([LOOP, WIDE], [script.Figure("t", "step", "*", 2_500)])
    np.testing.assert_allclose(fitted.cycles, [110, 140])
    # Both are as wide as their sum leaves them: 10 and 20 in parallel.
    np.testing.assert_allclose(fitted.widths, 2 * [(1 / 10**2 + 1 / 20**2) ** -0.5])


def test_a_figure_of_one_coefficient_leaves_it_no_width():
    fitted = script.fit([LOOP], [script.Figure("t", "step", "sync", 1_200)])
    np.testing.assert_allclose(fitted.cycles, [120])
    np.testing.assert_allclose(fitted.widths, [0], atol=1e-6)


def test_a_figure_counts_only_its_own_labels_and_its_own_rhythm():
    step = script.Figure("t", "step", "e_prop.*", 0)
    sample = script.Figure("t", "sample", "*", 0)
    np.testing.assert_array_equal(script.shares([LOOP, WIDE], [step, sample]), [[0, 10], [0, 0]])


def test_a_figure_that_needs_a_negative_cost_stops_the_fit():
    figure = script.Figure("t", "step", "*", 10)
    with pytest.raises(AssertionError, match="drives a coefficient below zero"):
        script.fit([LOOP, WIDE], [figure])


# The file


def test_the_file_is_what_the_script_makes():
    assert script.PATH.read_text(encoding="utf-8") == script.as_yaml(script.cost_table())


def test_the_file_loads_as_the_table_of_the_fit(table):
    assert table == script.cost_table()


def test_check_accepts_what_a_run_has_written_and_a_second_run_changes_nothing(
    tmp_path, monkeypatch
):
    path = tmp_path / "paper.yaml"
    monkeypatch.setattr(script, "PATH", path)
    assert script.main([]) == 0
    first = path.read_bytes()
    assert script.main(["--check"]) == 0
    assert script.main([]) == 0
    assert path.read_bytes() == first


@pytest.mark.parametrize("content", [None, "name: paper\n"])
def test_check_fails_on_another_file_and_leaves_it_alone(tmp_path, monkeypatch, capsys, content):
    path = tmp_path / "paper.yaml"
    if content is not None:
        path.write_text(content)
    monkeypatch.setattr(script, "PATH", path)
    assert script.main(["--check"]) == 1
    message = f"{path} is not what this script makes; run it without --check\n"
    assert capsys.readouterr().err == message
    assert (path.read_text() if path.exists() else None) == content


def test_a_run_prints_each_coefficient_before_and_after_the_fit(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(script, "PATH", tmp_path / "paper.yaml")
    script.main([])
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == ["coefficient", "prior", "+-", "fitted", "+-"]
    assert len(rows) == len(script.PRIORS)
    (adam,) = (row for row in rows if "adam" in row)
    assert adam.split() == ["weight_update.adam", "61.00", "30.50", "85.21", "2.24"]
