"""The areas that are mutated, as ``areas.toml`` names them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
TREE = HERE.parents[1]

#: A mutant's tests may take this much longer than without it, and a few seconds more.
SLOWER, GRACE_SECONDS = 3, 5


@dataclass(frozen=True, slots=True)
class Area:
    """*files* of which *sample* mutants are tried with *tests*, all relative to the tree.

    first: tests that belong to one file, by that file. without: pytest's addresses of tests that
    are left out.
    """

    name: str
    files: tuple[str, ...]
    sample: int
    tests: tuple[str, ...]
    without: tuple[str, ...]
    first: dict[str, list[str]]

    def command(self, file: str) -> list[str]:
        """What pytest is called with for a mutant of *file*."""
        tests = [*self.first.get(file, ()), *self.tests]
        if file.startswith("spinn2sim/report/"):
            own = f"tests/report/test_{Path(file).stem}.py"
            tests = [own, *tests] if (TREE / own).exists() else tests
        unique = list(dict.fromkeys(name for test in tests for name in _found(test)))
        return [
            *("-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not slow"),
            *(f"--deselect={test}" for test in self.without if "::" in test),
            *(test for test in unique if test not in self.without),
        ]


def _found(pattern: str) -> list[str]:
    if "*" not in pattern:
        return [pattern]
    return sorted(str(path.relative_to(TREE)) for path in TREE.glob(pattern))


def areas() -> tuple[int, list[Area]]:
    """The seed, and all areas in the order of the page."""
    document = tomllib.loads((HERE / "areas.toml").read_text())
    return document["seed"], [
        Area(
            name=area["name"],
            files=tuple(name for pattern in area["files"] for name in _found(pattern)),
            sample=area["sample"],
            tests=tuple(area["tests"]),
            without=tuple(area.get("without", ())),
            first=document["first"],
        )
        for area in document["area"]
    ]
