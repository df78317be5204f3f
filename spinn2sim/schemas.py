"""The JSON Schemas that ``spinn2sim schema`` prints: of a scenario, and of what commands print."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any

from spinn2sim.errors import SpecError
from spinn2sim.json_formats import FORMATS, Key, json_schema
from spinn2sim.report import Summary
from spinn2sim.spec import Scenario
from spinn2sim.validated import nearest

#: What ``json_formats`` calls the types that a Summary's fields have.
TYPES: Mapping[str, str] = {
    "int": "whole number",
    "float": "number",
    "str": "text",
    "bool": "truth value",
    "dict": "object",
    "tuple": "list",
    "list": "list",
    "float | None": "number or null",
    "str | None": "text or null",
}


def schema_of(kind: str) -> dict[str, Any]:
    """JSON Schema of a scenario, or of the output of the format *kind*.

    :raises SpecError: there is no such format.
    """
    if kind == "scenario":
        return Scenario.model_json_schema()
    if kind not in FORMATS:
        known = ["scenario", *FORMATS]
        raise SpecError("schema", (f"no format {kind!r}{nearest(kind, known, 'formats')}",))
    return json_schema(kind, summary_keys())


@cache
def summary_keys() -> Mapping[str, Key]:
    """The keys of a Summary, with the docstrings of its fields."""
    told = _docstrings(inspect.getsource(Summary))
    return {
        field.name: Key(TYPES[str(field.type).partition("[")[0]], told[field.name])
        for field in fields(Summary)
    }


def _docstrings(source: str) -> dict[str, str]:
    """The text below each field of the class in *source*, in one line."""
    body = ast.parse(source).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for field, text in zip(body.body, body.body[1:], strict=False):
        match field, text:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(words))),
            ):
                found[name] = " ".join(words.split()).replace("``", "`").rstrip(".")
            case _:
                continue
    return found
