"""A cost table as text: YAML to read and edit, or JSON."""

from __future__ import annotations

import json
from typing import Any

from spinn2sim.firmware.cost import CostTable
from spinn2sim.plain_yaml import write_yaml

HEADER = """\
# Made by `{made_by}`; do not edit, make it anew.
#
# cycles: per unit of the product `per`, of one core at work; waiting is never in a table.
# range: the same fitted to the low and the high end of the measured band.
# status: constrained = measured; guess = not measured.
"""


def table_text(table: CostTable, *, as_json: bool = False) -> str:
    """The text of the file: same table, same bytes."""
    content = table.model_dump(mode="json", exclude_defaults=True)
    if as_json:
        return json.dumps(content, indent=2) + "\n"
    return HEADER.format(made_by=table.made_by) + write_yaml(_plain(content))


def _plain(value: Any) -> Any:
    """*value* with whole numbers as such: 56, not 56.0."""
    match value:
        case dict():
            return {key: _plain(each) for key, each in value.items()}
        case list():
            return [_plain(each) for each in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value
