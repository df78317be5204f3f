"""Cost tables of what-if questions: functions that take a share of their cycles, distant words.

The table that a scenario names stays as it is. A variant is another table, which says in its
provenance what it is, and goes with the scenario as a file of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from spinn2sim.elaboration import load_firmware
from spinn2sim.errors import SpecError
from spinn2sim.firmware import CostTable, load_cost_table
from spinn2sim.firmware.cost import CostTerm
from spinn2sim.plain_yaml import write_yaml
from spinn2sim.spec import Scenario
from spinn2sim.validated import nearest, validate


def firmware_folder(scenario: Scenario) -> Path:
    """Where the firmware of *scenario* and what it brings along are.

    :raises FirmwareNotFoundError: it cannot be loaded.
    """
    load_firmware(scenario.firmware)
    module = sys.modules[scenario.firmware.partition(":")[0]]
    return Path(str(module.__file__)).parent


def cost_table(scenario: Scenario) -> CostTable:
    """The cost table that *scenario* names.

    :raises SpecError: its firmware takes none.
    """
    firmware_class = load_firmware(scenario.firmware)
    given = validate(firmware_class.Parameters, scenario.parameters, "parameters")
    name = getattr(given, "cost_table", None)
    if name is None:
        problem = "its parameters have no cost_table, which costs and memory would change"
        raise SpecError(f"firmware {scenario.firmware}", (problem,))
    return load_cost_table(name, firmware_folder(scenario) / "costs")


def refuse_unknown_function(table: CostTable, function: str, where: str) -> None:
    """:raises SpecError: no term of *table* is for *function* or for a part of it."""
    if not any(_is_of(term.label, function) for term in table.terms):
        known = sorted({part for term in table.terms for part in _prefixes(term.label)})
        problem = f"cost table {table.name!r} has no function {function!r}"
        raise SpecError(where, (f"{problem}{nearest(function, known, 'functions')}",))


def scaled(table: CostTable, factors: Mapping[str, float]) -> CostTable:
    """*table* with the terms of each function in *factors* times its factor."""
    if not factors:
        return table
    terms = []
    for term in table.terms:
        factor = 1.0
        for function, of_function in factors.items():
            factor *= of_function if _is_of(term.label, function) else 1.0
        terms.append(_times(term, factor))
    text = ", ".join(f"{function} x {factor:g}" for function, factor in factors.items())
    provenance = f"{table.provenance}; what if: {text}"
    return table.with_changes(terms=terms, provenance=provenance)


def write_table(table: CostTable, path: Path) -> None:
    """Write *table* so that ``cost_table: path`` finds it."""
    path.write_text(write_yaml(table.model_dump(mode="json")), encoding="utf-8")


def _times(term: CostTerm, factor: float) -> dict[str, object]:
    low, high = term.range
    content = term.model_dump()
    if factor == 1:
        return content
    source = f"{term.source}; x {factor:g}: what if"
    span = (low * factor, high * factor)
    return {**content, "cycles": term.cycles * factor, "range": span, "source": source}


def _is_of(label: str, function: str) -> bool:
    return label == function or label.startswith(f"{function}.")


def _prefixes(label: str) -> list[str]:
    parts = label.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts) + 1)]
