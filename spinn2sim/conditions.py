"""Conditions on the summary, for CI: ``cycles_per_step > 250000``, ``energy_j.chip > 0.1``."""

from __future__ import annotations

import json
import operator
import re
from dataclasses import dataclass, fields
from typing import Any

from spinn2sim.errors import SpecError
from spinn2sim.report import Summary
from spinn2sim.validated import nearest

_OPERATORS = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}
_CONDITION = re.compile(r"\s*([\w.]+)\s*(<=|>=|==|!=|<|>)\s*(.+?)\s*")


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison of a figure of the summary with a constant."""

    text: str
    figure: str
    relation: str
    constant: Any

    def holds(self, summary: Summary) -> bool:
        """Whether it is true of *summary*.

        :raises SpecError: the figure has no such part, or cannot be compared with the constant.
        """
        value: Any = summary.as_dict()
        for part in self.figure.split("."):
            if not isinstance(value, dict) or part not in value:
                known = list(value) if isinstance(value, dict) else []
                raise SpecError(
                    f"--fail-if {self.text}", (f"no figure {part!r}{nearest(part, known)}",)
                )
            value = value[part]
        try:
            return bool(_OPERATORS[self.relation](value, self.constant))
        except TypeError:
            problem = f"{value!r} cannot be compared with {self.constant!r}"
            raise SpecError(f"--fail-if {self.text}", (problem,)) from None


def parse_condition(text: str) -> Condition:
    """The condition in *text*; its figure is checked now, before a long run.

    :raises SpecError: *text* is no condition on the summary.
    """
    match = _CONDITION.fullmatch(text)
    if match is None:
        problem = "expected FIGURE OPERATOR NUMBER, as in 'cycles_per_step > 250000'"
        raise SpecError(f"--fail-if {text}", (problem,))
    figure, relation, constant = match.groups()
    known = [field.name for field in fields(Summary)]
    first = figure.partition(".")[0]
    if first not in known:
        raise SpecError(f"--fail-if {text}", (f"no figure {first!r}{nearest(first, known)}",))
    try:
        return Condition(text, figure, relation, json.loads(constant))
    except json.JSONDecodeError:
        return Condition(text, figure, relation, constant.strip("'\""))
