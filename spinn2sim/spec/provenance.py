"""Where a number comes from and how far it can be trusted.

In a preset a number is written ``{value: 4, source: "-", confidence: guess, range: [2, 8]}``; a
bare value in a user's file counts as the user's. A run lists the guesses that it leaned on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from spinn2sim.validated import Validated

Confidence = Literal["measured", "published", "derived", "guess", "user"]

#: The parts of a scenario whose numbers describe hardware and therefore carry provenance.
HARDWARE = ("chip", "board", "host", "power")


class Provenance(Validated):
    """Source and confidence of one value."""

    source: str
    """Who says so; the preset's ``sources`` key spells the abbreviations out."""
    confidence: Confidence
    """measured, published, derived, guess, or user for a value from the user's own file."""
    range: tuple[int | float | str, int | float | str] | None = None
    """Low and high end of what the value may be, for a guess."""


USER = Provenance(source="user", confidence="user")


def split(content: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """*content* without annotations, and the annotations by key path."""
    values: dict[str, Any] = {}
    provenance: dict[str, Any] = {}
    for key, item in content.items():
        if not isinstance(item, Mapping):
            values[key] = item
        elif "value" in item and "source" in item:
            values[key] = item["value"]
            provenance[key] = {name: part for name, part in item.items() if name != "value"}
        else:
            values[key], inner = split(item)
            provenance |= {f"{key}.{path}": found for path, found in inner.items()}
    return values, provenance


def leaves(content: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Key paths of all values in *content* that are not mappings."""
    for key, item in content.items():
        if isinstance(item, Mapping):
            yield from leaves(item, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"
