"""Which cost terms a program spends, and where those come from that the chosen table lacks."""

import pytest
import yaml

from firmware_models.eprop import Eprop
from firmware_models.eprop.cost_terms import PARTS, spent
from firmware_models.eprop.work import ALL_REDUCE, FUNCTIONS, Work, load_costs
from spinn2sim.firmware import load_cost_table
from tests.eprop.networks import context_of, firmwares_of, parameters_of

PAPER = load_costs("paper")


def cycles_by_label(table, every="sample", **sizes):
    sizes = {"L": 4, "I": 7, "R": 12, "O": 5, "A": 4, **sizes}
    charges = table.charges(sizes, every, n_pe=1, pe=0)
    found = {}
    for charge in (each for parts in charges.values() for each in parts):
        found[charge.label] = found.get(charge.label, 0) + charge.cycles
    return found


def test_the_papers_program_spends_the_chosen_table_as_it_is():
    assert spent(PAPER, parameters_of()) is PAPER


def test_another_optimiser_takes_the_place_of_adam():
    added = {t.label for t in spent(PAPER, parameters_of(optimiser="rmsprop")).terms}
    assert {t.label for t in PAPER.terms} ^ added == {"weight_update.adam", "weight_update.rmsprop"}


def test_a_term_of_the_chosen_table_wins_over_the_guess():
    own = next(t for t in PAPER.terms if t.label == "weight_update.adam")
    mine = own.with_changes(label="weight_update.sgd", cycles=99)
    table = PAPER.with_changes(terms=[t.model_dump() for t in (*PAPER.terms, mine)])
    found = spent(table, parameters_of(optimiser="sgd"))
    assert [t.cycles for t in found.terms if t.label == "weight_update.sgd"] == [99]


def test_a_table_that_does_not_divide_the_update_gets_no_parts_of_it():
    terms = [t for t in PAPER.terms if not t.label.startswith("weight_update")]
    whole = PAPER.terms[0].with_changes(label="weight_update", every="sample")
    table = PAPER.with_changes(terms=[t.model_dump() for t in (*terms, whole)])
    assert spent(table, parameters_of(optimiser="sgd", update_every=2)) is table


def test_adaptive_feedback_pays_twice_for_the_weights_of_the_readout():
    plain, adaptive = (
        cycles_by_label(spent(PAPER, parameters_of(feedback=kind)), I=0, R=0)
        for kind in ("random", "adaptive")
    )
    for label in ("weight_update.gradient", "weight_update.adam"):
        assert adaptive[label] == pytest.approx(2 * plain[label], abs=1)
    assert adaptive["learning_signal"] == plain["learning_signal"]


def test_eps_a_is_counted_by_the_alif_neurons_beside_lif_ones():
    table = spent(PAPER, parameters_of(n_lif=3))
    assert "A" in table.sizes
    mixed, alif = (cycles_by_label(t, "step", A=1) for t in (table, PAPER))
    for label, cycles in alif.items():
        share = 4 if label.startswith("e_prop.eps_a") else 1
        assert mixed[label] == pytest.approx(cycles / share, abs=1), label


def test_with_an_update_in_each_time_step_all_work_is_of_the_step():
    table = spent(PAPER, parameters_of(update_every="timestep"))
    assert {term.every for term in table.terms} == {"step"}
    work = Work(table, {"L": 4, "I": 7, "R": 12, "O": 5}, context_of(parameters_of(), n_pe=3))
    assert {charge.every for charge in work.learn.charges} == {"step"}


def test_a_sample_within_a_batch_is_charged_all_but_the_optimiser():
    table = spent(PAPER, parameters_of(update_every=4))
    work = Work(table, {"L": 4, "I": 7, "R": 12, "O": 5}, context_of(parameters_of()))
    ends = {charge.label for charge in work.learn.charges}
    within = {charge.label for charge in work.gradient.charges}
    assert ends - within == {"weight_update.adam"}
    assert "weight_update.accumulate" in within


def test_every_guess_is_a_term_of_a_function_of_the_program():
    table = load_cost_table("unprofiled", PARTS)
    assert {term.status for term in table.terms} == {"guess"}
    for term in table.terms:
        function = term.label.partition(".")[0]
        assert function in FUNCTIONS[term.every] or term.label in ALL_REDUCE
        assert 0 < term.range[0] < term.cycles < term.range[1]


def test_the_report_gets_the_terms_that_were_charged_and_their_sizes(tmp_path):
    parameters = parameters_of(optimiser="sgd", n_lif=6)
    firmware = firmwares_of(parameters, 2)[1]
    assert "weight_update.sgd" in {term.label for term in firmware.costs.terms}
    assert firmware.sizes == {"L": 6, "I": 7, "R": 12, "O": 5, "A": 6}
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(PAPER.model_dump(mode="json")))
    own = parameters_of(cost_table=str(path))
    assert Eprop(own, context_of(own)).costs == PAPER
