"""Units that take functions over from the core: their price, and what a scenario may say."""

import pytest

from firmware_models.eprop.cost_terms import UNITS, spent
from firmware_models.eprop.work import FOLDER, Work, load_costs
from spinn2sim.errors import MissingFileError, SpecError
from spinn2sim.firmware import load_cost_table
from spinn2sim.firmware.unit import Unit, load_unit
from spinn2sim.validated import validate
from tests.eprop.networks import context_of, parameters_of, train

NAMES = sorted(path.stem for path in UNITS.glob("*.yaml"))
SIZES = {"L": 10, "I": 80, "R": 120, "O": 12}


def figure(value, low=None, high=None):
    return {
        "value": value,
        "range": (low or value, high or value),
        "status": "guess",
        "source": "-",
    }


def unit(**changes):
    content = {
        "name": "fast",
        "provenance": "a test",
        "operations_per_cycle": figure(4.0, 2.0, 8.0),
        "setup_cycles": figure(100),
        "takes": [{"label": "e_prop", "per": "L*I", "operations": 12, "source": "-"}],
    }
    return validate(Unit, {**content, **changes}, "unit")


def paper():
    return load_cost_table("paper", FOLDER)


def cycles(table, function, **sizes):
    sizes = {**SIZES, **sizes}
    charges = {}
    for every in ("sample", "step"):
        charges |= table.charges(sizes, every, n_pe=12, pe=0)
    return sum(charge.cycles for charge in charges[function])


def test_a_unit_takes_all_parts_of_a_function_and_no_other():
    table = unit().in_place_of_the_core(paper())
    # 12 operations, 4 a cycle, for 800 synapses; and one start.
    assert cycles(table, "e_prop") == 3 * 800 + 100
    for function in ("input_current", "alif_update", "output", "weight_update"):
        assert cycles(table, function) == cycles(paper(), function)


def test_words_bind_where_they_take_longer_than_operations():
    taken = {"label": "e_prop", "per": "L*I", "operations": 12, "words": 8, "source": "-"}
    for words_per_cycle, expected in ((4.0, 3), (1.0, 8)):
        given = unit(takes=[taken], words_per_cycle=figure(words_per_cycle))
        assert cycles(given.in_place_of_the_core(paper()), "e_prop") == expected * 800 + 100


def test_what_is_left_to_the_core_comes_on_top():
    taken = {"label": "pseudo_derivative", "per": "L", "operations": 3, "source": "-"}
    taken["core_cycles"] = 55
    table = unit(takes=[taken]).in_place_of_the_core(paper())
    assert cycles(table, "pseudo_derivative") == round(10 * (3 / 4 + 55)) + 100


def test_each_entry_is_a_start_of_its_own():
    takes = [
        {"label": "e_prop", "per": per, "operations": 4, "source": "-"} for per in ("L*I", "L*R")
    ]
    table = unit(takes=takes).in_place_of_the_core(paper())
    assert cycles(table, "e_prop") == 800 + 1_200 + 2 * 100


def test_the_band_goes_from_the_fast_end_to_the_slow_one():
    table = unit().in_place_of_the_core(paper())
    term = next(term for term in table.terms if term.label == "e_prop.fast")
    assert (term.range, term.cycles) == ((12 / 8, 12 / 2), 3)


def test_the_table_says_what_it_is():
    table = unit().in_place_of_the_core(paper())
    assert table.provenance.endswith("; with unit fast: a test")


def test_a_function_that_is_not_in_the_table_is_refused():
    takes = [{"label": "e_probe", "per": "L", "operations": 1, "source": "-"}]
    with pytest.raises(SpecError) as refused:
        unit(takes=takes).in_place_of_the_core(paper())
    assert str(refused.value) == (
        "unit fast: takes: cost table 'paper' has no function 'e_probe'; did you mean 'e_prop'?"
    )


def test_an_unknown_unit_is_refused_with_the_known_ones():
    with pytest.raises(MissingFileError, match="float_16, float_16_wide, float_4, mac_array"):
        load_unit("flaot_16", UNITS)


@pytest.mark.parametrize("name", NAMES)
def test_every_unit_of_the_package_makes_its_functions_cheaper(name):
    parameters = parameters_of("authors", 80, 120, 12, units=(name,))
    table = spent(load_costs("paper"), parameters)
    functions = {taken.label for taken in load_unit(name, UNITS).takes}
    assert functions
    for function in functions:
        assert cycles(table, function) < cycles(paper(), function)
    Work(table, SIZES, context_of(parameters))


def test_a_unit_changes_no_number():
    plain, fast = (train(parameters_of(units=units), 2) for units in ((), ("float_16_wide",)))
    assert (plain[0][1].readout()["w_rec"] == fast[0][1].readout()["w_rec"]).all()
    assert fast[1].cycles[1].total() < plain[1].cycles[1].total()


def test_an_update_in_each_time_step_is_on_the_unit_as_well():
    parameters = parameters_of(update_every="timestep", units=("float_16_wide",))
    labels = {
        label
        for label, n in train(parameters, 2)[1].cycles[0].items()
        if n and label.startswith("weight_update")
    }
    assert labels == {"weight_update.float_16_wide", "weight_update.float_16_wide_setup"}
