"""Boards: how many PEs firmware can have, and what is refused."""

import pytest

from spinn2sim.elaboration import timebase_of
from spinn2sim.errors import PlacementError, SpecError
from spinn2sim.hw.noc.topology import Topology
from spinn2sim.spec import load_scenario


def load(*overrides):
    return load_scenario(preset="paper-12pe", machine="spinnaker2-board", overrides=overrides)


def refusal(*overrides):
    with pytest.raises(SpecError) as refused:
        load(*overrides)
    return str(refused.value).partition(": ")[2]


# PEs on chips


@pytest.mark.parametrize(
    ("overrides", "per_chip"),
    [
        (("board.group_pes=1",), 148),
        (("board.group_pes=12",), 144),
        (("board.group_pes=5",), 140),
        (("board.group_pes=12", "board.placement=packed"), 148),
        (("board.group_pes=1", "board.system_pes=0"), 152),
        (("board.group_pes=100",), 100),
        (("board.group_pes=149",), 0),
    ],
)
def test_a_chip_takes_whole_groups_and_whole_qpes(overrides, per_chip):
    scenario = load(*overrides)
    assert scenario.board.pes_per_chip(scenario.chip) == per_chip
    assert scenario.capacity == 9 * per_chip


def test_1200_pes_in_groups_of_12_take_nine_chips():
    scenario = load("n_pe=1200")
    topology = Topology(scenario.chip, 1200, scenario.board)
    chips = [topology.site(pe).chip for pe in range(1200)]
    assert sorted(set(chips)) == list(range(9))
    for first in range(0, 1200, 12):
        assert len(set(chips[first : first + 12])) == 1


def test_no_two_pes_have_one_place_and_a_qpe_holds_pes_of_one_number():
    scenario = load("board.group_pes=5", "n_pe=1000")
    topology = Topology(scenario.chip, 1000, scenario.board)
    sites = [topology.site(pe) for pe in range(1000)]
    assert all(sites.count(site) == 4 for site in set(sites))
    assert all(
        len({sites[pe] for pe in range(first, first + 4)}) == 1 for first in range(0, 1000, 4)
    )


def test_system_pes_are_the_last_of_each_chip():
    scenario = load("board.group_pes=1")
    topology = Topology(scenario.chip, scenario.capacity, scenario.board)
    assert {topology.site(pe).qpe for pe in range(scenario.capacity)} == set(
        scenario.chip.qpes[:-1]
    )


def test_more_pes_than_the_board_has_are_refused():
    scenario = load()
    with pytest.raises(PlacementError) as refused:
        Topology(scenario.chip, 1297, scenario.board)
    assert str(refused.value) == (
        "n_pe: 1297 PEs do not fit on chip 'spinnaker2-board', which has 1296; use 1 to 1296 PEs "
        "or a larger chip"
    )


@pytest.mark.parametrize(
    ("outline", "size", "n_chips"),
    [("rectangle", "[8, 6]", 48), ("hexagon", "[8, 8]", 48), ("hexagon", "[24, 12]", 288)],
)
def test_boards_have_so_many_chips(outline, size, n_chips):
    board = load(f"board.outline={outline}", f"board.size={size}").board
    assert board.n_chips == n_chips


# Links between chips


def test_a_spike_takes_16_ns_on_board_and_48_between_boards_rounded_up_to_noc_cycles():
    scenario = load()
    header = scenario.chip.noc.packet_bits - scenario.chip.noc.payload_bits
    hz = scenario.chip.noc.clock
    assert scenario.board.busy_cycles(header, hz, between_boards=False) == 5  # 4.8
    assert scenario.board.busy_cycles(header, hz, between_boards=True) == 15  # 14.4
    assert scenario.board.busy_cycles(192, hz, between_boards=False) == 10  # a beat: two packets
    assert scenario.board.latency_cycles(hz) == 24


def test_the_clocks_of_pe_noc_and_event_router_all_have_whole_ticks():
    timebase = timebase_of(load("chip.noc.multicast=event_router"))
    assert timebase.hz == 1_200_000_000
    assert [timebase.clock(hz * 10**6).ticks_per_cycle for hz in (150, 300, 400)] == [8, 4, 3]


# What is refused


def test_a_board_carries_48_chips():
    assert refusal("board.size=[7, 7]") == (
        "board: size: 7 x 7 = 49 chips; a board carries 48 (outline: hexagon takes multiples of 12)"
    )


def test_hexagons_come_alone_or_in_triads():
    assert refusal("board.outline=hexagon", "board.size=[12, 8]") == (
        "board: size: 12 x 8 chips; hexagonal boards take [8, 8] or multiples of 12"
    )


def test_a_port_lies_on_the_mesh():
    assert refusal("board.ports=[[7,4],[7,6],[4,6],[1,3],[0,1],[4,1]]") == (
        "board.ports: (0, 1) is not a place on the mesh of the chip"
    )


@pytest.mark.parametrize("place", ["[1, 1]", "[8, 3]"])
def test_the_event_router_takes_a_free_place(place):
    assert refusal(f"chip.event_router.positions=[{place}]") == (
        f"chip: event_router.positions: ({place[1:-1]}) is not a free place on the mesh"
    )


def test_a_chip_without_event_router_cannot_route_by_it():
    with pytest.raises(SpecError) as refused:
        load_scenario(preset="paper-12pe", overrides=["chip.noc.multicast=event_router"])
    assert str(refused.value).endswith(
        "chip: noc.multicast = 'event_router': the chip has no event_router"
    )
