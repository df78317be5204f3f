"""Links and routes of the mesh."""

import pytest

from spinn2sim.errors import PlacementError
from spinn2sim.hw.noc.topology import Topology
from tests.hw.noc.meshes import SPINNAKER2, SQUARE, chip_of


def test_links_are_named_and_ordered():
    names = [link.name for link in Topology(chip_of(((3, 5), (4, 5)), 1), 2).links]
    assert names == [
        "inject PE 0",
        "inject PE 1",
        "(3,5)->(4,5)",
        "(4,5)->(3,5)",
        "eject PE 0",
        "eject PE 1",
    ]


def test_a_position_without_a_qpe_has_a_router():
    names = {link.name for link in Topology(chip_of(SPINNAKER2), 152).links}
    assert {"(3,3)->(4,3)", "(4,3)->(4,4)", "(4,4)->(4,5)", "(6,3)->(7,3)"} <= names
    assert len(names) == 2 * 152 + 2 * (6 * 6 + 7 * 5)


def test_only_pes_in_use_have_links():
    links = Topology(chip_of(SQUARE), 5).links
    assert [link.kind for link in links].count("inject") == 5
    assert [link.kind for link in links].count("eject") == 5


def test_trees_go_x_first_and_children_are_together():
    topology = Topology(chip_of(SQUARE, 1), 4)
    names = [link.name for link in topology.links]
    n_roots, rows = topology.trees(0, (1, 2, 3))
    assert n_roots == 1
    assert [(names[link], *rest) for link, *rest in rows.tolist()] == [
        ("inject PE 0", 1, 2, 3),
        ("(0,0)->(1,0)", 3, 2, 2),
        ("(0,0)->(0,1)", 5, 1, 1),
        ("eject PE 1", 6, 0, 1),
        ("(1,0)->(1,1)", 6, 1, 1),
        ("eject PE 2", 7, 0, 1),
        ("eject PE 3", 7, 0, 1),
    ]


def test_more_pes_than_the_chip_has_are_refused():
    with pytest.raises(PlacementError) as refused:
        Topology(chip_of(SQUARE), 17)
    assert str(refused.value) == (
        "n_pe: 17 PEs do not fit on chip 'test', which has 16; use 1 to 16 PEs or a larger chip"
    )
