"""The tree along which groups add up their gradients."""

import math

import pytest

from firmware_models.eprop.all_reduce import place_of

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
