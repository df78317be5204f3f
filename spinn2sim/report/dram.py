"""What went to and from DRAM, and how much of its channel's time that took."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from spinn2sim.report.energy import span
from spinn2sim.spec import BoardSpec, ChipSpec
from spinn2sim.trace import Trace


@dataclass(frozen=True, slots=True)
class DramUse:
    """Between the first release and the last deadline."""

    n_blocks: int
    n_bytes: int
    utilisation: float
    """Of the rate of the busiest chip's channel."""

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)

    def __str__(self) -> str:
        return (
            f"{self.n_blocks:,} blocks, {self.n_bytes:,} B; channel taken {self.utilisation:.1%} "
            f"of the time"
        )


def dram_use(trace: Trace) -> DramUse | None:
    """Of the blocks that the channel began in the run's time steps; None if no PE ever used any."""
    table, scenario = trace.tables["dram"], trace.meta["scenario"]
    if not table["pe"].size:
        return None
    chip = ChipSpec.model_validate(scenario["chip"])
    assert chip.dram is not None, "somebody used it"
    board = BoardSpec.model_validate(scenario["board"]) if scenario.get("board") else None
    per_chip = board.pes_per_chip(chip) if board else chip.n_pe
    begin, end = span(trace)
    within = (table["started"] >= begin) & (table["started"] < end)
    n_bytes, chips = table["n_bytes"][within], table["pe"][within] // per_chip
    most = max((int(n_bytes[chips == each].sum()) for each in set(chips.tolist())), default=0)
    could = chip.dram.rate * trace.timebase.seconds(end - begin)
    return DramUse(len(n_bytes), int(n_bytes.sum()), most * 8 / could if could else 0.0)
