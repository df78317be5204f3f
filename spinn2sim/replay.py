"""The compiled machine: what programs do first, and when it happens afterwards.

``recording`` notes the ops of a scenario's firmware, run without a clock; ``time_programs`` asks
the compiled machine of ``hw.replay`` when each of them happens. The Trace is that of the SimPy
machine, digest included, as long as no answer that a program got depends on time. ``run`` sees to
that: a firmware with a race, lost packets, and runs that end in an error are not for it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinn2sim.elaboration import TIMER_REFERENCE_HZ, described, readout_of, timebase_of
from spinn2sim.errors import Spinn2SimError
from spinn2sim.firmware import Charge, Firmware
from spinn2sim.firmware.execution import Endless, Race
from spinn2sim.hw.noc.between_chips import beats_between_chips
from spinn2sim.hw.replay import Happenings, Programs, replay
from spinn2sim.hw.replay import layout as at
from spinn2sim.recording import Recording, only_simpy_has, record, refuse_what_only_simpy_has
from spinn2sim.rehearsal import rehearse
from spinn2sim.spec import Scenario
from spinn2sim.trace import TABLES, Trace, column_type, frozen_trace, in_order_of_first
from spinn2sim.workload import Workload

Numbers = NDArray[np.int64]


def run(
    scenario: Scenario,
    workload: Workload,
    *,
    weights: Mapping[str, NDArray[Any]] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Trace | str:
    """The Trace of *scenario* on *workload*, or why only the SimPy machine can tell."""
    if reason := only_simpy_has(scenario):
        return reason
    try:
        recording = rehearse(scenario, workload, weights=weights, progress=progress)
        if recording is None:
            recording = record(
                scenario, workload, weights=weights, may_race=False, progress=progress
            )
    except Race as race:
        return str(race)
    except Endless:
        return "a program may never end"
    except Spinn2SimError:
        return "it ends in an error"
    trace = time_programs(scenario, workload, recording)
    if trace is None:
        return "it ends in an error"
    if _lost(trace):
        return "packets are lost"
    return trace


def time_programs(scenario: Scenario, workload: Workload, recording: Recording) -> Trace | None:
    """The Trace of a run in which the PEs do what the programs of *recording* say.

    None if it ends in an error: only the SimPy machine can tell which.

    :raises SpecError: the scenario has what only the SimPy machine has.
    """
    refuse_what_only_simpy_has(scenario)
    timebase, programs, firmwares = timebase_of(scenario), recording.programs, recording.firmwares
    happenings = replay(
        scenario,
        programs,
        timebase=timebase,
        timer_reference=timebase.clock(TIMER_REFERENCE_HZ),
        n_frames=workload.n_samples * workload.n_timesteps,
        n_in=workload.n_in,
    )
    if happenings is None:
        return None
    links = [link.name for link in happenings.noc.links]
    tables, segments, log_names = _tables(scenario, programs, happenings, firmwares)
    meta = described(scenario, workload, firmwares, links=links, weights=recording.began_with)
    trace = frozen_trace(meta, tables, readout_of(firmwares), segments, log_names)
    trace = dataclasses.replace(trace, windows=happenings.windows)
    return None if scenario.strict and _breaks_a_rule(trace) else trace


def _breaks_a_rule(trace: Trace) -> bool:
    """Whether the run would end in an error under ``strict``."""
    steps = trace.tables["steps"]
    late = steps["finished"] - steps["released"] > trace.period
    return bool(late.any()) or _lost(trace)


def _lost(trace: Trace) -> bool:
    """Whether a receive FIFO was full, or the network failed to deliver something."""
    pes = trace.tables["pes"]
    undelivered = pes["packets_expected"] != pes["packets_delivered"]
    return bool(undelivered.any() or pes["packets_overwritten"].any())


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
    # The machine's own segments count from below 0, so they are at the end.
    charges = [*programs.segments, *(own[number] for number in range(-len(own), 0))]
    number_of = {each: number for number, each in enumerate(dict.fromkeys(charges))}
    work = happenings.work
    used = np.array([number_of[each] for each in charges], np.int64)[work[:, 3]]
    segments = in_order_of_first(list(number_of), used, (work[:, 2], work[:, 0]))
    order = {each: number for number, each in enumerate(segments)}
    numbers = np.array([order.get(each, at.NONE) for each in number_of], np.int64)[used]
    rows: dict[str, Numbers | list[tuple[int, ...]]] = {
        "steps": happenings.steps,
        "waits": happenings.waits,
        "sends": _sends(programs, happenings),
        "spikes": _at(happenings, programs.spikes, [0], [2]),
        "refills": happenings.refills,
        "dma": happenings.dma,
        "links": [(n, link.n_flits, link.peak_waiting) for n, link in enumerate(stats.links)],
        "queue_peaks": stats.queue_peaks(),
        "fifo_peaks": stats.fifo_peaks(),
        "routers": stats.routers(),
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
    n_beats = beats_between_chips(chip, scenario.board, happenings.dma[:, [0, 1, 4]].tolist())
    rows["chip_beats"] = [(n_beats,)] if n_beats else []
    tables = {name: _columns(name, each) for name, each in rows.items()}
    tables["work"] = {
        **_columns("work", work),
        "segment": numbers.astype(column_type("work", "segment")),
    }
    log = _at(happenings, programs.log, [0], [2, 2])
    log_names = in_order_of_first(programs.log_names, log[:, 2], (log[:, 1], log[:, 0]))
    rank = np.array([log_names.index(name) for name in programs.log_names], np.int64)
    log[:, 2] = rank[log[:, 2]]
    tables["log"] = {**_columns("log", log), "value": programs.log_values}
    return tables, segments, log_names


def _at(happenings: Happenings, noted: Numbers, before: list[int], after: list[int]) -> Numbers:
    """Columns of *noted* (PE and op first) with the time step of the op between them."""
    timesteps = happenings.op_times[noted[:, 0], noted[:, 1], :1]
    return np.hstack([noted[:, before], timesteps, noted[:, after]])


def _sends(programs: Programs, happenings: Happenings) -> Numbers:
    n_ops = programs.ops.shape[1]
    codes = programs.ops[:, :, at.CODE].ravel()
    places = np.flatnonzero((codes == at.MULTICAST) | (codes == at.SEND))
    ops = programs.ops.reshape(-1, at.OP_FIELDS).take(places, axis=0)
    n_packets = np.where(ops[:, at.CODE] == at.SEND, 1, ops[:, at.FIRST])
    times = happenings.op_times.reshape(-1, 2).take(places, axis=0)
    sends = np.column_stack([places // n_ops, times, n_packets])
    return sends[n_packets > 0]


def _columns(table: str, rows: Numbers | list[tuple[int, ...]]) -> dict[str, NDArray[np.generic]]:
    names = TABLES[table]
    cells = np.asarray(rows, np.int64).reshape(-1, len(names))
    return {name: cells[:, k].astype(column_type(table, name)) for k, name in enumerate(names)}
