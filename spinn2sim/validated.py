"""Values checked once when they enter: frozen models, and messages that name key, value and range.

Everything a user writes (scenarios, firmware parameters, cost tables) is a ``Validated`` model and
enters through ``validate``, which turns pydantic's findings into one ``SpecError``. A misspelt key
is an error, never a default, and the message suggests the nearest key.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, Self, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from spinn2sim.errors import SpecError

#: Characters of a refused value that a message shows.
_LONGEST_SHOWN = 80

M = TypeVar("M", bound="Validated")


class Validated(BaseModel):
    """Base of everything that a user specifies: immutable, and unknown keys are refused."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, ser_json_inf_nan="strings"
    )

    def with_changes(self, **changes: Any) -> Self:
        """A copy with *changes*, validated like any other (``model_copy`` would not be)."""
        return validate(type(self), {**self.model_dump(), **changes}, type(self).__name__)


def validate(model: type[M], content: Any, where: str) -> M:
    """*content* as a *model*.

    :raises SpecError: names *where*, each key path, its value and what is accepted.
    """
    if not isinstance(content, Mapping):
        kind = type(content).__name__
        raise SpecError(where, (f"expected a mapping of keys to values, got {kind}",))
    try:
        return model.model_validate(dict(content))
    except ValidationError as found:
        # Raised anew, without pydantic's own traceback and vocabulary.
        problems = tuple(_problem(model, error) for error in found.errors(include_url=False))
    raise SpecError(where, problems)


def _problem(model: type[BaseModel], error: Any) -> str:
    path = ".".join(str(part) for part in error["loc"])
    value = f"{path} = {_shown(error['input'])}"
    match error["type"]:
        case "extra_forbidden":
            return f"unknown key {path!r}{nearest(error['loc'][-1], _keys(model, error['loc']))}"
        case "missing":
            return f"key {path!r} is missing"
        case "invalid_key":
            return f"key {path!r} is not text; put it in quotes"
        case "value_error" if isinstance(error["input"], Mapping):  # about several keys
            return f"{path}: {error['ctx']['error']}" if path else str(error["ctx"]["error"])
        case "value_error":
            return f"{value}: {error['ctx']['error']}"
        case "model_type" | "dict_type":
            return f"{value}: expected a mapping of keys to values"
        case _:
            message = error["msg"]
            return f"{value}: {message[0].lower()}{message[1:]}"


def _shown(value: object) -> str:
    """*value* as Python writes it, cut short: a message is a line, a value may be a whole file."""
    try:
        text = repr(value)
    except ValueError:  # Python does not print an integer of more than 4,300 digits
        return "a huge number"
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def nearest(key: object, known: list[str]) -> str:
    """The end of a message: the known key that *key* may have meant, else all known keys."""
    close = difflib.get_close_matches(str(key), known, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known keys: {', '.join(sorted(known))}" if known else ""


def _keys(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """The keys of the (nested) model in which the last part of *location* was looked up."""
    for part in location[:-1]:
        field = model.model_fields.get(str(part))
        if field is None:
            continue  # an index into a list, or a union's tag
        nested = [
            inner
            for inner in (field.annotation, *get_args(field.annotation))
            if isinstance(inner, type) and issubclass(inner, BaseModel)
        ]
        if not nested:
            return []
        model = nested[0]
    return list(model.model_fields)
