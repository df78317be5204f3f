"""Mutation testing: a seeded sample of mutants of each area, tried one by one.

    python -m experiments.mutation run            # goes on where it was stopped
    python -m experiments.mutation run --again    # what survived, after tests were added
    python -m experiments.mutation page           # writes docs/mutation.md

Mutants come from Cosmic Ray (`pip install -e '.[mutation]'`). What came out stands in
``results.jsonl``, a line for each mutant; why survivors live, in ``reasons.toml``.
"""

from __future__ import annotations

import argparse
import datetime as dt
import difflib
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.mutation.areas import GRACE_SECONDS, SLOWER, TREE, Area, areas
from experiments.mutation.page import DOCS, page
from experiments.mutation.results import Results, Trial

if TYPE_CHECKING:
    from experiments.mutation.mutants import Mutant


def main() -> None:
    """Try mutants, or write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["run", "page"])
    parser.add_argument("--again", action="store_true", help="try what survived once more")
    parser.add_argument("--area", help="only this one")
    parser.add_argument(
        "--usual", type=float, help="seconds of the tests, known to pass; else they are run first"
    )
    options = parser.parse_args()
    if options.what == "run":
        run(again=options.again, only=options.area, usual=options.usual)
    (DOCS / "mutation.md").write_text(page())


def run(*, again: bool, only: str | None, usual: float | None = None) -> None:
    """Try the mutants of the sample that have no result yet, or those that survived."""
    from experiments.mutation import mutants, trial

    seed, chosen = areas()
    trial.import_libraries()
    with tempfile.TemporaryDirectory(prefix="spinn2sim-mutation-") as folder:
        tree = trial.copy_of(TREE, Path(folder))
        for area in chosen:
            if only in (None, area.name):
                population = [one for file in area.files for one in mutants.mutants(tree, file)]
                order = mutants.drawn(population, seed)
                Sample(area, order, tree, usual).run(again=again)


class Sample:
    """The mutants of one area in the order of their trials, in a copy of the tree."""

    def __init__(self, area: Area, order: list[Mutant], tree: Path, usual: float | None) -> None:
        self.area, self.order, self.tree, self.usual = area, order, tree, usual
        self.results = Results.read()
        self.usual_seconds: dict[frozenset[str], float] = {}

    def run(self, *, again: bool) -> None:
        """Go through the order until the sample is as large as the area asks for."""
        self.results.population(self.area.name, len(self.order))
        n_tried = 0
        for mutant in self.order:
            if n_tried == self.area.sample:
                return
            known = self.results.of(mutant)
            if known is None or (again and known.verdict == "survived"):
                known = self._try(mutant)
                self.results.add(known)
            n_tried += known.verdict != "invalid"

    def _try(self, mutant: Mutant) -> Trial:
        from experiments.mutation.trial import changed, trial

        path = self.tree / mutant.file
        original = path.read_text()
        source = mutant.source(original)
        if source is None:
            return self._found(mutant, "invalid", [], 0.0)
        command = self.area.command(mutant.file)
        limit = SLOWER * self._usual(mutant.file, command) + GRACE_SECONDS
        with changed(path, source):
            verdict, seconds = trial(self.tree, command, limit, self.tree / "trial.log")
        found = self._found(mutant, verdict, _difference(original, source), seconds)
        print(f"{verdict:9s} {seconds:5.1f} s  {found.words()}", flush=True)
        return found

    def _found(self, mutant: Mutant, verdict: str, difference: list[str], seconds: float) -> Trial:
        return Trial(
            area=self.area.name,
            file=mutant.file,
            operator=mutant.operator,
            occurrence=mutant.occurrence,
            verdict=verdict,
            difference=difference,
            seconds=round(seconds, 1),
            date=dt.datetime.now(tz=dt.UTC).date().isoformat(),
            commit=commit(),
        )

    def _usual(self, file: str, command: list[str]) -> float:
        """Processor time of the tests of *file* without a mutant; they must pass."""
        from experiments.mutation.trial import trial

        if self.usual is not None:
            return self.usual
        tests = frozenset(command)
        if tests not in self.usual_seconds:
            log = self.tree / "trial.log"
            verdict, seconds = trial(self.tree, command, 600, log)
            if verdict != "survived":
                raise SystemExit(f"{file}: its tests fail without a mutant:\n{log.read_text()}")
            print(f"---- {file}: {seconds:.1f} s", flush=True)
            self.usual_seconds[tests] = seconds
        return self.usual_seconds[tests]


def _difference(original: str, source: str) -> list[str]:
    """The lines that a mutant changes: taken away with -, put there with +."""
    lines = difflib.unified_diff(original.splitlines(), source.splitlines(), n=0, lineterm="")
    return [line for line in lines if not line.startswith(("---", "+++"))]


def commit() -> str:
    """The short name of what is mutated."""
    named = subprocess.run(  # noqa: S603 - our own repository
        ["git", "-C", str(TREE), "rev-parse", "--short", "HEAD"],  # noqa: S607 - git is on the path
        check=True,
        capture_output=True,
        text=True,
    )
    return named.stdout.strip()


if __name__ == "__main__":
    main()
