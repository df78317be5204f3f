"""The timing of programs that are known beforehand, as a Trace: the machine without its firmware.

``record`` lets a scenario's firmware run without a clock and notes its ops; ``time_programs`` asks
the compiled machine of ``hw.replay`` when each of them happens. The Trace is that of ``simulate``,
digest included, as long as the programs do not depend on time, which a firmware without races
never does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spinn2sim.errors import SpecError
from spinn2sim.firmware import Charge, Firmware
from spinn2sim.firmware.untimed import run_untimed
from spinn2sim.hw.replay import Happenings, Programs, Recorded, replay
from spinn2sim.hw.replay import layout as at
from spinn2sim.sim import (
    TIMER_REFERENCE_HZ,
    described,
    elaborate,
    frames_of,
    readout_of,
    simulate,
    timebase_of,
)
from spinn2sim.spec import Scenario
from spinn2sim.trace import TABLES, Trace, column_type, frozen_trace, in_order_of_first
from spinn2sim.workload import Workload

Numbers = NDArray[np.int64]


def record(scenario: Scenario, workload: Workload) -> tuple[Programs, list[Firmware]]:
    """The ops of *scenario*'s firmware on *workload*, and the firmwares after their run.

    :raises SpecError: it asks for what only the machine itself can do.
    """
    _refuse_what_is_not_replayed(scenario)
    firmwares = elaborate(scenario, workload)
    shared: defaultdict[int, dict[str, int]] = defaultdict(dict)
    recorded = [
        Recorded(firmware, pe, scenario.chip, shared) for pe, firmware in enumerate(firmwares)
    ]
    run_untimed(recorded, frames_of(workload))
    return Programs.of(recorded), firmwares


def time_programs(
    scenario: Scenario, workload: Workload, programs: Programs, firmwares: Sequence[Firmware]
) -> Trace:
    """The Trace of a run in which the PEs do what *programs* say.

    :raises SpecError: it asks for what only the machine itself can do.
    :raises Spinn2SimError: the run cannot go on: what ``simulate`` says of it.
    """
    _refuse_what_is_not_replayed(scenario)
    timebase = timebase_of(scenario)
    happenings = None
    if not scenario.strict:
        happenings = replay(
            scenario,
            programs,
            timebase=timebase,
            timer_reference=timebase.clock(TIMER_REFERENCE_HZ),
            n_frames=workload.n_samples * workload.n_timesteps,
            n_in=workload.n_in,
        )
    if happenings is None:  # It ends in an error, or has to be watched for one.
        return simulate(scenario, workload)
    links = [link.name for link in happenings.noc.links]
    tables, segments, log_names = _tables(scenario, programs, happenings, firmwares)
    meta = described(scenario, workload, firmwares, links=links, weights=None)
    return frozen_trace(meta, tables, readout_of(firmwares), segments, log_names)


def _refuse_what_is_not_replayed(scenario: Scenario) -> None:
    pe = scenario.chip.pe
    problems = []
    if scenario.faults is not None:
        problems.append("faults: the timing of known programs has none; use simulate")
    if pe.dvfs != "fixed":
        problems.append(
            f"chip.pe.dvfs = {pe.dvfs}: the timing of known programs has one clock for all PEs; "
            f"use fixed, or simulate"
        )
    if problems:
        raise SpecError("replay", tuple(problems))


def _tables(
    scenario: Scenario, programs: Programs, happenings: Happenings, firmwares: Sequence[Firmware]
) -> tuple[dict[str, dict[str, NDArray[np.generic]]], list[tuple[Charge, ...]], list[str]]:
    """The tables of the trace but that of the segments; the segments; the names in the log."""
    chip, stats = scenario.chip, happenings.noc
    handler = chip.pe.interrupt_entry_cycles + chip.pe.interrupt_exit_cycles
    own = {
        at.INTERRUPT_AWAKE: (Charge("interrupt", handler),),
        at.INTERRUPT_ASLEEP: (Charge("interrupt", chip.pe.wake_cycles + handler),),
        at.DMA_SETUP: (Charge("dma_setup", chip.dma.setup_cycles),),
        at.DMA_COMPLETION: (Charge("interrupt", chip.dma.completion_cycles),),
    }
    work = happenings.work.copy()
    used = np.unique(work[:, 3])
    charges = {number: own.get(number) or programs.segments[number] for number in used.tolist()}
    distinct = list(dict.fromkeys(charges.values()))
    segments = in_order_of_first(
        distinct,
        [distinct.index(charges[number]) for number in work[:, 3].tolist()],
        list(zip(work[:, 2].tolist(), work[:, 0].tolist(), strict=True)),
    )
    renumbered = [segments.index(charges[number]) for number in used.tolist()]
    work[:, 3] = np.array(renumbered, np.int64)[np.searchsorted(used, work[:, 3])]
    rows: dict[str, Numbers | list[tuple[int, ...]]] = {
        "steps": happenings.steps,
        "work": work,
        "waits": happenings.waits,
        "sends": _sends(programs, happenings),
        "spikes": _at(happenings, programs.spikes, [0], [2]),
        "refills": happenings.refills,
        "dma": happenings.dma,
        "links": [(n, link.n_flits, link.peak_waiting) for n, link in enumerate(stats.links)],
        "pes": list(
            zip(
                range(programs.n_pe),
                stats.n_expected,
                stats.n_delivered,
                stats.n_dropped,
                stats.n_overwritten,
                stats.peak_fifo,
                [-1 if tick is None else tick for tick in stats.first_loss],
                [firmware.layout.n_bytes for firmware in firmwares],
                strict=True,
            )
        ),
    }
    tables = {name: _columns(name, each) for name, each in rows.items()}
    log = _at(happenings, programs.log, [0], [2, 2])
    log_names = in_order_of_first(
        programs.log_names,
        log[:, 2].tolist(),
        list(zip(log[:, 1].tolist(), log[:, 0].tolist(), strict=True)),
    )
    rank = np.array([log_names.index(name) for name in programs.log_names], np.int64)
    log[:, 2] = rank[log[:, 2]]
    tables["log"] = {**_columns("log", log), "value": programs.log_values}
    return tables, segments, log_names


def _at(happenings: Happenings, noted: Numbers, before: list[int], after: list[int]) -> Numbers:
    """Columns of *noted* (PE and op first) with the time step of the op between them."""
    timesteps = happenings.op_times[noted[:, 0], noted[:, 1], :1]
    return np.hstack([noted[:, before], timesteps, noted[:, after]])


def _sends(programs: Programs, happenings: Happenings) -> Numbers:
    sends = programs.ops[:, :, at.CODE] == at.MULTICAST
    pes, numbers = np.nonzero(sends & (programs.ops[:, :, at.FIRST] > 0))
    n_packets = programs.ops[pes, numbers, at.FIRST]
    return np.column_stack([pes, happenings.op_times[pes, numbers], n_packets])


def _columns(table: str, rows: Numbers | list[tuple[int, ...]]) -> dict[str, NDArray[np.generic]]:
    names = TABLES[table]
    cells = np.array(rows, np.int64).reshape(-1, len(names))
    columns = {name: np.ascontiguousarray(cells[:, k]) for k, name in enumerate(names)}
    return {name: each.astype(column_type(table, name)) for name, each in columns.items()}
