"""Where the groups of a mini-batch are, and the machine that one of them sees of its own.

Groups are numbered through the chips, whole ones on each. Until the all-reduce a group meets no
other, so it is simulated alone: its QPEs where they are on their chip, with its part of the host.
What is left out so is that packets of groups on the same chip may meet on links of its mesh.
"""

from __future__ import annotations

from spinn2sim.errors import PlacementError, SpecError
from spinn2sim.spec import Scenario
from spinn2sim.spec.scenario import BatchSpec


def batch_of(scenario: Scenario) -> BatchSpec:
    """The mini-batch of *scenario*, whose groups fit its machine.

    :raises SpecError: there is none, its groups do not fill whole QPEs of one chip, the samples do
        not fill whole mini-batches, or it asks for what only the SimPy machine has.
    :raises PlacementError: there are more groups than the machine holds.
    """
    batch, chip, board = scenario.batch, scenario.chip, scenario.board
    if batch is None:
        problem = "has no groups; set batch={groups: 10, groups_per_host: 10} or other numbers"
        raise SpecError("batch", (problem,))
    problems = []
    if scenario.n_pe % chip.pes_per_qpe:
        problems.append(
            f"n_pe = {scenario.n_pe}: a group fills whole QPEs; use a multiple of "
            f"{chip.pes_per_qpe}"
        )
    if board is not None and (board.placement, board.group_pes) != ("whole", scenario.n_pe):
        problems.append(
            f"board.group_pes = {board.group_pes}, board.placement = {board.placement}: a group "
            f"has a chip to itself in one piece; use {scenario.n_pe} and whole"
        )
    if scenario.workload.n_samples % batch.groups:
        problems.append(
            f"workload.n_samples = {scenario.workload.n_samples:,}: not whole mini-batches of "
            f"batch.groups = {batch.groups:,} samples; use a multiple"
        )
    if chip.pe.dvfs != "fixed":
        problems.append(
            f"chip.pe.dvfs = {chip.pe.dvfs}: groups are timed by the compiled machine, which has "
            f"one clock; use fixed, and chip.pe.clock for the level"
        )
    if scenario.faults is not None:
        problems.append(
            "faults: groups are timed by the compiled machine, which has none; drop them"
        )
    if problems:
        raise SpecError("batch", tuple(problems))
    n_pe = batch.groups * scenario.n_pe
    if n_pe > scenario.capacity:
        raise PlacementError(n_pe, scenario.capacity, chip.name)
    return batch


def groups_per_chip(scenario: Scenario) -> int:
    """Groups on each chip but the last."""
    board, chip = scenario.board, scenario.chip
    n_pe = chip.n_pe if board is None else board.pes_per_chip(chip)
    return n_pe // scenario.n_pe


def n_chips(scenario: Scenario) -> int:
    """Chips that hold groups."""
    return -(-batch_of(scenario).groups // groups_per_chip(scenario))


def alone(scenario: Scenario, place: int) -> Scenario:
    """What the group at *place* on its chip sees: its PEs, and its part of the host."""
    chip, batch = scenario.chip, batch_of(scenario)
    n_qpes = scenario.n_pe // chip.pes_per_qpe
    first = place * n_qpes
    own, others = chip.qpes[first : first + n_qpes], chip.qpes[:first] + chip.qpes[first + n_qpes :]
    routed = chip.routed_by is not None
    host = scenario.host.with_changes(
        ethernet_rate=max(1, scenario.host.ethernet_rate // batch.groups_per_host),
        write_rate=max(1, scenario.host.write_rate // batch.groups_per_host),
    )
    return scenario.with_changes(
        # PEs count through the QPEs; an event router needs the mesh that it stands on.
        chip=chip.with_changes(
            qpes=own + others if routed else own,
            event_router=chip.event_router if routed else None,
        ),
        board=None,
        host=host,
        workload=scenario.workload.with_changes(n_samples=1),
        provenance={},
    )
