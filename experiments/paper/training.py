"""Accuracies of trained networks: the rows of docs/accuracy.md, and networks of other sizes.

Every function takes a ``Place``: where the training runs are kept, and on what they train. A run
that was stopped goes on, and one that is finished is only read. Accuracies are those of the test
split at the best validation epoch, in percent, mean over the seeds.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from experiments.accuracy_table import (
    CORPUS_SEED,
    OPTIMISER,
    PER_CLASS,
    ROWS,
    Row,
    scenario_of,
    train_row,
)
from firmware_models.eprop.parameters import EpropParameters
from spinn2sim.claims import Found, Place
from spinn2sim.errors import SpecError
from spinn2sim.training.folder import PLAN, RESULTS, Plan
from spinn2sim.training.run import opener
from spinn2sim.validated import validate
from spinn2sim.workload.feature_set import Features
from spinn2sim.workload.synthesis import synthesise

EPOCHS, SEEDS = 12, 3

OPTIMISERS = ("adam", "rmsprop", "momentum", "sgd")

#: Sizes of Table 4's sweep: derivative orders of the features, and recurrent neurons. The paper's
#: own N_rec are not in the text that the project holds; these surround its 120.
ORDERS, N_REC = (0, 1, 2), (30, 60, 120, 240)

#: The two networks that the paper finds to be almost as accurate as each other.
EPROP_360 = Row("eprop-360", "Size", "360 neurons, e-prop", {"n_rec": 360})
BPTT_256 = Row("bptt-256", "Size", "256 neurons, BPTT", {"n_rec": 256}, form="bptt")


def accuracy(place: Place, *, row: str) -> Found:
    """Test accuracy of a row of docs/accuracy.md, %."""
    found = trained(place, _row(row))
    return Found(100 * mean(found), _described(place, found, row))


def best_epoch(place: Place, *, row: str) -> Found:
    """The epoch of the best validation accuracy, mean over the seeds."""
    found = trained(place, _row(row))
    return Found(found["best_epoch_mean"], _described(place, found, row))


def best_rate(place: Place, *, rates: Sequence[float]) -> Found:
    """Which of Adam's learning *rates* gives the best test accuracy."""
    accuracies = {rate: _accuracies(place, "adam")[rate] for rate in rates}
    note = ", ".join(f"{rate:g}: {share:.1%}" for rate, share in accuracies.items())
    return Found(max(accuracies, key=lambda rate: accuracies[rate]), f"{note}; {heard(place)}")


def best_optimiser(place: Place) -> Found:
    """The optimiser whose best rate gives the best test accuracy."""
    best = {name: _best(place, name) for name in OPTIMISERS}
    note = ", ".join(f"{name} {share:.1%}" for name, share in best.items())
    return Found(
        max(best, key=lambda name: best[name]), f"each at its best rate: {note}; {heard(place)}"
    )


def behind_adam(place: Place, *, optimiser: str) -> Found:
    """Points by which the best rate of *optimiser* is behind that of Adam."""
    adam, other = _best(place, "adam"), _best(place, optimiser)
    note = f"adam {adam:.1%}, {optimiser} {other:.1%}; {heard(place)}"
    return Found(100 * (adam - other), note)


def above_chance(place: Place, *, optimiser: str) -> Found:
    """Points by which the best rate of *optimiser* is above naming the most frequent class."""
    chance = trained(place, _row("authors"))["majority_class_share"]
    rates = _accuracies(place, optimiser)
    by_rate = ", ".join(f"{rate:g}: {share:.1%}" for rate, share in rates.items())
    note = f"by rate {by_rate}; most frequent class {chance:.1%}; {heard(place)}"
    return Found(100 * (max(rates.values()) - chance), note)


def bptt_ahead(place: Place) -> Found:
    """Points by which 256 neurons with BPTT are ahead of 360 with e-prop."""
    eprop, bptt = (trained(place, row, seeds=1) for row in (EPROP_360, BPTT_256))
    note = (
        f"360 by e-prop {mean(eprop):.1%}, 256 by BPTT {mean(bptt):.1%}; one seed, {heard(place)}"
    )
    return Found(100 * (mean(bptt) - mean(eprop)), note)


def online_ahead(place: Place) -> Found:
    """Points by which the chip's form of the arithmetic is ahead of the host's fast one."""
    online, fast = (trained(place, _row(row)) for row in ("online", "authors"))
    note = f"{mean(online):.2%} and {mean(fast):.2%}; {heard(place)}"
    return Found(100 * (mean(online) - mean(fast)), note)


def optimisers_table(place: Place) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """Test accuracy of each optimiser and rate."""
    rows = [
        (optimiser, f"{rate:g}", f"{share:.1%}")
        for optimiser in OPTIMISERS
        for rate, share in _accuracies(place, optimiser).items()
    ]
    return ("optimiser", "learning rate", f"test accuracy, {heard(place)}"), rows


def sizes_table(place: Place) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """Table 4: test accuracy by N_in and N_rec, one seed."""
    rows = []
    for n_rec in N_REC:
        shares = [mean(trained(place, size_row(order, n_rec), seeds=1)) for order in ORDERS]
        rows.append((f"{n_rec}", *(f"{share:.1%}" for share in shares)))
    columns = (f"N_rec, {heard(place)}", *(f"N_in = {40 * (1 + order)}" for order in ORDERS))
    return columns, rows


def size_row(order: int, n_rec: int) -> Row:
    """The network with features of *order* and *n_rec* neurons."""
    n_in = 40 * (1 + order)
    parameters = {"n_in": n_in, "n_rec": n_rec}
    return Row(
        f"size-{n_in}-{n_rec}", "Size", f"{n_in} / {n_rec}", parameters, derivative_order=order
    )


def trained(place: Place, row: Row, seeds: int = SEEDS) -> dict[str, Any]:
    """The results of *row*, trained as far as it is not.

    :raises SpecError: the folder holds a run that was trained otherwise.
    """
    given = {"source": corpus(place), "epochs": EPOCHS}
    folder = place.runs / row.key
    _refuse_another(folder, Plan(form=row.form, seeds=seeds, **given))
    features = _features(row.derivative_order, given["source"])
    return train_row(row, folder, features, seeds=seeds, **given)


def corpus(place: Place) -> str:
    """What *place* trains on; without a corpus of its own, synthetic speech that is made there."""
    if place.corpus is not None:
        return str(Path(place.corpus).resolve())
    made = place.runs / "speech"
    if not made.exists():
        synthesise(made, per_class=PER_CLASS, seed=CORPUS_SEED)
    return str(made.resolve())


def heard(place: Place) -> str:
    """The corpus in words: synthetic speech says of itself that it is."""
    source = Path(corpus(place))
    readme = source / "README.md"
    synthetic = readme.is_file() and "Synthetic speech" in readme.read_text(encoding="utf-8")
    return "on synthetic speech" if synthetic else f"on the corpus {source.name}"


def mean(found: dict[str, Any]) -> float:
    """Test accuracy over the seeds, 0 to 1; 0 if all have diverged."""
    return float(found["test_accuracy_mean"]) if found["seeds"] else 0.0


def _best(place: Place, optimiser: str) -> float:
    return max(_accuracies(place, optimiser).values())


def _accuracies(place: Place, optimiser: str) -> dict[float, float]:
    """Of each learning rate of *optimiser* in docs/accuracy.md; the preset's network uses Adam."""
    rows = [_row("authors"), *(row for row in ROWS if row.group == OPTIMISER)]
    used = [validate(EpropParameters, scenario_of(row).parameters, row.key) for row in rows]
    return {
        parameters.learning_rate: mean(trained(place, row))
        for row, parameters in zip(rows, used, strict=True)
        if parameters.optimiser == optimiser
    }


def _row(key: str) -> Row:
    (found,) = (row for row in ROWS if row.key == key)
    return found


@lru_cache
def _features(order: int, source: str) -> Features:
    row = Row("", "", "", derivative_order=order)
    return opener(scenario_of(row), Plan(source=source, form="fast", epochs=1))()


def _described(place: Place, found: dict[str, Any], row: str) -> str:
    day = dt.datetime.fromtimestamp((place.runs / row / RESULTS).stat().st_mtime, dt.UTC).date()
    return f"{heard(place)}, {EPOCHS} epochs, {found['n_seeds']} seeds, trained {day}"


def _refuse_another(folder: Path, plan: Plan) -> None:
    if not (folder / PLAN).is_file():
        return
    held = json.loads((folder / PLAN).read_text(encoding="utf-8"))
    wanted = plan.model_dump(mode="json")
    other = [key for key in ("source", "form", "epochs", "seeds") if held[key] != wanted[key]]
    if other:
        problem = f"was trained with {other[0]} = {held[other[0]]}, not {wanted[other[0]]}"
        raise SpecError(str(folder), (f"{problem}; give another --runs",))
