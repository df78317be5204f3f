"""Energy as counts of actions times a reference table: picojoules per action, replaceable.

Accelergy's way (Wu, Emer, Sze, ICCAD 2019): the run says how often something happened, the table
what it costs, and neither knows the other. The power figures of the scenario are two such tables,
the models of ``energy``; a user may bring a third.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from spinn2sim.errors import MissingFileError, SpecError
from spinn2sim.plain_yaml import read_yaml, write_yaml
from spinn2sim.report.coefficients import source
from spinn2sim.report.energy import energy
from spinn2sim.trace import Trace
from spinn2sim.validated import nearest

#: What a run counts: action and what is counted.
ACTIONS = {
    "chip.on": "ns that a chip is on, its PEs left out, summed over chips",
    "pe.on": "ns that a PE is on, asleep or not, summed over PEs",
    "pe.clock": "cycles of the PE clock, busy or not, summed over PEs",
    "pe.busy": "busy cycles, summed over PEs",
    "noc.hop": "flits over links between routers",
    "link.bit": "bits over links between chips",
    "dram.bit": "bits into and out of DRAM",
    "dma.byte": "bytes written by DMA",
    "host.byte": "bytes written by the host",
}


@dataclass(frozen=True, slots=True)
class Reference:
    """What one action costs."""

    action: str
    energy_pj: float
    source: str


@dataclass(frozen=True, slots=True)
class ReferenceTable:
    """The energy of actions; what it does not list costs nothing."""

    name: str
    rows: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class ActionEnergy:
    """A row of a breakdown: count times reference."""

    action: str
    count: float
    energy_pj: float
    source: str

    @property
    def joules(self) -> float:
        """Energy of all of them."""
        return self.count * self.energy_pj * 1e-12


def action_counts(trace: Trace) -> dict[str, float]:
    """How often each of ACTIONS happened; times are of the period that ``energy`` reports on."""
    found, tables = energy(trace), trace.tables
    on_ns = found.duration_s * 1e9
    return {
        "chip.on": on_ns * found.n_chips,
        "pe.on": on_ns * trace.n_pe,
        "pe.clock": found.duration_s * trace.pe_clock.hz * trace.n_pe,
        "pe.busy": found.n_cycles,
        "noc.hop": found.n_flit_hops,
        "link.bit": found.n_link_bits,
        "dram.bit": found.n_dram_bits,
        "dma.byte": int(tables["dma"]["n_bytes"].sum()),
        "host.byte": int(tables["refills"]["n_bytes"].sum()),
    }


def reference_tables(trace: Trace) -> tuple[ReferenceTable, ...]:
    """The two models of ``energy``, from the power figures of the scenario."""
    found, power = energy(trace), trace.meta["scenario"]["power"]
    baseline, levels, hop, paper = (
        source(trace, f"power.{key}")
        for key in ("baseline_mw", "levels", "flit_hop_pj", "paper_uw_per_mhz")
    )
    # A milliwatt for a nanosecond is a picojoule, and so is a microwatt per megahertz for a cycle.
    chip: tuple[Reference, ...] = (
        Reference("chip.on", power["baseline_mw"], baseline),
        Reference("pe.on", found.sleep_w * 1e3, f"{found.level}; {levels}"),
        Reference("pe.busy", found.cycle_pj, f"{found.level}; {levels}"),
        Reference("noc.hop", power["flit_hop_pj"], hop),
    )
    if found.n_chips > 1 and "link_bit_pj" in power:
        reason = source(trace, "power.link_bit_pj")
        chip = (*chip, Reference("link.bit", power["link_bit_pj"], reason))
    if found.n_dram_bits and "dram_bit_pj" in power:
        reason = source(trace, "power.dram_bit_pj")
        chip = (*chip, Reference("dram.bit", power["dram_bit_pj"], reason))
    whole = (Reference("pe.clock", power["paper_uw_per_mhz"], paper),)
    return ReferenceTable("chip", chip), ReferenceTable("paper", whole)


def breakdown(trace: Trace, table: ReferenceTable) -> tuple[ActionEnergy, ...]:
    """The energy of the run by *table*, row by row."""
    counts = action_counts(trace)
    return tuple(
        ActionEnergy(row.action, counts[row.action], row.energy_pj, row.source)
        for row in table.rows
    )


def read_reference_table(path: Path) -> ReferenceTable:
    """The table in a YAML file: ``name``, and ``actions`` with ``energy_pj`` and ``source`` each.

    :raises MissingFileError: there is no such file.
    :raises SpecError: it is no such table, or names an action that a run does not count.
    """
    if not path.is_file():
        raise MissingFileError("reference table", str(path), "see docs/report.md for its form")
    try:
        content = read_yaml(path.read_text(encoding="utf-8"), str(path))
    except UnicodeDecodeError:
        raise SpecError(str(path), ("not a text file",)) from None
    if not isinstance(content, Mapping) or not isinstance(content.get("actions"), Mapping):
        raise SpecError(str(path), ("expected the keys name and actions, a mapping",))
    problems = tuple(
        problem
        for action, row in content["actions"].items()
        if (problem := _problem(action, row)) is not None
    )
    if problems:
        raise SpecError(str(path), problems)
    rows = tuple(
        Reference(action, float(row["energy_pj"]), str(row["source"]))
        for action, row in content["actions"].items()
    )
    return ReferenceTable(str(content.get("name", path.stem)), rows)


def write_actions(trace: Trace, folder: Path, tables: tuple[ReferenceTable, ...]) -> None:
    """Write the counts, each of *tables* and what they amount to, to *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    counts = action_counts(trace)
    counted = {
        action: {"count": count, "unit": ACTIONS[action]} for action, count in counts.items()
    }
    _write(folder / "action_counts.yaml", write_yaml({"action_counts": counted}))
    for table in tables:
        _write(folder / f"reference_{_file_name(table.name)}.yaml", write_yaml(as_content(table)))
    totals = {
        table.name: [{**asdict(row), "joules": row.joules} for row in breakdown(trace, table)]
        for table in tables
    }
    _write(folder / "energy.json", json.dumps(totals, indent=2) + "\n")


def as_content(table: ReferenceTable) -> dict[str, Any]:
    """*table* in the form in which it is read."""
    rows = {row.action: {"energy_pj": row.energy_pj, "source": row.source} for row in table.rows}
    return {"name": table.name, "actions": rows}


def _problem(action: object, row: object) -> str | None:
    if action not in ACTIONS:
        return f"no action {action!r} is counted{nearest(action, list(ACTIONS), 'actions')}"
    if not isinstance(row, Mapping) or set(row) != {"energy_pj", "source"}:
        return f"{action}: expected the keys energy_pj and source"
    number = row["energy_pj"]
    is_number = isinstance(number, int | float) and not isinstance(number, bool)
    if not is_number or not 0 <= number < float("inf"):
        return f"{action}.energy_pj = {number!r}: expected picojoules, 0 or more"
    return None


def _file_name(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in name)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
