"""The study of a search: Optuna proposes trials, batch by batch, and remembers them in a file.

Each batch is proposed by a sampler with a seed of its own, from the trials before it. So a search
that was killed proposes the same trials after it has finished what it had begun.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from spinn2sim.errors import MissingExtraError, StoreError
from spinn2sim.explore.axes import Changes, Range, Values
from spinn2sim.explore.search_file import Search

JOURNAL = "study.journal"

#: What a trial without figures misses each constraint by, so that the sampler steers away.
FAR = 1e9


def optuna() -> Any:
    """The library that proposes.

    :raises MissingExtraError: it is not installed.
    """
    try:
        import optuna as library
    except ImportError:
        raise MissingExtraError("a search", "optuna", "sweep") from None
    library.logging.set_verbosity(library.logging.ERROR)
    return library


class Study:
    """The trials of *search*, kept in *folder*."""

    def __init__(self, search: Search, folder: Path) -> None:
        self._optuna, self._search = optuna(), search
        self._shortfalls: dict[int, list[float]] = {}
        directions = ["minimize"] * len(search.minimise) + ["maximize"] * len(search.maximise)
        try:
            journal = self._optuna.storages.journal.JournalFileBackend(str(folder / JOURNAL))
            self._study = self._optuna.create_study(
                storage=self._optuna.storages.JournalStorage(journal),
                study_name=search.name,
                directions=directions,
                load_if_exists=True,
            )
        except (KeyError, ValueError, OSError) as error:
            problem = f"no journal of this search ({error})"
            raise StoreError(str(folder / JOURNAL), problem, "choose another --out") from None
        self._begin_batch(0)

    def trials(self) -> dict[int, Changes]:
        """The changes of all trials so far, by number; without those a kill has left half made."""
        whole = {}
        for trial in self._study.get_trials(deepcopy=False):
            if set(trial.params) == set(self._search.space):
                whole[trial.number] = {path: trial.params[path] for path in self._search.space}
            elif not trial.state.is_finished():
                self._study.tell(trial.number, state=self._optuna.trial.TrialState.FAIL)
        return whole

    def propose(self, n: int) -> dict[int, Changes]:
        """*n* new trials, by number."""
        n_before = len(self._study.get_trials(deepcopy=False))
        self._begin_batch(n_before)
        found = {}
        for _ in range(n):
            trial = self._study.ask()
            found[trial.number] = {
                path: _suggest(trial, path, values) for path, values in self._search.space.items()
            }
        return found

    def _begin_batch(self, n_before: int) -> None:
        """A sampler of its own; it also notes by how much a trial that is told misses."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of features that Optuna calls experimental
            self._study.sampler = self._optuna.samplers.TPESampler(
                seed=self._search.seed + n_before,
                multivariate=True,
                constant_liar=True,
                constraints_func=self._constraints if self._search.constraints else None,
            )

    def tell(self, number: int, outcome: Mapping[str, Any]) -> None:
        """What has become of trial *number*: objectives and constraints, if it has them."""
        values = [outcome.get(name) for name in self._search.objectives]
        self._shortfalls[number] = _shortfalls(self._search, outcome)
        failed = any(value is None for value in values)
        state = self._optuna.trial.TrialState.FAIL if failed else None
        self._study.tell(
            number,
            None if failed else [float(value) for value in values if value is not None],
            state=state,
            skip_if_finished=True,
        )

    def _constraints(self, trial: Any) -> Sequence[float]:
        return self._shortfalls.get(trial.number, [FAR] * len(self._search.constraints))


def _shortfalls(search: Search, outcome: Mapping[str, Any]) -> list[float]:
    found = []
    for each in search.comparisons:
        value = outcome.get(each.left)
        found.append(FAR if value is None else each.shortfall(float(value)))
    return found


def _suggest(trial: Any, path: str, values: Values) -> Any:
    if not isinstance(values, Range):
        return trial.suggest_categorical(path, list(values))
    log = values.scale == "log"
    whole = isinstance(values.low, int) and isinstance(values.high, int)
    step = values.step
    if whole and (step is None or isinstance(step, int)):
        return trial.suggest_int(path, values.low, values.high, step=step or 1, log=log)
    return trial.suggest_float(path, values.low, values.high, step=step, log=log)
