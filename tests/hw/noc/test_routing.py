"""Routing tables: walked entry by entry, every multicast reaches its targets and nobody else."""

from collections import Counter

import numpy as np
import pytest

from spinn2sim.errors import RoutingTableError
from spinn2sim.hw.noc.routing import KEY_BITS, Multicast, Route, RoutingTables, minimised
from spinn2sim.hw.noc.torus import Torus
from tests.hw.noc.boards import board_of

#: From one to eight chips.
SIZES = ((1, 1), (2, 1), (1, 3), (2, 2), (5, 1), (3, 2), (7, 1), (4, 2), (2, 4), (8, 1))
STEPS = ((1, 0), (1, 1), (0, 1), (-1, 0), (-1, -1), (0, -1))
N_PLACEMENTS = 200


def random_case(seed):
    """Up to 60 PEs anywhere on up to eight chips, each with up to three multicasts."""
    rng = np.random.default_rng(seed)
    size = SIZES[seed % len(SIZES)]
    n_chips, n_pe = size[0] * size[1], int(rng.integers(2, 61))
    chip_of = rng.integers(0, n_chips, n_pe).tolist()
    groups = [rng.choice(n_pe, rng.integers(1, n_pe + 1), replace=False) for _ in range(4)]
    multicasts = []
    for source in range(n_pe):
        for _ in range(rng.integers(0, 4)):
            targets = groups[rng.integers(4)] if rng.random() < 0.7 else rng.permutation(n_pe)[:3]
            multicasts.append(Multicast(source, tuple(map(int, targets))))
    return size, chip_of, multicasts


def walk(size, tables, chips, start, key):
    """Deliveries of a packet with *key* from chip *start*, by the entries that match it alone."""
    delivered, waiting = Counter(), [(start, None)]
    for _ in range(1000):
        if not waiting:
            return delivered
        chip, came = waiting.pop()
        matching = [entry for entry in tables[chip].entries if key & entry.mask == entry.key]
        assert len(matching) <= 1, "two entries match"
        if matching:
            delivered.update(matching[0].route.pes)
            links = matching[0].route.links
        else:
            assert came is not None, "no entry where the packet starts"
            links = [came]
        for link in links:
            (x, y), (dx, dy) = chips[chip], STEPS[link]
            waiting.append((chips.index(((x + dx) % size[0], (y + dy) % size[1])), link))
    raise AssertionError("it goes round and round")


@pytest.mark.parametrize("seed", range(N_PLACEMENTS))
def test_every_multicast_reaches_exactly_its_targets(seed):
    size, chip_of, multicasts = random_case(seed)
    torus = Torus(board_of(size))
    made = RoutingTables(torus, chip_of, multicasts, 16_384)
    neuron_bits = np.random.default_rng(seed).integers(0, 16, len(made.keys))
    for (multicast, key), neuron in zip(made.keys.items(), neuron_bits, strict=True):
        start = chip_of[multicast.source]
        delivered = walk(size, made.tables, torus.chips, start, key | int(neuron))
        assert delivered == Counter(multicast.targets)


def test_the_table_finds_the_entry_that_matches():
    _, chip_of, multicasts = random_case(7)
    tables = RoutingTables(Torus(board_of((4, 2))), chip_of, multicasts, 16_384)
    for table in tables.tables:
        for key in tables.keys.values():
            matching = [entry.route for entry in table.entries if key & entry.mask == entry.key]
            assert table.lookup(key) == (matching[0] if matching else None)


def test_keys_of_different_multicasts_differ_above_the_neuron_bits():
    _, chip_of, multicasts = random_case(11)
    keys = list(RoutingTables(Torus(board_of((1, 3))), chip_of, multicasts, 16_384).keys.values())
    assert len({key >> 8 for key in keys}) == len(keys)


def test_a_key_is_its_source_then_its_number_then_zeros():
    """1,000 sources take 10 bits, eight multicasts of one take 3."""
    some = [Multicast(999, (target,)) for target in range(8)] + [Multicast(1, (0,))]
    keys = RoutingTables(Torus(None), [0] * 1_000, some, 16_384).keys
    assert list(keys.values()) == [
        *((999 << 3 | number) << KEY_BITS - 13 for number in range(8)),
        1 << KEY_BITS - 10,
    ]


def test_keys_side_by_side_with_one_route_take_one_entry():
    east = Route(frozenset({0}), frozenset())
    assert len(minimised({key << 8: east for key in range(148)})) == 1


def test_a_key_that_goes_straight_on_is_matched_by_no_entry():
    east = Route(frozenset({0}), frozenset())
    routes = {key << 8: east for key in range(16)} | {5 << 8: None}
    entries = minimised(routes)
    assert not any(5 << 8 & entry.mask == entry.key for entry in entries)
    assert len(entries) == 4


def test_two_entries_that_differ_in_one_bit_become_one():
    here, there = (Route(frozenset(), frozenset({pe})) for pe in (1, 2))
    routes = {0b00 << 8: here, 0b01 << 8: there, 0b10 << 8: here, 0b11 << 8: there}
    assert len(minimised(routes)) == 2


def test_a_packet_through_a_chip_takes_no_entry_there():
    tables = RoutingTables(Torus(board_of((5, 1))), [0, 2], [Multicast(0, (1,))], 16_384).tables
    assert [len(table.entries) for table in tables] == [1, 0, 1, 0, 0]


def test_all_to_all_over_nine_chips_takes_few_entries():
    """148 PEs on each: an entry for each PE of the chip, and some for each of the other chips."""
    chip_of = [chip for chip in range(9) for _ in range(148)]
    everyone = range(len(chip_of))
    multicasts = [
        Multicast(pe, tuple(set(everyone) - {pe})) for pe in (*range(300), *range(600, 700))
    ]
    tables = RoutingTables(Torus(board_of((3, 3))), chip_of, multicasts, 16_384).tables
    assert 148 <= max(len(table.entries) for table in tables) <= 148 + 8 * 16


def test_too_many_entries_are_refused():
    multicasts = [Multicast(0, (1, 2)), Multicast(1, (0, 3)), Multicast(2, (0, 1))]
    with pytest.raises(RoutingTableError) as refused:
        RoutingTables(Torus(board_of((2, 1))), [0, 0, 0, 1], multicasts, 2)
    assert str(refused.value) == (
        "chip (0,0): 3 routing entries do not fit in the 2 of its event router; send to fewer "
        "groups of PEs, place groups on whole chips, or set chip.noc.multicast=tree"
    )
