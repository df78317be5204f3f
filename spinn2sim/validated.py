"""Values checked once when they enter: frozen models, and messages that name key, value and range.

Everything a user writes (scenarios, firmware parameters, cost tables) is a ``Validated`` model and
enters through ``validate``, which turns pydantic's findings into one ``SpecError``. A misspelt key
is an error, never a default, and the message suggests the nearest key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from spinn2sim.errors import SpecError
from spinn2sim.findings import kind, nearest, problems

__all__ = ["Validated", "nearest", "validate"]

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
        problem = f"expected a mapping of keys to values, got {kind(content)}"
        raise SpecError(where, (problem,))
    try:
        return model.model_validate(dict(content))
    except ValidationError as error:
        # Raised anew, without pydantic's own traceback and vocabulary.
        found = problems(model, error.errors(include_url=False))
    raise SpecError(where, found)
