"""The command ``spinn2sim batch``: mini-batches over groups of PEs."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from spinn2sim.command_line import (
    AsJson,
    Overrides,
    ScenarioFile,
    load,
    print_json,
    print_text,
    progress_bar,
)
from spinn2sim.errors import SpecError


def batch(
    scenario: ScenarioFile = None,
    *,
    groups: Annotated[
        int | None, typer.Option(metavar="N", help="Groups: as many as samples to a batch.")
    ] = None,
    batches: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Mini-batches, one after the other.")
    ] = None,
    workers: Annotated[
        int, typer.Option(metavar="N", min=1, help="Processes for the groups; changes no result.")
    ] = 1,
    verify: Annotated[
        bool, typer.Option("--verify", help="Learn the same on the host; report the difference.")
    ] = False,
    overrides: Overrides = None,
    as_json: AsJson = False,
) -> None:
    """Learn in mini-batches: a sample for each group of PEs, then one step for all.

    Time per mini-batch, share of the all-reduce, energy, and whether it is real time.

    \b
    spinn2sim batch experiments/scenarios/minibatch_1200pe.yaml
    spinn2sim batch experiments/scenarios/minibatch_1200pe.yaml --batches 3 --verify
    spinn2sim batch experiments/scenarios/minibatch_1200pe.yaml --set chip.pe.clock=300MHz --json
    spinn2sim batch experiments/scenarios/minibatch_1200pe.yaml --groups 12 \\
        --set parameters.update_every=12 --batches 1
    """
    from spinn2sim.elaboration import scenario_workload
    from spinn2sim.minibatch import simulate_batches, summarise_batches
    from spinn2sim.minibatch.verification import host_difference

    given = [f"batch.groups={groups}"] if groups is not None else []
    if scenario is None:
        raise SpecError("batch", ("name a scenario file that has a batch; see batch --help",))
    wanted = load(scenario, None, given + (overrides or []))
    if batches is not None and wanted.batch is not None:
        n_samples = batches * wanted.batch.groups
        changed = wanted.workload.with_changes(n_samples=n_samples)
        wanted = wanted.with_changes(workload=changed)
    with progress_bar(f"simulating {wanted.name}") as progress:
        workload = scenario_workload(wanted)
        began = time.perf_counter()
        run = simulate_batches(wanted, workload, workers=workers, progress=progress)
        wall_s = time.perf_counter() - began
        difference = host_difference(run, workload) if verify else None
    summary = summarise_batches(run)
    if as_json:
        verified = {} if difference is None else {"host_difference": difference}
        print_json("batch", {**summary.as_dict(), **verified})
        return
    print_text(str(summary))
    if difference is not None:
        print_text(f"host       weights differ by {difference:.3g} at most from the host's")
    simulated_s = summary.batch_s * summary.n_batches
    speed = simulated_s / wall_s
    print_text(f"\n{simulated_s:.2f} s simulated in {wall_s:.2f} s ({speed:.3g} x real time)")
