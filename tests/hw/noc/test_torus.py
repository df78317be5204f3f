"""Chips on a torus: neighbours, boards and ways, against a flood over the neighbours alone."""

from collections import Counter

import pytest

from spinn2sim.hw.noc.torus import DIRECTIONS, Torus, opposite
from tests.hw.noc.boards import board_of

SHAPES = {
    "1 x 1": ("rectangle", (1, 1)),
    "2 x 1": ("rectangle", (2, 1)),
    "3 x 3": ("rectangle", (3, 3)),
    "8 x 6": ("rectangle", (8, 6)),
    "a hexagon": ("hexagon", (8, 8)),
    "three hexagons": ("hexagon", (12, 12)),
    "six hexagons": ("hexagon", (24, 12)),
}


@pytest.fixture(params=SHAPES, name="torus")
def a_torus(request):
    outline, size = SHAPES[request.param]
    return Torus(board_of(size, outline=outline))


def distances(torus, start):
    found, ring = {start: 0}, [start]
    while ring:
        ahead = {torus.neighbour(chip, way) for chip in ring for way in range(6)} - {None}
        ring = sorted(ahead - set(found))
        found |= dict.fromkeys(ring, max(found.values()) + 1)
    return found


def test_each_chip_has_a_position_of_its_own(torus):
    assert len(set(torus.chips)) == len(torus.chips)
    assert torus.chips[0] == (0, 0)


def test_every_link_has_one_that_leads_back(torus):
    for chip in range(len(torus.chips)):
        for direction in range(6):
            other = torus.neighbour(chip, direction)
            if other is not None:
                assert torus.neighbour(other, opposite(direction)) == chip


def test_a_neighbour_is_a_step_away_or_on_the_far_side(torus):
    width = max(x for x, _ in torus.chips) + 1
    height = max(y for _, y in torus.chips) + 1
    inside = 0
    for chip, (x, y) in enumerate(torus.chips):
        for direction, (dx, dy) in enumerate(DIRECTIONS):
            other = torus.neighbour(chip, direction)
            if (x + dx, y + dy) in torus.chips:
                assert torus.chips[other] == (x + dx, y + dy)
                inside += 1
    assert inside or width * height == 1


def test_paths_are_shortest_and_arrive(torus):
    for start in range(0, len(torus.chips), 5):
        for end, distance in distances(torus, start).items():
            chip, path = start, torus.path(start, end)
            for direction in path:
                chip = torus.neighbour(chip, direction)
            assert (chip, len(path)) == (end, distance)


def test_the_way_to_a_chip_on_a_path_is_the_beginning_of_the_path(torus):
    for end in range(len(torus.chips)):
        chip, path = 0, torus.path(0, end)
        for n_steps, direction in enumerate(path):
            assert torus.path(0, chip) == path[:n_steps]
            chip = torus.neighbour(chip, direction)


def test_all_chips_are_reached(torus):
    assert len(distances(torus, 0)) == len(torus.chips)


def test_a_path_goes_diagonal_first_then_x_then_y():
    torus = Torus(board_of((8, 6)))
    at = {position: chip for chip, position in enumerate(torus.chips)}
    assert torus.path(at[0, 0], at[3, 2]) == (1, 1, 0)
    assert torus.path(at[0, 0], at[1, 3]) == (1, 2, 2)
    assert torus.path(at[1, 0], at[0, 1]) == (3, 2)
    assert torus.path(at[0, 0], at[7, 5]) == (4,)


@pytest.mark.parametrize(("size", "n_boards"), [((12, 12), 3), ((24, 12), 6)])
def test_hexagonal_boards_carry_48_chips_each(size, n_boards):
    torus = Torus(board_of(size, outline="hexagon"))
    boards = []
    left = set(range(len(torus.chips)))
    while left:
        board, ring = set(), {min(left)}
        while ring:
            board |= ring
            ring = {
                other
                for chip in ring
                for way in range(6)
                if not torus.between_boards(chip, other := torus.neighbour(chip, way))
            } - board
        boards.append(board)
        left -= board
    assert Counter(map(len, boards)) == {48: n_boards}


def test_one_board_has_no_link_to_another():
    for outline, size in (("rectangle", (8, 6)), ("hexagon", (8, 8))):
        torus = Torus(board_of(size, outline=outline))
        ways = [(chip, way) for chip in range(48) for way in range(6)]
        assert not any(torus.between_boards(chip, torus.neighbour(chip, way)) for chip, way in ways)
