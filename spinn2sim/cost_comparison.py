"""Cost tables side by side on PE 0, as the firmware of a scenario takes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from spinn2sim.costs import Comparison, compare
from spinn2sim.elaboration import make_firmware
from spinn2sim.errors import SpecError
from spinn2sim.feasibility import noise
from spinn2sim.firmware import CostTable, Firmware
from spinn2sim.spec import Scenario
from spinn2sim.trace import Trace
from spinn2sim.validated import validate

#: What the tables of a run are set beside.
REFERENCES = ("paper", "measured")

#: A scenario with overrides ``key.path=value``.
Load = Callable[[Sequence[str]], Scenario]


def compare_named(tables: Sequence[str], load: Load) -> Comparison:
    """*tables*, by name or file, with the terms that the program of the scenario spends.

    :raises Spinn2SimError: a table cannot be used, or the firmware takes none.
    """
    firmwares = {name: firmware_with(name, load) for name in tables}
    return compare(
        {name: table_of(firmware, name) for name, firmware in firmwares.items()},
        {name: firmware.sizes for name, firmware in firmwares.items()},
        n_pe=load(()).n_pe,
        pe=0,
    )


def compare_run(trace: Trace, load: Load) -> Comparison | None:
    """REFERENCES and the table of the run, if it is another; None if it has none.

    The table of the run comes out of the trace: its file may have gone or changed since.

    :raises Spinn2SimError: its firmware does not take the tables of REFERENCES.
    """
    if not trace.meta["costs"]:
        return None
    own = validate(CostTable, trace.meta["costs"], "cost table of the run")
    firmwares = {name: firmware_with(name, load) for name in REFERENCES}
    tables = {name: table_of(firmware, name) for name, firmware in firmwares.items()}
    sizes = {name: firmware.sizes for name, firmware in firmwares.items()}
    if own not in tables.values():
        tables[f"this run: {own.name}"] = own
        sizes[f"this run: {own.name}"] = trace.meta["sizes"][0]
    return compare(tables, sizes, n_pe=trace.n_pe, pe=0)


def firmware_with(cost_table: str, load: Load) -> Firmware:
    """The firmware on PE 0, with this cost table."""
    scenario = load([f"parameters.cost_table={json.dumps(cost_table)}"])
    return make_firmware(scenario, noise(scenario, 1), scenario.n_pe, 0)


def table_of(firmware: Firmware, name: str) -> CostTable:
    """What *firmware* charges.

    :raises SpecError: it charges no cycles.
    """
    if firmware.costs is None:
        raise SpecError(f"cost table {name}", ("the firmware of the scenario charges no cycles",))
    return firmware.costs
