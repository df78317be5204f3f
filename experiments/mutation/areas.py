"""The areas that are mutated, as ``areas.toml`` names them."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
TREE = HERE.parents[1]

#: A mutant's tests may take this much longer than without it, and a few seconds more.
SLOWER, GRACE_SECONDS = 3, 10


@dataclass(frozen=True, slots=True)
class Area:
    """*files* of which *sample* mutants are tried with *tests*, all relative to the tree.

    seed: of the order in which mutants are drawn. without: pytest's addresses of tests that are
    left out.
    """

    name: str
    files: tuple[str, ...]
    sample: int
    tests: tuple[str, ...]
    without: tuple[str, ...]
    seed: int

    def command(self, files: Sequence[str] | None = None) -> list[str]:
        """What pytest is called with, for all tests of the area or those of some *files*."""
        unique = list(dict.fromkeys(name for test in self.tests for name in _found(test)))
        return [
            *("-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not slow"),
            *(f"--deselect={test}" for test in self.without if "::" in test),
            *(files or (test for test in unique if test not in self.without)),
        ]


def _found(pattern: str) -> list[str]:
    if "*" not in pattern:
        return [pattern]
    return sorted(str(path.relative_to(TREE)) for path in TREE.glob(pattern))


def areas() -> list[Area]:
    """All areas in the order of the page."""
    document = tomllib.loads((HERE / "areas.toml").read_text())
    return [
        Area(
            name=area["name"],
            files=tuple(name for pattern in area["files"] for name in _found(pattern)),
            sample=area["sample"],
            tests=tuple(area["tests"]),
            without=tuple(area.get("without", ())),
            seed=area["seed"],
        )
        for area in document["area"]
    ]
