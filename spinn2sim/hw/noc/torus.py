"""Chips on a hexagonal torus: who is next to whom, on which board, and the way from one to another.

A torus is the plane of positions (x, y) modulo a lattice. That of a rectangle is spanned by its
sides; a hexagon of 48 chips repeats at (4, 8) and (8, 4), and three of them fill 12 x 12.
"""

from __future__ import annotations

from itertools import product
from typing import TypeAlias

from spinn2sim.spec.board import BOARD_SIDE, TRIAD_SIDE, BoardSpec

ChipPosition: TypeAlias = tuple[int, int]

#: Step of each of the six links of a chip; link d + 3 leads back, and d is where it arrives.
DIRECTIONS: tuple[ChipPosition, ...] = ((1, 0), (1, 1), (0, 1), (-1, 0), (-1, -1), (0, -1))

#: Last step of a path, by preference: y, x, diagonal. So paths go diagonal first, then x, then y.
LAST_STEPS = (2, 5, 0, 3, 1, 4)

#: Where the corner of each hexagon of a triad lies.
CORNERS: tuple[ChipPosition, ...] = ((0, 0), (4, 8), (8, 4))

#: Columns of a hexagonal board, by row.
HEXAGON: tuple[tuple[int, int], ...] = (
    *((0, 4), (0, 5), (0, 6), (0, 7)),
    *((1, 7), (2, 7), (3, 7), (4, 7)),
)


def opposite(direction: int) -> int:
    """The link that leads back."""
    return (direction + 3) % len(DIRECTIONS)


class Torus:
    """The chips of *board*, numbered board by board and row by row; without a board just one."""

    def __init__(self, board: BoardSpec | None) -> None:
        self._size = board.size if board else (1, 1)
        self._closed = board is not None and board.is_single_hexagon
        hexagons = board is not None and board.outline == "hexagon"
        self._board_at = (
            _hexagons(*self._size) if hexagons else dict.fromkeys(_cells(*self._size), 0)
        )
        self.chips = tuple(self._board_at)
        """Position of each chip."""
        self._number = {position: number for number, position in enumerate(self.chips)}
        self._paths = self._paths_from_origin()

    def neighbour(self, chip: int, direction: int) -> int | None:
        """The chip to which link *direction* of *chip* leads; None if that is itself: no link."""
        x, y = self.chips[chip]
        dx, dy = DIRECTIONS[direction]
        number = self._at(x + dx, y + dy)
        return None if number == chip else number

    def ahead(self, chip: int, direction: int) -> int:
        """The chip to which link *direction* of *chip* leads; there must be such a link."""
        number = self.neighbour(chip, direction)
        assert number is not None, "no link leads from a chip to itself"
        return number

    def between_boards(self, chip: int, other: int) -> bool:
        """Whether the link between neighbours leads to another board."""
        return self._board_at[self.chips[chip]] != self._board_at[self.chips[other]]

    def path(self, start: int, end: int) -> tuple[int, ...]:
        """Directions to take from *start* to *end*: a shortest way, diagonal first, then x, then y.

        Paths from one chip make a tree: the way to a chip on the path is the beginning of the path.
        """
        (x0, y0), (x1, y1) = self.chips[start], self.chips[end]
        return self._paths[self._at(x1 - x0, y1 - y0)]

    def _before(self, chip: int, direction: int) -> int:
        (x, y), (dx, dy) = self.chips[chip], DIRECTIONS[direction]
        return self._at(x - dx, y - dy)

    def _paths_from_origin(self) -> dict[int, tuple[int, ...]]:
        """The way to each chip from chip 0, which is at the origin, nearest first."""
        paths: dict[int, tuple[int, ...]] = {0: ()}
        ring = [0]
        while ring:
            ahead = {self._before(chip, back) for chip in ring for back in range(len(DIRECTIONS))}
            known, ring = dict(paths), sorted(ahead - set(paths))
            for chip in ring:
                before = {last: self._before(chip, last) for last in LAST_STEPS}
                last = next(last for last in LAST_STEPS if before[last] in known)
                paths[chip] = (*known[before[last]], last)
        return paths

    def _at(self, x: int, y: int) -> int:
        """The chip at (x, y), wherever on the plane that is."""
        if not self._closed:
            return self._number[x % self._size[0], y % self._size[1]]
        side = range(-TRIAD_SIDE, TRIAD_SIDE + 1, TRIAD_SIDE)
        images = (
            ((x - dx) % TRIAD_SIDE + ex, (y - dy) % TRIAD_SIDE + ey)
            for dx, dy in CORNERS
            for ex, ey in product(side, side)
        )
        return next(self._number[image] for image in images if image in self._number)


def _cells(width: int, height: int) -> list[ChipPosition]:
    return [(x, y) for y in range(height) for x in range(width)]


def _hexagon() -> list[ChipPosition]:
    return [(x, y) for y, (low, high) in enumerate(HEXAGON) for x in range(low, high + 1)]


def _hexagons(width: int, height: int) -> dict[ChipPosition, int]:
    """Number of the board at each position."""
    if (width, height) == (BOARD_SIDE, BOARD_SIDE):
        return dict.fromkeys(_hexagon(), 0)
    origins = [
        (dx + cx, dy + cy)
        for dy in range(0, height, TRIAD_SIDE)
        for dx in range(0, width, TRIAD_SIDE)
        for cx, cy in CORNERS
    ]
    return {
        ((x + dx) % width, (y + dy) % height): board
        for board, (dx, dy) in enumerate(origins)
        for x, y in _hexagon()
    }
