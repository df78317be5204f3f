"""Comparisons in sweep files: ``n_pe <= parameters.n_rec``, ``chip.pe.clock == 150MHz``.

On the left stands a name, on the right another one or a constant; a constant with a unit counts in
its base unit.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from spinn2sim.errors import SpecError
from spinn2sim.quantity import BIT_RATE, DURATION, FREQUENCY, MEMORY

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}
_COMPARISON = re.compile(r"\s*([\w.]+)\s*(<=|>=|==|!=|<|>)\s*([^\s<>=!][^<>=!]*?)\s*")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides and the relation between them."""

    text: str
    left: str
    relation: str
    right: Any
    """A constant, or a name."""
    right_is_name: bool = False

    def holds(self, value_of: Callable[[str], Any]) -> bool | None:
        """Whether it is true; None if a value is missing.

        :raises SpecError: its sides cannot be compared.
        """
        left = value_of(self.left)
        right = value_of(self.right) if self.right_is_name else self.right
        if left is None or right is None:
            return None
        if isinstance(left, str) is not isinstance(right, str):
            problem = f"{self.left} is {left!r}, which {right!r} cannot be compared with"
            raise SpecError(repr(self.text), (problem,))
        return bool(_OPERATORS[self.relation](left, right))

    def shortfall(self, value: float) -> float:
        """How far *value*, on the left, is from making it true; 0 or below if it does."""
        excess = value - float(self.right)
        match self.relation:
            case "<=" | "<":
                return excess
            case ">=" | ">":
                return -excess
            case "==":
                return abs(excess)
            case _:
                return 0.0 if excess else 1.0


def parse_comparison(
    text: str, where: str, is_name: Callable[[str], bool] = lambda _: False
) -> Comparison:
    """The comparison in *text*; on its right stands a name if *is_name* says so.

    :raises SpecError: it is none; names *where*.
    """
    match = _COMPARISON.fullmatch(text)
    if match is None:
        problem = f"{text!r}: expected NAME OPERATOR VALUE, as in 'n_pe <= parameters.n_rec'"
        raise SpecError(where, (problem,))
    left, relation, right = match.groups()
    named = is_name(right)
    return Comparison(text, left, relation, right if named else _constant(right), named)


def _constant(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        pass
    for quantity in (FREQUENCY, DURATION, MEMORY, BIT_RATE):
        try:
            return quantity.parse(text)
        except ValueError:
            continue
    return text.strip("'\"")
