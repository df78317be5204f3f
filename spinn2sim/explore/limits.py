"""``limits``: the largest network for each clock, number of PEs and memory, as a sweep."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from spinn2sim.errors import SpecError
from spinn2sim.explore.plan import Plan, make_plan
from spinn2sim.explore.sweep_file import Sweep
from spinn2sim.explore.variant import MEMORIES, MEMORY
from spinn2sim.quantity import FREQUENCY
from spinn2sim.report.boundary import Curve, Panel, draw_panels
from spinn2sim.spec import Scenario
from spinn2sim.validated import nearest, validate

CLOCK, N_PE = "chip.pe.clock", "n_pe"
BOUNDARY = "boundary.png"


def limits_plan(
    scenario: Scenario, clocks: Sequence[str], pes: Sequence[int], memories: Sequence[str]
) -> Plan:
    """The limits of the network of *scenario* at all combinations.

    :raises SpecError: a clock or a memory is none, or a combination names what is not there.
    """
    for clock in clocks:
        _refuse_bad_clock(clock)
    for memory in memories:
        if memory not in MEMORIES:
            known = nearest(memory, list(MEMORIES), "memories")
            raise SpecError(f"--memory {memory!r}", (f"there is no such memory{known}",))
    content = {
        "name": f"{scenario.name}-limits",
        "base": {"scenario": scenario.model_dump(mode="json", exclude_none=True)},
        "axes": [{"grid": {MEMORY: memories, CLOCK: clocks, N_PE: pes}}],
        "fidelities": ["limits"],
        "seeds": "base",
    }
    return make_plan(validate(Sweep, content, "limits"), scenario, "limits")


def _refuse_bad_clock(clock: str) -> None:
    try:
        FREQUENCY.parse(clock)
    except ValueError as error:
        raise SpecError(f"--clock {clock!r}", (str(error),)) from None


def parse_numbers(text: str, where: str) -> list[int]:
    """Whole numbers from 1: ``1,2,4`` or ``1..152`` or ``8..152:8`` (each eighth), in order.

    :raises SpecError: *text* is none of these; names *where*.
    """
    found: dict[int, None] = {}
    for part in text.split(","):
        span, _, step = part.strip().partition(":")
        first, dots, last = span.partition("..")
        numbers = (first, last if dots else first, step or "1")
        if not all(number.isdecimal() and int(number) for number in numbers):
            problem = "expected whole numbers from 1, as in 1,2,4 or 1..152 or 8..152:8"
            raise SpecError(f"{where} {text!r}", (problem,))
        low, high, stride = map(int, numbers)
        if high < low:
            raise SpecError(f"{where} {text!r}", (f"{span} ends before it begins",))
        found |= dict.fromkeys(range(low, high + 1, stride))
    return list(found)


def draw_boundary(table: pl.DataFrame, name: str, path: Path) -> None:
    """N_rec over PEs: a panel for each memory, in it a curve for each clock."""
    panels = [
        Panel(f"{memory} SRAM", _curves(table.filter(pl.col(MEMORY) == memory)))
        for memory in table[MEMORY].unique(maintain_order=True)
    ]
    draw_panels(
        panels,
        path,
        title=f"{name}: largest network in time and in memory (dashed: in time alone)",
        x_label="PEs",
        y_label="N_rec",
    )


def _curves(table: pl.DataFrame) -> list[Curve]:
    curves = []
    for clock in table[CLOCK].unique(maintain_order=True):
        rows = table.filter(pl.col(CLOCK) == clock).sort(N_PE)
        x: list[Any] = rows[N_PE].to_list()
        label = f"{clock / 1e6:g} MHz"
        curves.append(Curve(label, x, _values(rows, "n_rec_limit")))
        curves.append(Curve(f"{label}, time", x, _values(rows, "n_rec_time"), thin=True))
    return curves


def _values(rows: pl.DataFrame, name: str) -> list[float | None]:
    return rows[name].to_list() if name in rows.columns else [None] * len(rows)
