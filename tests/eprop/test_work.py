"""The cost table must be about just the functions of the program."""

import pytest
import yaml

from firmware_models.eprop.work import FUNCTIONS, Work, load_costs
from spinn2sim.errors import SpecError
from tests.eprop.networks import context_of, parameters_of

ONLY = {
    **dict.fromkeys(("send_spikes", "receive_spikes", "sync", "reduce_output"), "multi_pe"),
    "softmax_loss": "pe0",
}


def term(label, every="step", per="L"):
    return {
        "label": label,
        "cycles": 10,
        "per": per,
        "every": every,
        "only": ONLY.get(label, "always"),
        "status": "guess",
        "source": "test",
        "range": [0, 20],
    }


def table_of(path, terms, symbols="LIRO"):
    content = {
        "name": "mine",
        "provenance": "test",
        "made_by": "test",
        "sizes": dict.fromkeys(symbols, "a size"),
        "fitted_on": {},
        "terms": terms,
    }
    path.write_text(yaml.safe_dump(content))
    return str(path)


@pytest.fixture
def terms():
    return [term(label, every) for every, labels in FUNCTIONS.items() for label in labels]


def work_of(table, n_pe, pe):
    context = context_of(parameters_of(), n_pe=n_pe, pe=pe)
    return Work(table, {"L": 4, "I": 7, "R": 12, "O": 5}, context)


def charged(op):
    return [charge.label for charge in op.charges if charge.cycles]


def test_a_pe_of_several_is_charged_every_function_in_order(tmp_path, terms):
    work = work_of(load_costs(table_of(tmp_path / "costs.yaml", terms)), 3, 0)
    step = charged(work.neurons) + charged(work.traces)
    assert step == list(FUNCTIONS["step"])
    sample = charged(work.reduce) + charged(work.error) + charged(work.learn)
    assert sample == list(FUNCTIONS["sample"])
    assert {charge.every for charge in work.learn.charges} == {"sample"}


def test_a_pe_alone_is_charged_no_exchange(tmp_path, terms):
    work = work_of(load_costs(table_of(tmp_path / "costs.yaml", terms)), 1, 0)
    labels = [charge.label for op in (work.neurons, work.traces) for charge in op.charges]
    exchange = {"send_spikes", "receive_spikes", "sync"}
    assert labels == [label for label in FUNCTIONS["step"] if label not in exchange]


def test_the_loss_is_charged_on_pe_0_only(tmp_path, terms):
    work = work_of(load_costs(table_of(tmp_path / "costs.yaml", terms)), 3, 1)
    assert charged(work.error) == []


def test_parts_of_a_function_are_charged_under_their_own_labels(tmp_path, terms):
    parts = [term("e_prop.eps_v.multiply"), term("e_prop.accumulate.add")]
    terms = [t for t in terms if t["label"] != "e_prop"] + parts
    work = work_of(load_costs(table_of(tmp_path / "costs.yaml", terms)), 1, 0)
    assert charged(work.traces) == ["e_prop.eps_v.multiply", "e_prop.accumulate.add", "output"]


def test_missing_unknown_and_misplaced_functions_are_named(tmp_path, terms):
    terms = [t for t in terms if t["label"] not in {"sync", "learning_signal"}]
    terms += [term("synch"), term("learning_signal", "step")]
    path = table_of(tmp_path / "costs.yaml", terms)

    with pytest.raises(SpecError) as refused:
        load_costs(path)

    head = f"cost table {path}: terms: no"
    assert str(refused.value).splitlines() == [
        f"{head} term of every step is for the function 'sync'; did you mean 'synch'?",
        f"{head} function of every step is called 'synch'; did you mean 'sync'?",
        f"{head} function of every step is called 'learning_signal'; known functions: "
        + ", ".join(sorted(FUNCTIONS["step"])),
        f"{head} term of every sample is for the function 'learning_signal'",
    ]


def test_a_size_the_program_does_not_have_is_refused(tmp_path, terms):
    path = table_of(tmp_path / "costs.yaml", terms, symbols="LIROT")
    with pytest.raises(SpecError, match="sizes: unknown size 'T'; known sizes: I, L, O, R"):
        load_costs(path)
