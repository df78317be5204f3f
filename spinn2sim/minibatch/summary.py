"""The figures of mini-batches: time, share of the all-reduce, energy, and whether it is real time.

A mini-batch lasts from the first release of a time step to the first timer interrupt at which every
PE has made its step: as long as a sample, if the all-reduce ends in the period of the last step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from spinn2sim.minibatch.board import BoardRun
from spinn2sim.minibatch.group import GroupRun
from spinn2sim.minibatch.placement import n_chips
from spinn2sim.minibatch.run import BatchRun
from spinn2sim.report.chip_model import Activity, joules, n_chips_on, paper_joules
from spinn2sim.report.fall_backs import FallBacks
from spinn2sim.report.summary import counted
from spinn2sim.trace import WindowCounts
from spinn2sim.units import Clock


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """What ``batch --json`` prints. Times are of the longest mini-batch, energies of the mean."""

    name: str
    fits: bool
    """Every step ended in its period, the last one with the all-reduce, and no packet was lost."""
    verdict: str
    n_groups: int
    n_pe: int
    """Of all groups."""
    n_chips: int
    clock_hz: int
    n_batches: int
    batch_s: float
    """From the start of a mini-batch to the start of the next one: whole time steps."""
    sample_s: float
    """From the first release until the last group has its gradient."""
    all_reduce_s: float
    """From then until the last PE has the sum of all groups."""
    update_s: float
    """From then until the last PE has made its step."""
    all_reduce_share: float
    """Of ``batch_s``."""
    last_slack_cycles: int
    """What is left of the last time step when all is done; negative if it overran."""
    slack_cycles: int
    """Least slack of the other steps."""
    overruns: int
    packets_lost: int
    sram_bytes_max_pe: int
    sram_bytes_available: int
    energy_j: dict[str, float]
    """Of a mini-batch, by model, over all chips of the board."""
    all_reduce_j: float
    """What the busy cycles and the NoC of the all-reduce take of the chip model, with the step."""
    loss: float
    """Mean over the samples of the last mini-batch, before its step."""
    accuracy: float
    timing: FallBacks
    """Of the groups and the all-reduce of all mini-batches together."""
    digest: str

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {**asdict(self), "timing": self.timing.as_dict()}

    def __str__(self) -> str:
        taken = self.energy_j
        lines = [
            self.verdict,
            (
                f"{self.name}: {self.n_groups:,} groups on {self.n_pe:,} PEs of "
                f"{counted(self.n_chips, 'chip')} at {self.clock_hz / 1e6:g} MHz"
            ),
            f"batch      {self.batch_s:.3f} s for {self.n_groups:,} samples",
            f"samples    {self.sample_s * 1e3:.3f} ms until the last group has its gradient",
            (
                f"all-reduce {self.all_reduce_s * 1e3:.3f} ms, {self.all_reduce_share:.3%} of the "
                f"batch; update {self.update_s * 1e3:.3f} ms"
            ),
            (
                f"slack      {self.slack_cycles:,} cycles in a step, {self.last_slack_cycles:,} in "
                f"the last with all-reduce and update"
            ),
            f"memory     {self.sram_bytes_max_pe:,} of {self.sram_bytes_available:,} B on a PE",
            (
                f"energy     {taken['chip']:.4g} J by the chip model, "
                f"{taken['chip'] / self.n_groups * 1e3:.4g} mJ a sample; all-reduce and update "
                f"{self.all_reduce_j * 1e3:.3g} mJ"
            ),
            (
                f"energy     {taken['paper']:.4g} J by the paper model, "
                f"{taken['paper'] / self.n_groups * 1e3:.4g} mJ a sample"
            ),
            f"loss       {self.loss:.6g}, accuracy {self.accuracy:.1%}, before the last update",
            f"timed by   {self.timing}",
            f"digest     {self.digest}",
        ]
        return "\n".join(lines)


def summarise_batches(run: BatchRun) -> BatchSummary:
    """The summary of *run*."""
    scenario, timebase = run.scenario, run.timebase
    assert scenario.batch is not None
    clock = timebase.clock(scenario.chip.pe.clock)
    period = timebase.hz * scenario.timestep // 10**9
    deadline = run.n_timesteps * period
    groups = [group for of_batch, _ in run.batches for group in of_batch]
    boards = [board for _, board in run.batches]
    parts: list[GroupRun | BoardRun] = [*groups, *boards]
    gathered = [max(int(each.finished.max()) for each in of_batch) for of_batch, _ in run.batches]
    reduced, ends = _latest(boards, "reduced"), _latest(boards, "finished")
    length = max(deadline, *(-(-end // period) * period for end in ends))
    last_slack = _cycles(clock, deadline - max(ends))
    lost = sum(each.n_lost for each in groups) + sum(each.n_lost for each in boards)
    overruns = sum(group.n_overruns for group in groups) + sum(end > deadline for end in ends)
    all_reduce = max(end - begin for begin, end in zip(gathered, reduced, strict=True))
    seconds, of_last = timebase.seconds, run.batches[-1][0]
    slack = _cycles(clock, min(group.least_slack for group in groups))
    n_all = scenario.n_pe * scenario.batch.groups
    return BatchSummary(
        name=scenario.name,
        fits=not overruns and not lost,
        verdict=_verdict(overruns, lost, last_slack),
        n_groups=scenario.batch.groups,
        n_pe=n_all,
        n_chips=n_chips(scenario),
        clock_hz=scenario.chip.pe.clock,
        n_batches=len(boards),
        batch_s=seconds(length),
        sample_s=seconds(max(gathered)),
        all_reduce_s=seconds(all_reduce),
        update_s=seconds(max(b - a for a, b in zip(reduced, ends, strict=True))),
        all_reduce_share=all_reduce / length,
        last_slack_cycles=last_slack,
        slack_cycles=slack,
        overruns=overruns,
        packets_lost=lost,
        sram_bytes_max_pe=run.sram_bytes,
        sram_bytes_available=scenario.chip.pe.sram.variable_bytes,
        energy_j=_energy(run, seconds(length)),
        all_reduce_j=_dynamic_j(run, boards) / len(boards),
        loss=sum(group.loss for group in of_last) / len(of_last),
        accuracy=sum(group.correct for group in of_last) / len(of_last),
        timing=FallBacks("compiled", "", _windows(parts)),
        digest=run.digest(),
    )


def _latest(boards: list[BoardRun], what: str) -> list[int]:
    return [int(getattr(board, what).max()) for board in boards]


def _cycles(clock: Clock, ticks: int) -> int:
    return ticks // clock.ticks_per_cycle


def _windows(parts: Sequence[GroupRun | BoardRun]) -> WindowCounts:
    return WindowCounts(
        *(sum(counts) for counts in zip(*(each.windows for each in parts), strict=True))
    )


def _verdict(overruns: int, lost: int, last_slack: int) -> str:
    if not overruns and not lost:
        return f"FITS: real time, {last_slack:,} cycles left after the update"
    findings = [f"{overruns:,} steps overran"] if overruns else []
    findings += [f"{lost:,} packets lost"] if lost else []
    return f"DOES NOT FIT: {'; '.join(findings)}; {last_slack:,} cycles left after the update"


def _energy(run: BatchRun, batch_s: float) -> dict[str, float]:
    """Joules of a mini-batch by both models."""
    scenario = run.scenario
    assert scenario.batch is not None
    n_pe = scenario.n_pe * scenario.batch.groups
    parts: list[GroupRun | BoardRun] = []
    for groups, board in run.batches:
        parts += [*groups, board]
    n, did = len(run.batches), _activity(run, parts)
    still = joules(scenario.power, did._replace(n_pe=n_pe, seconds=batch_s))
    return {
        "chip": still.baseline + still.sleep + _dynamic_j(run, parts) / n,
        "paper": paper_joules(
            scenario.power, clock=scenario.chip.pe.clock, n_pe=n_pe, seconds=batch_s
        ),
    }


def _dynamic_j(run: BatchRun, parts: Sequence[GroupRun | BoardRun]) -> float:
    """Joules of what *parts* did, beyond being on."""
    return sum(joules(run.scenario.power, _activity(run, parts)))


def _activity(run: BatchRun, parts: Sequence[GroupRun | BoardRun]) -> Activity:
    """What *parts* did, in no time: how long all PEs were on is that of a mini-batch."""
    level = run.scenario.power.level_at(run.scenario.chip.pe.clock)
    return Activity(
        seconds=0.0,
        n_chips=n_chips_on(run.scenario.board),
        n_pe=0,
        sleep_w=level.sleep_mw * 1e-3,
        n_cycles=sum(part.n_cycles for part in parts),
        cycle_pj=level.cycle_pj,
        n_flit_hops=sum(part.n_flit_hops for part in parts),
        n_link_bits=sum(part.n_link_bits for part in parts if isinstance(part, BoardRun)),
        n_dram_bits=0,
    )
