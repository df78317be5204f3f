"""What to know of a run before its figures: of its samples, and of its network."""

from __future__ import annotations

from spinn2sim.report.energy import duration_s
from spinn2sim.report.summary import counted
from spinn2sim.trace import Trace

#: What a firmware logs that is a network that learns.
_LEARNS = {"spikes", "loss"}


def notes(trace: Trace) -> list[str]:
    """One sentence each; those of the workload first."""
    return [*trace.meta["workload"]["notes"], *_on_the_network(trace), *_on_the_timing(trace)]


def _on_the_timing(trace: Trace) -> list[str]:
    """Why the compiled machine did not time a run that was meant for it."""
    machine, _, reason = trace.timed_by.partition(": ")
    return (
        [f"timed by the SimPy machine, not the compiled one: {reason}"]
        if machine == "simpy" and reason
        else []
    )


def _on_the_network(trace: Trace) -> list[str]:
    """A network of random weights is almost silent, so that it says little of a trained one."""
    log, names = trace.tables["log"], trace.meta["log_names"]
    if not set(names) >= _LEARNS or trace.meta["weights"] is not None:
        return []
    n_spikes = int(log["value"][log["name"] == names.index("spikes")].sum())
    said = f"{counted(n_spikes, 'spike')} in {duration_s(trace):.4g} s"
    return [f"untrained network: {said}; --checkpoint runs a trained one"]
