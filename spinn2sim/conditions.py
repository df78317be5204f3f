"""Conditions on the summary, for CI: ``cycles_per_step > 250000``, ``energy_j.chip > 0.1``."""

from __future__ import annotations

import json
import math
import operator
import re
from dataclasses import dataclass
from typing import Any, get_type_hints

from spinn2sim.errors import SpecError
from spinn2sim.report import Summary
from spinn2sim.report.explain import look_up
from spinn2sim.validated import nearest

_OPERATORS = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}
_CONDITION = re.compile(r"\s*([^\s<>=!]+)\s*(<=|>=|==|!=|<|>)\s*([^\s<>=!].*?)\s*")
_TRUTH = {"true": True, "True": True, "false": False, "False": False}


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison of a figure of the summary with a constant."""

    text: str
    figure: str
    relation: str
    constant: bool | float | str

    def holds(self, summary: Summary) -> bool:
        """Whether it is true of *summary*.

        :raises SpecError: the figure has no such part, or cannot be compared with the constant.
        """
        value = look_up(summary, self.figure, _where(self.text))
        if _kind(value) is not _kind(self.constant):
            shown = "null" if value is None else repr(value)
            problem = f"{self.figure} is {shown}, which {self.constant!r} cannot be compared with"
            raise SpecError(_where(self.text), (problem,))
        return bool(_OPERATORS[self.relation](value, self.constant))


def parse_condition(text: str) -> Condition:
    """The condition in *text*, checked as far as that can be done before a long run.

    :raises SpecError: *text* is no condition on the summary.
    """
    match = _CONDITION.fullmatch(text)
    if match is None:
        problem = "expected FIGURE OPERATOR NUMBER, as in 'cycles_per_step > 250000'"
        raise SpecError(_where(text), (problem,))
    figure, relation, constant = match.groups()
    condition = Condition(text, figure, relation, _constant(constant))
    problem = _problem(condition)
    if problem:
        raise SpecError(_where(text), (problem,))
    return condition


def _problem(condition: Condition) -> str:
    """What is wrong with *condition* whatever the run will give; empty if nothing is."""
    kinds = get_type_hints(Summary)
    key, dot, part = condition.figure.partition(".")
    if key not in kinds:
        return f"no figure {key!r}{nearest(key, list(kinds), 'figures')}"
    kind, constant = str(kinds[key]), condition.constant
    has_parts = kind.startswith("dict")
    if has_parts and not part:
        return f"{key} has parts; name one of them, as {key}.PART"
    if dot and not has_parts:
        return f"{key} is one value, without parts such as {part!r}"
    if ("float" in kind or "int" in kind) and _kind(constant) is not float:
        return f"{constant!r} is not a number"
    if "bool" in kind and _kind(constant) is not bool:
        return f"{key} is true or false, not {constant!r}"
    if _kind(constant) is not float and condition.relation not in {"==", "!="}:
        return f"{constant!r} can be compared with == and != only"
    return ""


def _constant(text: str) -> bool | float | str:
    if text in _TRUTH:
        return _TRUTH[text]
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    is_number = _kind(found) is float and math.isfinite(found)
    return found if is_number else text.strip("'\"")


def _kind(value: Any) -> type[bool | float | str] | None:
    """What *value* can be compared with: truth values, numbers or text."""
    match value:
        case bool():
            return bool
        case int() | float():
            return float
        case str():
            return str
        case _:
            return None


def _where(text: str) -> str:
    return f"--fail-if {text!r}"
