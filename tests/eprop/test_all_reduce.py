"""The tree along which groups add up their gradients, and what that takes of a program."""

import math
from dataclasses import replace

import pytest

from firmware_models.eprop import Eprop
from firmware_models.eprop.all_reduce import place_of
from spinn2sim.errors import SpecError
from tests.eprop.networks import context_of, parameters_of

SIZES = [2, 3, 4, 7, 12, 100]


@pytest.mark.parametrize("n_groups", SIZES)
def test_every_group_but_the_first_is_the_child_of_its_parent(n_groups):
    places = [place_of(group, n_groups) for group in range(n_groups)]
    assert places[0].parent is None
    for group, place in enumerate(places[1:], start=1):
        assert places[place.parent].children[place.rank] == group
    assert sum(len(place.children) for place in places) == n_groups - 1


@pytest.mark.parametrize("n_groups", SIZES)
def test_the_tree_is_as_flat_as_a_binary_tree_can_be(n_groups):
    depths = [0]
    for group in range(1, n_groups):
        depths.append(depths[place_of(group, n_groups).parent] + 1)
    assert max(depths) == math.floor(math.log2(n_groups))


@pytest.mark.parametrize("n_groups", SIZES)
def test_a_subtree_is_a_row_of_neighbours(n_groups):
    subtrees = {group: {group} for group in range(n_groups)}
    for group in reversed(range(1, n_groups)):
        subtrees[place_of(group, n_groups).parent] |= subtrees[group]
    for group, members in subtrees.items():
        assert members == set(range(group, group + len(members)))


# What the program is charged, and what it refuses


def context_of_groups(parameters, n_groups):
    return replace(context_of(parameters, pe=0, n_pe=2), n_groups=n_groups)


def test_the_cycles_of_a_received_gradient_are_those_of_its_words():
    parameters = parameters_of(update_every=4)
    work = Eprop(parameters, context_of_groups(parameters, 4)).program.work
    words = 6 * (7 + 12 + 5)  # of half of the neurons
    assert work.add.cycles == round(15.4 * words)
    assert (work.signal.cycles, work.take_signal.cycles) == (15, 30)
    whole = [charge for op in (work.gradient, work.update) for charge in op.charges]
    assert sorted(whole) == sorted(work.learn.charges)


def test_only_groups_have_cycles_and_memory_for_gradients_of_others():
    parameters = parameters_of(update_every=4)
    one, many = (Eprop(parameters, context_of_groups(parameters, n)) for n in (1, 4))
    labels = {term.label for term in one.costs.terms}
    assert not any(label.startswith("all_reduce") for label in labels)
    assert many.layout.n_bytes - one.layout.n_bytes == 4 * 5 * 6


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"division": "neuron"}, "division = neuron: groups share a mini-batch with division: syn"),
        ({"bfloat16": ("dw",)}, "dw_in, dw_rec: gradients of other groups are received there"),
        ({"far": ("e_bar",)}, "e_bar_in, e_bar_rec: gradients of other groups are received there"),
    ],
)
def test_a_program_that_cannot_receive_gradients_is_refused(given, problem):
    parameters = parameters_of(update_every=4, **given)
    with pytest.raises(SpecError, match=problem):
        Eprop(parameters, context_of_groups(parameters, 4))
