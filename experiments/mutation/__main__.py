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
import gc
import subprocess
import tempfile
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.mutation.areas import GRACE_SECONDS, SLOWER, TREE, Area, areas
from experiments.mutation.page import DOCS, page
from experiments.mutation.results import Results, Trial

if TYPE_CHECKING:
    from experiments.mutation.mutants import Mutant
    from experiments.mutation.reach import Reach
    from experiments.mutation.trial import Outcome


def main() -> None:
    """Try mutants, or write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["run", "page"])
    parser.add_argument("--again", action="store_true", help="try what survived once more")
    parser.add_argument("--area", help="only this one")
    options = parser.parse_args()
    if options.what == "run":
        run(again=options.again, only=options.area)
    (DOCS / "mutation.md").write_text(page())


def run(*, again: bool, only: str | None) -> None:
    """Try the mutants of the sample that have no result yet, or those that survived."""
    from experiments.mutation import mutants, trial
    from experiments.mutation.imports import import_ours, load_kernels

    print(f"---- commit {commit()}", flush=True)
    trial.import_libraries()
    with tempfile.TemporaryDirectory(prefix="spinn2sim-mutation-") as folder:
        tree = trial.copy_of(TREE, Path(folder))
        import_ours(tree)
        load_kernels()
        gc.freeze()
        for area in areas():
            if only in (None, area.name):
                population = [one for file in area.files for one in mutants.mutants(tree, file)]
                Sample(area, mutants.drawn(population, area.seed), tree).run(again=again)


class Sample:
    """The mutants of one area in the order of their trials, in a copy of the tree."""

    def __init__(self, area: Area, order: list[Mutant], tree: Path) -> None:
        self.area, self.order, self.tree = area, order, tree
        self.results = Results.read()
        self.log = tree / "trial.log"
        self.spoilt: dict[str, set[str]] = {}

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
        from experiments.mutation.trial import changed

        path = self.tree / mutant.file
        original = path.read_text()
        source = mutant.source(original)
        if source is None:
            return self._found(mutant, "invalid", [], 0.0)
        where = (self.tree, mutant.file, mutant.line)
        first = self.reach.tests(*where)
        if mutant.file not in self.spoilt:
            self._prove_that_tests_pass(mutant.file, first)
        verdict, seconds = "survived", 0.0
        with changed(path, source):
            for tests in (first, self.reach.others(*where)):
                if tests and verdict == "survived":
                    verdict, more = self._trial(mutant.file, tests)
                    seconds += more
        found = self._found(mutant, verdict, _difference(original, source), seconds)
        print(f"{verdict:9s} {seconds:5.1f} s  {found.words()}", flush=True)
        return found

    @cached_property
    def reach(self) -> Reach:
        """What the tests of the area reach; they pass."""
        from experiments.mutation.reach import Reach
        from experiments.mutation.trial import observe

        to = self.tree / "reach.json"
        if not observe(self.tree, self.area.command(), self.area.files, self.log, to):
            raise SystemExit(f"{self.area.name}: tests fail:\n{self.log.read_text()}")
        reach = Reach.read(to)
        print(f"---- {self.area.name}: {sum(reach.seconds.values()):.1f} s", flush=True)
        return reach

    def _prove_that_tests_pass(self, file: str, first: list[str]) -> None:
        from experiments.mutation.imports import dependents

        self.spoilt[file] = dependents(self.tree, file)
        if first and self._trial(file, first).verdict != "survived":
            raise SystemExit(f"{file}: tests fail without a mutant:\n{self.log.read_text()}")

    def _trial(self, file: str, tests: list[str]) -> Outcome:
        from experiments.mutation.reach import Chosen
        from experiments.mutation.trial import Tests, trial

        limits = {test: SLOWER * self.reach.seconds[test] + GRACE_SECONDS for test in tests}
        files = sorted({test.split("::")[0] for test in tests})
        command = self.area.command(files)
        chosen = Tests(command, [Chosen(tests, limits)], self.spoilt[file])
        return trial(self.tree, chosen, sum(limits.values()), self.log)

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


def _difference(original: str, source: str) -> list[str]:
    """The lines that a mutant changes: taken away with -, put there with +."""
    lines = difflib.unified_diff(original.splitlines(), source.splitlines(), n=0, lineterm="")
    return [line for line in lines if not line.startswith(("---", "+++"))]


@cache
def commit() -> str:
    """The short name of what is mutated, which was copied when the run began."""
    named = subprocess.run(  # noqa: S603 - our own repository
        ["git", "-C", str(TREE), "rev-parse", "--short", "HEAD"],  # noqa: S607 - git is on the path
        check=True,
        capture_output=True,
        text=True,
    )
    return named.stdout.strip()


if __name__ == "__main__":
    main()
