"""Multicast trees: which links a packet takes after each link, as nested choices and as rows."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

#: By link: the links to take after it. A link to a PE has none.
Branches: TypeAlias = dict[int, "Branches"]


def rows_of(first_link: int, roots: list[Branches]) -> NDArray[np.int64]:
    """The nodes of trees that all begin with *first_link*, breadth first (``Topology.trees``)."""
    links, nodes = [first_link] * len(roots), list(roots)
    for branches in nodes:  # which grows meanwhile
        links += branches
        nodes += branches.values()
    n_children = np.fromiter(map(len, nodes), np.int64, len(nodes))
    first = len(roots) + np.cumsum(n_children) - n_children
    n_targets = [1] * len(nodes)
    for node in np.flatnonzero(n_children)[::-1].tolist():
        n_targets[node] = sum(n_targets[first[node] : first[node] + n_children[node]])
    return np.stack([np.array(links, np.int64), first, n_children, np.array(n_targets)], axis=1)
