"""What came out of the trials: ``results.jsonl``, a line per mutant, added to as they end."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from experiments.mutation.areas import HERE

if TYPE_CHECKING:
    from experiments.mutation.mutants import Mutant

FILE = HERE / "results.jsonl"


@dataclass(frozen=True, slots=True)
class Trial:
    """One mutant and its verdict: survived, killed, timeout, or invalid (no Python).

    difference: the lines taken away and put there, after one that says where. commit: of the code
    and the tests. seconds: of processor time.
    """

    area: str
    file: str
    operator: str
    occurrence: int
    verdict: str
    difference: list[str]
    seconds: float
    date: str
    commit: str

    @property
    def address(self) -> str:
        """What no other mutant is called, as ``reasons.toml`` has it."""
        return f"{self.file} {self.operator.removeprefix('core/')} {self.occurrence}"

    @property
    def line(self) -> int:
        """The first line that differs, from 1."""
        return int(self.difference[0].split()[1].lstrip("-").split(",")[0])

    def changed(self, sign: str) -> str:
        """The lines that the mutant has taken away (-) or put there (+), as one."""
        lines = (line[1:].strip() for line in self.difference if line.startswith(sign))
        return " ".join(lines)

    def words(self) -> str:
        """File, line, and what became of it."""
        return f"{self.file}:{self.line} {self.changed('-')}  ->  {self.changed('+')}"


class Results:
    """All trials and the number of mutants of each area; later lines replace earlier ones."""

    def __init__(self) -> None:
        self.trials: dict[tuple[str, str, int], Trial] = {}
        self.survived_at_first: set[str] = set()
        self.n_mutants: dict[str, int] = {}

    @classmethod
    def read(cls) -> Results:
        """What the file holds; nothing if there is none."""
        results = cls()
        for line in FILE.read_text().splitlines() if FILE.exists() else ():
            results._take(json.loads(line))
        return results

    def _take(self, entry: dict) -> None:
        if "n_mutants" in entry:
            self.n_mutants[entry["area"]] = entry["n_mutants"]
            return
        trial = Trial(**entry)
        if self.of(trial) is None and trial.verdict == "survived":
            self.survived_at_first.add(trial.address)
        self.trials[trial.file, trial.operator, trial.occurrence] = trial

    def of(self, mutant: Mutant | Trial) -> Trial | None:
        """The last trial of *mutant*."""
        return self.trials.get((mutant.file, mutant.operator, mutant.occurrence))

    def add(self, trial: Trial) -> None:
        """Keep *trial*, on the disk too."""
        self._append(asdict(trial))

    def population(self, area: str, n_mutants: int) -> None:
        """Keep how many mutants *area* has."""
        if self.n_mutants.get(area) != n_mutants:
            self._append({"area": area, "n_mutants": n_mutants})

    def _append(self, entry: dict) -> None:
        with FILE.open("a") as file:
            file.write(json.dumps(entry) + "\n")
        self._take(entry)
