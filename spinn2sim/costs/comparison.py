"""Cost tables side by side at one size: cycles of each function with their bands, and shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from spinn2sim.firmware.cost import CostTable, CostTerm, n_units
from spinn2sim.firmware.ops import Every

#: The function of which the paper gives the share, and the split into parts of this ending.
LEARNING, MULTIPLY = "e_prop", ".multiply"

#: What is compared with a whole step.
UPDATE = "weight_update"


@dataclass(frozen=True, slots=True)
class Costs:
    """Cycles of one core at work, and the sums of the ends of the coefficients' ranges."""

    cycles: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the tables say of one PE. A function that a table has no work for is not in it."""

    pe: int
    n_pe: int
    sizes: Mapping[str, int]
    tables: tuple[str, ...]
    provenance: Mapping[str, str]
    extrapolated: Mapping[str, tuple[str, ...]]
    """By table: the sizes beyond those that it was fitted on."""
    step: Mapping[str, Mapping[str, Costs]]
    """By function, in the order of the first table that has it, then by table."""
    sample: Mapping[str, Mapping[str, Costs]]
    figures: Mapping[str, Mapping[str, float | None]]
    """By table: cycles_per_step, eprop_share, multiply_share, update_over_step; None where the
    table does not tell."""

    def total(self, table: str, every: Every) -> Costs:
        """The sum of a step, or of what comes once per sample."""
        return _sum([each[table] for each in getattr(self, every).values() if table in each])

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        totals = {
            every: {table: asdict(self.total(table, every)) for table in self.tables}
            for every in ("step", "sample")
        }
        return {**asdict(self), "total": totals}


def compare(
    tables: Mapping[str, CostTable], sizes: Mapping[str, Mapping[str, int]], *, n_pe: int, pe: int
) -> Comparison:
    """*tables* by the name that the user gave them, at *sizes* by the same name, on PE *pe*."""
    parts = {
        name: [term for term in table.terms if _applies(term, n_pe, pe)]
        for name, table in tables.items()
    }
    return Comparison(
        pe=pe,
        n_pe=n_pe,
        sizes=dict(next(iter(sizes.values()))),
        tables=tuple(tables),
        provenance={name: table.provenance for name, table in tables.items()},
        extrapolated={name: table.extrapolated(sizes[name]) for name, table in tables.items()},
        step=_by_function(parts, sizes, "step"),
        sample=_by_function(parts, sizes, "sample"),
        figures={name: _figures(parts[name], sizes[name]) for name in tables},
    )


def _applies(term: CostTerm, n_pe: int, pe: int) -> bool:
    return {"always": True, "multi_pe": n_pe > 1, "pe0": pe == 0}[term.only]


def _by_function(
    parts: Mapping[str, Sequence[CostTerm]], sizes: Mapping[str, Mapping[str, int]], every: Every
) -> dict[str, dict[str, Costs]]:
    found: dict[str, dict[str, list[Costs]]] = {}
    for name, terms in parts.items():
        for term in terms:
            if term.every == every:
                function = found.setdefault(term.label.partition(".")[0], {})
                function.setdefault(name, []).append(_costs(term, sizes[name]))
    return {
        function: {name: _sum(costs) for name, costs in by_table.items()}
        for function, by_table in found.items()
    }


def _figures(terms: Sequence[CostTerm], sizes: Mapping[str, int]) -> dict[str, float | None]:
    def cycles(every: Every, function: str = "", ending: str = "") -> float:
        return sum(
            _costs(term, sizes).cycles
            for term in terms
            if term.every == every
            and function in ("", term.label.partition(".")[0])
            and term.label.endswith(ending)
        )

    step, learning = cycles("step"), cycles("step", LEARNING)
    multiply, update = cycles("step", LEARNING, MULTIPLY), cycles("sample", UPDATE)
    return {
        "cycles_per_step": step,
        "eprop_share": learning / step if step and learning else None,
        "multiply_share": multiply / learning if multiply else None,
        "update_over_step": update / step if step and update else None,
    }


def _costs(term: CostTerm, sizes: Mapping[str, int]) -> Costs:
    units = n_units(term.per, sizes)
    return Costs(term.cycles * units, term.range[0] * units, term.range[1] * units)


def _sum(costs: Sequence[Costs]) -> Costs:
    return Costs(
        sum(each.cycles for each in costs),
        sum(each.low for each in costs),
        sum(each.high for each in costs),
    )
