"""How long work tells how far it is, without knowing who looks on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

#: Called with what is being done, how many are done, and of how many, if that is known.
Progress: TypeAlias = Callable[[str, int, int | None], None]


def silent(doing: str, n_done: int, n_all: int | None) -> None:
    """Tells nobody."""
