"""Field paths: what an axis may change, from ``chip.pe.clock`` to ``parameters.n_rec``.

Two kinds of path stand for no field of a scenario, but for a variant of it: ``memory`` and
``costs.FUNCTION`` (see ``variant``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spinn2sim.elaboration import load_firmware
from spinn2sim.errors import SpecError
from spinn2sim.spec import Scenario
from spinn2sim.spec.provenance import HARDWARE, USER
from spinn2sim.validated import Validated, nearest, validate

#: The group of a scenario whose keys its firmware knows.
PARAMETERS = "parameters"


def with_fields(scenario: Scenario, values: Mapping[str, Any]) -> Scenario:
    """*scenario* with *values* by field path, validated anew; hardware values become the user's.

    :raises SpecError: a value cannot be used.
    """
    try:
        return _with(scenario, values)
    except SpecError:  # Say it anew with whole paths.
        content = scenario.model_dump()
        for path, value in values.items():
            group = content
            *parents, last = path.split(".")
            for key in parents:
                group = group[key]
            group[last] = value
        return validate(Scenario, content, "scenario")


def _with(scenario: Scenario, values: Mapping[str, Any]) -> Scenario:
    """Only what *values* touch is validated: a sweep makes thousands of scenarios."""
    groups: dict[str, dict[str, Any]] = {}
    content: dict[str, Any] = dict(scenario)
    for path, value in values.items():
        head, _, rest = path.partition(".")
        if rest:
            groups.setdefault(head, {})[rest] = value
        else:
            content[head] = value
    for head, inner in groups.items():
        content[head] = _with_inner(getattr(scenario, head), inner)
    users = [path for path in values if path.partition(".")[0] in HARDWARE]
    if users:
        content["provenance"] = scenario.provenance | dict.fromkeys(users, USER)
    return validate(Scenario, content, "scenario")


def _with_inner(group: Any, values: Mapping[str, Any]) -> Any:
    content = dict(group)
    for path, value in values.items():
        head, _, rest = path.partition(".")
        content[head] = _with_inner(content[head], {rest: value}) if rest else value
    return validate(type(group), content, "scenario") if isinstance(group, Validated) else content


def is_field(scenario: Scenario, path: str) -> bool:
    """Whether *path* leads to a field of *scenario*."""
    found: object = scenario
    for key in path.split("."):
        if key not in _keys(scenario, found):
            return False
        found = _below(found, key)
    return True


def refuse_unknown_field(scenario: Scenario, path: str, where: str) -> None:
    """:raises SpecError: *path* is no field of *scenario*, or a whole group of fields."""
    found: object = scenario
    for key in path.split("."):
        known = _keys(scenario, found)
        if key not in known:
            raise SpecError(where, (f"no field {path!r}{nearest(key, known, 'fields')}",))
        found = _below(found, key)
    if isinstance(found, Validated) or path in (PARAMETERS, "provenance"):
        problem = f"{path!r} is a group of fields{nearest('', _keys(scenario, found), 'fields')}"
        raise SpecError(where, (problem,))


def field_value(scenario: Scenario, path: str) -> Any:
    """The value at *path*, a field of *scenario*; a parameter's default if it is not given."""
    group, _, name = path.partition(".")
    if group == PARAMETERS:
        known = _parameter_fields(scenario)
        return scenario.parameters.get(name, known[name].default if name in known else None)
    found: object = scenario
    for key in path.split("."):
        found = _below(found, key)
    return found


def _keys(scenario: Scenario, found: object) -> list[str]:
    if isinstance(found, Validated):
        return list(type(found).model_fields)
    return list(_parameter_fields(scenario)) if found is scenario.parameters else []


def _below(found: object, key: str) -> object:
    return getattr(found, key, None)


def _parameter_fields(scenario: Scenario) -> Mapping[str, Any]:
    return load_firmware(scenario.firmware).Parameters.model_fields
