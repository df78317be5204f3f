"""What differs between runs and matters: verdicts, figures, cycles per function, and the scenario.

The first run is what the others are compared with. A figure matters if it moved by more than a
threshold, as a share of its value in the first run; a text or a truth value, if it is another.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from spinn2sim.report.guesses import shown
from spinn2sim.report.profile import clock_profile
from spinn2sim.report.summary import Summary, summarise
from spinn2sim.trace import Trace

#: Share by which a figure moves at least if it matters, unless the user says another.
THRESHOLD = 0.01

#: Characters of a text that a table shows.
LONGEST_SHOWN = 60

#: Figures that identify a run or say in words what others say in numbers.
LEFT_OUT = ("schema", "name", "digest", "verdict", "label_share", "utilisation")

Value = bool | int | float | str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A field or figure, and its value in each run."""

    name: str
    values: tuple[Value, ...]

    @property
    def changes(self) -> tuple[float | None, ...]:
        """Relative change of each further run; None where there is no number to relate it to."""
        first = self.values[0]
        return tuple(_change(first, value) for value in self.values[1:])

    def matters(self, threshold: float) -> bool:
        """Whether one of the runs differs from the first by more than *threshold*."""
        return any(
            change is None or abs(change) > threshold
            for value, change in zip(self.values[1:], self.changes, strict=True)
            if value != self.values[0]
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two or more runs, the first of which is the reference."""

    names: tuple[str, ...]
    """How each run is called here; no two alike."""
    summaries: tuple[Summary, ...]
    scenario: tuple[Difference, ...]
    """Fields of the scenario that differ, as a user writes them."""
    figures: tuple[Difference, ...]
    """Figures that moved by more than the threshold."""
    functions: tuple[Difference, ...]
    """Mean cycles of every function: ``e_prop per step``."""
    n_small: int
    """Figures that moved by less."""
    threshold: float

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "runs": [
                {"run": name, **summary.as_dict()}
                for name, summary in zip(self.names, self.summaries, strict=True)
            ],
            **{
                part: [{**asdict(found), "changes": found.changes} for found in getattr(self, part)]
                for part in ("scenario", "figures", "functions")
            },
        }


def compare_runs(
    traces: Sequence[Trace], names: Sequence[str], threshold: float = THRESHOLD
) -> Comparison:
    """Compare *traces*, called *names*, with the first of them."""
    assert len(traces) == len(names) >= 2, "name two runs or more"
    summaries = tuple(summarise(trace) for trace in traces)
    moved = [
        found for found in _aligned([_figures(each) for each in summaries]) if found.matters(0)
    ]
    figures = tuple(found for found in moved if found.matters(threshold))
    fields = [dict(_fields(trace.meta["scenario"])) for trace in traces]
    return Comparison(
        _unlike(names),
        summaries,
        tuple(found for found in _aligned(fields) if found.matters(0)),
        figures,
        tuple(_aligned([_functions(trace) for trace in traces])),
        len(moved) - len(figures),
        threshold,
    )


def written(value: Value) -> str:
    """*value* as a reader wants it: a dash for none, six digits of a number."""
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,.2f}" if abs(value) >= 1_000 else f"{value:.6g}"
        case _:
            return value if len(value) <= LONGEST_SHOWN else f"{value[:LONGEST_SHOWN]}..."


def moved_by(change: float | None) -> str:
    """A relative change, as ``+12.5%``."""
    return "" if change is None else f"{change:+.1%}" if change else "same"


def _change(first: Value, value: Value) -> float | None:
    numbers = all(
        isinstance(each, int | float) and not isinstance(each, bool) and math.isfinite(each)
        for each in (first, value)
    )
    if not numbers or first is None or value is None:
        return None
    if first == value:
        return 0.0
    return (float(value) - float(first)) / abs(float(first)) if first else None


def _aligned(rows: Sequence[Mapping[str, Value]]) -> Iterator[Difference]:
    """Each key with its value in each of *rows*; None where there is none."""
    for key in dict.fromkeys(key for row in rows for key in row):
        yield Difference(key, tuple(row.get(key) for row in rows))


def _figures(summary: Summary) -> dict[str, Value]:
    return dict(_flat({k: v for k, v in summary.as_dict().items() if k not in LEFT_OUT}, ""))


def _flat(content: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Value]]:
    for key, value in content.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _fields(scenario: Mapping[str, Any]) -> Iterator[tuple[str, Value]]:
    own = {key: value for key, value in scenario.items() if key not in ("provenance", "name")}
    for path, value in _flat(own, ""):
        yield path, str(value) if path.startswith("parameters.") else shown(path, value)


def _functions(trace: Trace) -> dict[str, Value]:
    return {f"{row.label} per {row.every}": row.mean for row in clock_profile(trace)}


def _unlike(names: Sequence[str]) -> tuple[str, ...]:
    """*names*, with numbers where two are alike."""
    return tuple(
        name if names.count(name) == 1 else f"{name} ({list(names[:place]).count(name) + 1})"
        for place, name in enumerate(names)
    )
