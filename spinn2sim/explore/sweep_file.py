"""A sweep as a user states it: a base scenario, axes, fidelities, what to leave out, what to keep.

::

    name: clock-and-neurons
    base: {preset: paper-12pe, machine: spinnaker2}
    axes:
      - grid:
          chip.pe.clock: [65MHz, 150MHz, 300MHz]
          parameters.n_rec: {low: 20, high: 300, step: 20}
    where: [n_pe <= parameters.n_rec]
    fidelities: [check, {fidelity: simulate, at_most: 200}]
    constraints: [slack_cycles >= 0]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from spinn2sim.errors import MissingFileError, SpecError
from spinn2sim.explore.axes import MAX_POINTS, Axis
from spinn2sim.explore.fields import with_fields
from spinn2sim.plain_yaml import read_yaml, write_yaml
from spinn2sim.quantity import Within
from spinn2sim.spec import Scenario, load_scenario
from spinn2sim.validated import Validated, validate

Name = Annotated[str, Field(pattern=r"^\w[\w.-]{0,79}$")]
"""Also the name of a folder."""


class Base(Validated):
    """The scenario that all points begin with: a preset, a file, or written out."""

    preset: str | None = None
    file: str | None = None
    """Path, from the folder of the sweep file or else from the current one."""
    scenario: dict[str, Any] | None = None
    """All of it, resolved, as ``sweep.yaml`` in the folder of a sweep has it."""
    machine: str | None = None
    """The preset of another machine to rest on."""
    set: dict[str, Any] = Field(default_factory=dict)
    """Values by field path that all points share."""

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if sum(each is not None for each in (self.preset, self.file, self.scenario)) != 1:
            raise ValueError("give one of preset, file or scenario")
        return self

    def load(self, folder: Path) -> Scenario:
        """The scenario; files are looked for in *folder* first.

        :raises Spinn2SimError: it cannot be read or used.
        """
        if self.scenario is not None:
            found = validate(Scenario, self.scenario, "base.scenario")
        else:
            beside = folder / self.file if self.file else None
            path = beside if beside and beside.is_file() else self.file
            found = load_scenario(path, preset=self.preset, machine=self.machine)
        return with_fields(found, self.set)


def as_fidelity(content: object) -> object:
    """A name alone stands for the fidelity without settings."""
    return {"fidelity": content} if isinstance(content, str) else content


class Fidelity(Validated):
    """How closely to look, and at which of the points."""

    fidelity: str
    """One of those in ``fidelities``: check, simulate, train, limits."""
    where: tuple[str, ...] = ()
    """Comparisons of fields: only points for which they hold."""
    at_most: Annotated[int, Within(1, MAX_POINTS, "point")] | None = None
    """Only so many, spread over all of them."""
    settings: dict[str, Any] = Field(default_factory=dict)
    """What the fidelity itself needs to know."""


class Sweep(Validated):
    """A question about many scenarios."""

    name: Name
    base: Base
    axes: tuple[Axis, ...] = ()
    """The points are all combinations of these."""
    where: tuple[str, ...] = ()
    """Comparisons of fields; points for which one does not hold are left out."""
    fidelities: Annotated[
        tuple[Annotated[Fidelity, BeforeValidator(as_fidelity)], ...], Field(min_length=1)
    ] = (Fidelity(fidelity="check"),)
    constraints: tuple[str, ...] = ()
    """Comparisons of outputs; the column ``feasible`` says whether they hold."""
    outputs: tuple[str, ...] = ()
    """Columns of the table, ``*`` for any text; all of them if none is named."""
    seeds: Literal["point", "base"] = "point"
    """Each point draws a seed from its own content, or all use that of the base. An axis ``seed``
    wins over both."""
    seed: Annotated[int, Within(0, 2**31, "1")] = 0
    """Of random axes."""

    @model_validator(mode="after")
    def _each_field_is_on_one_axis(self) -> Self:
        uses = Counter(path for axis in self.axes for path in axis.fields)
        twice = [path for path, n in uses.items() if n > 1]
        if twice:
            raise ValueError(f"axes: {twice[0]!r} is on two of them")
        return self

    @property
    def fields(self) -> tuple[str, ...]:
        """The field paths on its axes, in order."""
        return tuple(path for axis in self.axes for path in axis.fields)


def load_sweep(path: Path) -> tuple[Sweep, Scenario]:
    """The sweep in the file *path* and its base scenario.

    :raises MissingFileError: there is no such file.
    :raises SpecError: something in it cannot be used.
    """
    sweep = _validated(read_mapping(path, "sweep"), str(path))
    return sweep, sweep.base.load(path.parent)


def make_sweep(content: Mapping[str, Any], where: str) -> tuple[Sweep, Scenario]:
    """The sweep that *content* states, and its base scenario.

    :raises SpecError: something in it cannot be used.
    """
    sweep = _validated(content, where)
    return sweep, sweep.base.load(Path())


def _validated(content: Any, where: str) -> Sweep:
    """Parts of lists on their own first, so that a misspelt key is told with the nearest one."""
    for name, model in (("axes", Axis), ("fidelities", Fidelity)):
        parts = content.get(name) if isinstance(content, Mapping) else None
        for place, part in enumerate(parts if isinstance(parts, list | tuple) else ()):
            if isinstance(part, Mapping):
                validate(model, part, f"{where}: {name}.{place}")
    return validate(Sweep, content, where)


def dump_sweep(sweep: Sweep, scenario: Scenario) -> str:
    """*sweep* as YAML that rests on no other file, *scenario* being its base."""
    content = sweep.model_dump(mode="json", exclude_none=True)
    base = {"scenario": scenario.model_dump(mode="json", exclude_none=True)}
    return write_yaml({**content, "base": base})


def read_mapping(path: Path, what: str) -> Any:
    """What the YAML file *path* holds.

    :raises MissingFileError: there is none.
    :raises SpecError: it is not plain YAML.
    """
    if not path.is_file():
        raise MissingFileError(what, str(path), "check the path")
    try:
        return read_yaml(path.read_text(encoding="utf-8"), str(path))
    except UnicodeDecodeError:
        raise SpecError(str(path), ("not a text file",)) from None
