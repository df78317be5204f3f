"""Links and routes of the mesh."""

import pytest

from spinn2sim.errors import PlacementError
from spinn2sim.hw.noc.topology import Link, Router, Topology
from tests.hw.noc.boards import board_of, event_router_of
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


def test_links_of_a_board_with_an_event_router_at_another_clock():
    """The NoC at 1 MHz and the event router at 1.5 MHz have cycles of 3 and 2 units."""
    router = event_router_of((1, 0), clock=1_500_000, packet_cycles=2)
    chip = chip_of(
        ((0, 0), (2, 0)), 6, event_router=router, multicast="event_router", link_cycles=2
    )
    ports = ((0, 0), (0, 0), (0, 0), (2, 0), (0, 0), (0, 0))
    links = {link.name: link for link in Topology(chip, 24, board_of((2, 1), ports=ports)).links}
    # From x - 1, x + 1, y - 1, y + 1, from six PEs, and from six links between chips.
    n_ports = 4 + 6 + 6
    assert links["inject PE 4"] == Link("inject", "inject PE 4", 12, 12, 1, 4 + 4, period=3)
    assert links["inject PE 23"].to_port == 4 + 5
    assert links["eject PE 4"] == Link(
        "eject", "eject PE 4", 12, 12, n_ports, 0, period=3, router=Router((0, 0), (0, 0))
    )
    for name, port, place in (("(0,0)->(1,0)", 0, (0, 0)), ("(1,0)->(0,0)", 1, (1, 0))):
        full = f"chip (1,0) {name}"
        assert links[full] == Link(
            "mesh", full, 2 * 3, 5 * 3, n_ports, port, period=3, router=Router((1, 0), place)
        )
    # A packet of 96 bits takes 5 cycles, a beat of 192 bits ten; 24 us are 24 cycles.
    for way, opposite in (("E", 3), ("NE", 4), ("W", 0), ("SW", 1)):
        full = f"chip-link (0,0) {way} (1,0)"
        assert links[full] == Link(
            "chip",
            full,
            5 * 3,
            24 * 3,
            n_ports,
            4 + 6 + opposite,
            extra_beat_cycles=5 * 3,
            bits=96,
            beat_bits=192,
            period=3,
            patience=1_000 * 3,
            router=Router((0, 0), (2, 0) if way == "W" else (0, 0)),
        )
    lookup = "chip (0,0) event router"
    assert links[lookup] == Link(
        "lookup",
        lookup,
        2 * 2,
        6 * 2,
        n_ports,
        4,
        period=2,
        patience=50 * 2,
        router=Router((0, 0), (1, 0)),
    )
    assert len(links) == 24 + 2 * 4 + 2 * 4 + 2 + 24


def test_an_event_router_of_two_places_has_the_ports_of_both():
    chip = chip_of(
        ((0, 0), (3, 0)), 2, event_router=event_router_of((1, 0), (2, 0)), multicast="event_router"
    )
    links = {link.name: link for link in Topology(chip, 4).links}
    assert {name: (link.n_sources, link.to_port) for name, link in links.items()} == {
        **{f"inject PE {pe}": (1, 4 + pe % 2) for pe in range(4)},
        **{f"eject PE {pe}": (6, 0) for pe in range(4)},
        "(0,0)->(1,0)": (6, 0),
        "(1,0)->(2,0)": (12, 6),  # ports of the second place come after those of the first
        "(2,0)->(3,0)": (12, 0),
        "(3,0)->(2,0)": (6, 6 + 1),
        "(2,0)->(1,0)": (12, 1),
        "(1,0)->(0,0)": (12, 1),
        "event router": (12, 4),
    }


#: Places of an event router, and QPEs of which each has one beside it: in a column, in a row.
COLUMN = ((1, 1), (1, 4)), ((0, 1), (2, 1), (0, 4), (2, 4))
ACROSS = ((1, 1), (4, 1)), ((1, 0), (1, 2), (4, 0), (4, 2))


@pytest.mark.parametrize(
    ("positions", "source", "entry"),
    [
        (COLUMN, 0, "(0,1)->(1,1)"),
        (COLUMN, 1, "(2,1)->(1,1)"),
        (COLUMN, 2, "(0,4)->(1,4)"),
        (COLUMN, 3, "(2,4)->(1,4)"),
        (ACROSS, 0, "(1,0)->(1,1)"),
        (ACROSS, 1, "(1,2)->(1,1)"),
        (ACROSS, 2, "(4,0)->(4,1)"),
        (ACROSS, 3, "(4,2)->(4,1)"),
    ],
)
def test_a_multicast_enters_the_event_router_at_the_place_nearest_to_it(positions, source, entry):
    places, qpes = positions
    chip = chip_of(qpes, 1, event_router=event_router_of(*places), multicast="event_router")
    topology = Topology(chip, 4)
    names = [link.name for link in topology.links]
    others = tuple(pe for pe in range(4) if pe != source)
    n_roots, rows = topology.trees(source, others)
    assert n_roots == 1
    assert [names[link] for link in rows[:3, 0]] == [f"inject PE {source}", entry, "event router"]
    assert rows[0, 3] == 3
