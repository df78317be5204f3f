"""Multicast trees: which links a packet takes after each link, as nested choices and as rows."""

from __future__ import annotations

from collections import deque
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

#: By link: the links to take after it. A link to a PE has none.
Branches: TypeAlias = dict[int, "Branches"]


def rows_of(first_link: int, roots: list[Branches]) -> NDArray[np.int64]:
    """The nodes of trees that all begin with *first_link*, breadth first (``Topology.trees``)."""
    waiting = deque((first_link, branches) for branches in roots)
    rows, n_rows = [], len(roots)
    while waiting:
        link, branches = waiting.popleft()
        rows.append([link, n_rows, len(branches), 0 if branches else 1])
        n_rows += len(branches)
        waiting.extend(branches.items())
    for row in reversed(rows):
        _, first, n_children, _ = row
        if n_children:
            row[3] = sum(child[3] for child in rows[first : first + n_children])
    return np.array(rows, np.int64)
