"""Changes of a part that a scenario does not have, as the board of a machine of one chip.

Such a change alone is a part that lacks most of its keys. What helps is a machine that has the
part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from spinn2sim.spec.scenario import Scenario
from spinn2sim.validated import Validated


def absent_part(path: str, content: Mapping[str, Any]) -> str | None:
    """The first part on the way to *path* that *content* lacks, if it must be given whole."""
    keys = path.split(".")
    for depth in range(1, len(keys)):
        part = ".".join(keys[:depth])
        if not has(content, part):
            return part if required_keys(part) else None
    return None


def has(content: Mapping[str, Any], part: str) -> bool:
    """Whether *content* says something at the key path *part*."""
    found: Any = content
    for key in part.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found is not None


def required_keys(part: str) -> Sequence[str]:
    """Keys of the optional *part* of a scenario that have no default."""
    model: Any = Scenario
    for key in part.split("."):
        field = getattr(model, "model_fields", {}).get(key)
        if field is None:
            return ()
        model = next((each for each in get_args(field.annotation)), field.annotation)
    if not isinstance(model, type) or not issubclass(model, Validated):
        return ()
    return [key for key, field in model.model_fields.items() if field.is_required()]
