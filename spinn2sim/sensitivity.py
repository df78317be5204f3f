"""How much the verdict leans on each guess: checks with every guess at both ends of its range.

A check is the short run of ``spinn2sim check``; where PEs are few, it also looks for the largest
network. One guess is moved at a time. A choice, such as how multicast is done, is tried the other
way; a guess without a range cannot be moved, and is listed as such.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from spinn2sim.elaboration import load_firmware
from spinn2sim.errors import Spinn2SimError
from spinn2sim.feasibility import largest_network, short_run
from spinn2sim.plain_yaml import write_yaml
from spinn2sim.report import summarise
from spinn2sim.report.guesses import Guess, guesses, shown
from spinn2sim.spec import Scenario
from spinn2sim.trace import Trace
from spinn2sim.validated import validate

Progress = Callable[[float], None]

#: PEs up to which the largest network is looked for: twenty simulations for each end of a guess.
MAX_PES_SEARCHED = 16


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check says with a guess at one value."""

    value: str
    """As a user would write it."""
    fits: bool
    verdict: str
    slack_cycles: int
    chip_mw: float
    """Mean power by the chip model."""
    largest_n_rec: int | None
    """Of the networks that fit in time and in memory on these PEs; None if there is none, or it
    was not looked for."""
    problem: str = ""
    """Why it could not be checked, if so."""


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """A guess and its ends; there are none if it could not be moved, which ``note`` explains."""

    path: str
    value: str
    ends: tuple[Outcome, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class SensitivityReport:
    """The outcome with all guesses as they are, and each moved on its own."""

    now: Outcome
    rows: tuple[Sensitivity, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)


def sensitivity(
    scenario: Scenario, trace: Trace, *, progress: Progress | None = None
) -> SensitivityReport:
    """Move each guess that *trace*, a run of *scenario*, leaned on; *progress* gets shares.

    :raises SpecError: the firmware is not one that a check takes.
    """
    now = _checked(scenario, "now")
    found, rows = guesses(trace), []
    with tempfile.TemporaryDirectory(prefix="spinn2sim-") as folder:
        for number, guess in enumerate(found):
            rows.append(_moved(scenario, trace, guess, now, Path(folder)))
            if progress:
                progress((number + 1) / len(found))
    return SensitivityReport(now, tuple(rows))


def _moved(
    scenario: Scenario, trace: Trace, guess: Guess, now: Outcome, folder: Path
) -> Sensitivity:
    is_cost = guess.path.startswith("costs: ")
    ends = _cost_ends(scenario, trace, guess, folder) if is_cost else _ends(scenario, guess)
    outcomes = []
    for value, content in ends:
        if value == guess.value:
            outcomes.append(Outcome(**{**asdict(now), "value": value}))
            continue
        try:
            outcomes.append(_checked(validate(Scenario, content, guess.path), value))
        except Spinn2SimError as error:
            outcomes.append(Outcome(value, False, "-", 0, 0.0, None, str(error)))  # noqa: FBT003 - fits
    note = "" if outcomes else "no range is known, so it was not moved"
    return Sensitivity(guess.path, guess.value, tuple(outcomes), note)


def _checked(scenario: Scenario, value: str) -> Outcome:
    summary = summarise(short_run(scenario))
    searched = scenario.n_pe <= MAX_PES_SEARCHED
    power = summary.energy_j["chip"] / summary.simulated_s if summary.simulated_s else 0.0
    return Outcome(
        value,
        summary.fits,
        summary.verdict,
        summary.slack_cycles,
        power * 1e3,
        largest_network(scenario).both if searched else None,
    )


def _ends(scenario: Scenario, guess: Guess) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each end of the range of a value of the scenario, or each other choice, with its content.

    Choices that this machine does not have are left out.
    """
    bounds = scenario.provenance[guess.path].range
    for value in bounds or _choices(scenario, guess.path):
        content = _content(scenario)
        group: Any = content
        *parents, last = guess.path.split(".")
        for key in parents:
            group = group[key]
        group[last] = value
        if bounds or _is_possible(content):
            yield _as_shown(guess.path, content, value), content


def _choices(scenario: Scenario, path: str) -> tuple[str, ...]:
    """The choices of the key *path* but the one that was made; none if it is no choice."""
    found: Any = scenario
    *parents, last = path.split(".")
    for key in parents:
        found = getattr(found, key)
    annotation = type(found).model_fields[last].annotation
    choices = get_args(annotation) if get_origin(annotation) is Literal else ()
    return tuple(choice for choice in choices if choice != getattr(found, last))


def _is_possible(content: dict[str, Any]) -> bool:
    try:
        validate(Scenario, content, "")
    except Spinn2SimError:
        return False
    return True


def _as_shown(path: str, content: dict[str, Any], value: Any) -> str:
    """*value* in the words of ``guesses``, so that it can be compared; as it is if refused."""
    try:
        found: Any = validate(Scenario, content, path)
    except Spinn2SimError:
        return str(value)
    for key in path.split("."):
        found = getattr(found, key)
    return shown(path, found)


def _cost_ends(
    scenario: Scenario, trace: Trace, guess: Guess, folder: Path
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each end of a coefficient, in a cost table of its own in *folder*."""
    if "cost_table" not in load_firmware(scenario.firmware).Parameters.model_fields:
        return
    terms = trace.meta["costs"]["terms"]
    number = next(number for number, term in enumerate(terms) if _names(guess, term))
    for cycles in terms[number]["range"]:
        moved = [*terms[:number], {**terms[number], "cycles": cycles}, *terms[number + 1 :]]
        path = folder / f"{number}-{cycles:g}.yaml"
        path.write_text(write_yaml({**trace.meta["costs"], "terms": moved}), encoding="utf-8")
        content = _content(scenario)
        content["parameters"] = {**content["parameters"], "cost_table": str(path)}
        yield f"{cycles:g} cycles per {terms[number]['per']}", content


def _names(guess: Guess, term: dict[str, Any]) -> bool:
    """Whether *guess* is about *term*: its label may be that of several."""
    value = f"{term['cycles']:g} cycles per {term['per']}"
    return (guess.path, guess.value) == (f"costs: {term['label']}", value)


def _content(scenario: Scenario) -> dict[str, Any]:
    return scenario.model_dump(mode="json", exclude_none=True)
