"""A table of a page: text and numbers as they are shown, with a search box if it is long."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: Rows from which on a table has a search box.
LONG = 8


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; a column whose name ends in ``#`` holds numbers and is set flush right."""

    id: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def headings(self) -> list[tuple[str, bool]]:
        """Name of each column, and whether it holds numbers."""
        return [(name.removesuffix("#").strip(), name.endswith("#")) for name in self.columns]

    @property
    def is_long(self) -> bool:
        """Whether it has a search box."""
        return len(self.rows) >= LONG


def table(id_: str, title: str, columns: Sequence[str], rows: Iterable[Iterable[object]]) -> Table:
    """A table of *rows*, each cell as text."""
    cells = tuple(tuple(str(cell) for cell in row) for row in rows)
    return Table(id_, title, tuple(columns), cells)
