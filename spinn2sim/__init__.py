"""A discrete-event simulator of the SpiNNaker 2 chip.

::

    from spinn2sim import load_scenario, simulate, summarise

    trace = simulate(load_scenario(preset="paper-12pe"))
    print(summarise(trace).verdict)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spinn2sim.explore import sweep
    from spinn2sim.feasibility import check
    from spinn2sim.report import clock_profile, energy, memory, real_time, summarise
    from spinn2sim.sim import simulate
    from spinn2sim.spec import Scenario, load_scenario
    from spinn2sim.trace import Trace, load_trace

__version__ = "0.1.0"

#: Where each public name is defined; imported on first use, so that `--help` is quick.
_HOMES = {
    "Scenario": "spinn2sim.spec",
    "Trace": "spinn2sim.trace",
    "check": "spinn2sim.feasibility",
    "clock_profile": "spinn2sim.report",
    "energy": "spinn2sim.report",
    "load_scenario": "spinn2sim.spec",
    "load_trace": "spinn2sim.trace",
    "memory": "spinn2sim.report",
    "real_time": "spinn2sim.report",
    "simulate": "spinn2sim.sim",
    "summarise": "spinn2sim.report",
    "sweep": "spinn2sim.explore",
}

__all__ = [
    "Scenario",
    "Trace",
    "check",
    "clock_profile",
    "energy",
    "load_scenario",
    "load_trace",
    "memory",
    "real_time",
    "simulate",
    "summarise",
    "sweep",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'spinn2sim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
