"""What the chip draws: coefficients of two models, and the measured table they must reproduce."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import model_validator

from spinn2sim.quantity import FREQUENCY, Within
from spinn2sim.validated import Validated

Picojoules = Annotated[float, Within(0, 100_000, "pJ")]


class PowerLevel(Validated):
    """A voltage, the clock it allows, and what a PE draws there."""

    voltage_mv: Annotated[int, Within(100, 2_000, "mV")]
    """Supply voltage."""
    max_clock: Annotated[int, FREQUENCY]
    """Highest PE clock at this voltage."""
    sleep_mw: Annotated[float, Within(0, 1_000, "mW")]
    """Power of a PE that is on but asleep."""
    cycle_pj: Annotated[float, Within(0, 100_000, "pJ")]
    """Energy of a busy cycle beyond sleep."""

    @property
    def name(self) -> str:
        """What reports and firmware call it: its voltage, as ``0.5 V``."""
        return f"{self.voltage_mv / 1000:g} V"


class ChipPower(Validated):
    """Measured power of a whole chip in one state, for checking the coefficients."""

    state: Literal["asleep", "coremark"]
    """All PEs on and asleep, or all running CoreMark."""
    voltage_mv: Annotated[int, Within(100, 2_000, "mV")]
    """Supply voltage."""
    clock: Annotated[int, FREQUENCY]
    """PE clock."""
    n_pe: Annotated[int, Within(1, 1_000_000, "PE")]
    """PEs that are on."""
    power_mw: Annotated[float, Within(0, 1_000_000, "mW")]
    """Power of the chip."""


class PowerSpec(Validated):
    """Two models of energy: the measured whole chip, and the paper's microwatt per megahertz."""

    baseline_mw: Annotated[float, Within(0, 1_000_000, "mW")]
    """Chip power with all PEs off."""
    levels: tuple[PowerLevel, ...]
    """Performance levels, lowest voltage first; a run uses the first that allows its PE clock."""
    flit_hop_pj: Picojoules
    """Energy of one flit over one mesh link."""
    link_bit_pj: Picojoules | None = None
    """Energy of a bit over a link between chips; none if the machine has no such links."""
    dram_bit_pj: Picojoules | None = None
    """Energy of a bit into or out of DRAM; none if the machine has no DRAM."""
    paper_uw_per_mhz: Annotated[float, Within(0, 100_000, "uW/MHz")]
    """The e-prop paper's figure for one core running CoreMark."""
    whole_chip: tuple[ChipPower, ...] | None = None
    """Measured power of the whole chip, from which the coefficients were derived."""

    def level_at(self, clock: int) -> PowerLevel:
        """The lowest level that allows *clock*, or the highest."""
        return next((each for each in self.levels if each.max_clock >= clock), self.levels[-1])

    @model_validator(mode="after")
    def _levels_ascend(self) -> Self:
        clocks = [level.max_clock for level in self.levels]
        if not clocks or clocks != sorted(set(clocks)):
            raise ValueError("levels must hold at least one level, each with a higher max_clock")
        return self
