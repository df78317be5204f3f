"""A scenario: one simulation, complete and frozen. Nothing reads YAML after it is loaded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from spinn2sim.quantity import DURATION, Within
from spinn2sim.spec.board import BoardSpec
from spinn2sim.spec.chip import ChipSpec
from spinn2sim.spec.faults import FaultsSpec
from spinn2sim.spec.host import HostSpec
from spinn2sim.spec.power import PowerSpec
from spinn2sim.spec.provenance import Provenance
from spinn2sim.validated import Validated, nearest

#: The timers of a PE count a 1 MHz reference, so a time step is a whole number of these.
TIMER_REFERENCE_NS = 1_000

#: Characters in the name of a scenario, of which a run folder is named.
MAX_NAME = 100


def _file_name(name: str) -> str:
    if not name.isprintable() or not name.strip() or set(name) & set("/\\") or len(name) > MAX_NAME:
        raise ValueError(f"expected 1 to {MAX_NAME} printable characters without slashes")
    return name


def _named(source: str) -> str:
    if not source.strip():
        raise ValueError("is empty; name an audio file or a folder of them, or embedded")
    return source


def _values(group: object) -> Mapping[str, Any]:
    """What *group* holds, by key: nothing if it is itself a value."""
    if isinstance(group, Validated):
        return vars(group)
    return group if isinstance(group, Mapping) else {}


def _class_path(path: str) -> str:
    if not re.fullmatch(r"\w+(\.\w+)*:\w+", path):
        raise ValueError("expected package.module:Class")
    return path


class WorkloadSpec(Validated):
    """The audio that is streamed in, and the features made of it."""

    source: Annotated[str, AfterValidator(_named)] = "embedded"
    """``embedded``, an audio file, or a folder of audio files."""
    n_samples: Annotated[int, Within(1, 10_000_000, "sample")] = 1
    """Utterances to run; the source is repeated if it has fewer."""
    derivative_order: Literal[0, 1, 2] = 1
    """Highest time derivative of the 40 mel bands: 40, 80 or 120 inputs."""


class BatchSpec(Validated):
    """A mini-batch, spread over groups of PEs that learn from one sample each."""

    groups: Annotated[int, Within(2, 100_000, "group")]
    """Groups of ``n_pe`` PEs, as many as a mini-batch has samples."""
    groups_per_host: Annotated[int, Within(1, 100_000, "group")]
    """Groups that share a path to the host; each has an equal part of its rates."""


class Scenario(Validated):
    """What to simulate: a chip and its host, a firmware on some PEs, and data to stream."""

    name: Annotated[str, AfterValidator(_file_name)]
    """Name in reports and of run folders."""
    chip: ChipSpec
    """The chip."""
    board: BoardSpec | None = None
    """Many of these chips; without it there is one, and all of its PEs can run firmware."""
    host: HostSpec
    """The host computer."""
    power: PowerSpec
    """Power figures."""
    n_pe: Annotated[int, Within(1, 1_000_000, "PE")]
    """PEs that run the firmware: the first ones of the chip or the board, in their order. With a
    ``batch``, the PEs of each of its groups."""
    batch: BatchSpec | None = None
    """Many groups of PEs that learn from a mini-batch together (``spinn2sim batch``)."""
    firmware: Annotated[str, AfterValidator(_class_path)]
    """``package.module:Class``."""
    parameters: dict[str, Any] = Field(default_factory=dict)
    """Parameters of the firmware; its class says which."""
    timestep: Annotated[int, DURATION]
    """Period of the timer interrupt: real time is kept if each step ends within it."""
    workload: WorkloadSpec = WorkloadSpec()
    """Input data."""
    seed: Annotated[int, Within(0, 2**63 - 1, "1")] = 0
    """The one source of randomness."""
    strict: bool = False
    """An overrun or a lost packet ends the run instead of being counted."""
    patience_steps: Annotated[int, Within(1, 10**9, "time step")] = 1_000
    """A PE that sees no timer interrupt for so long is taken to be stuck."""
    faults: FaultsSpec | None = None
    """What goes wrong, on purpose; nothing if it is not given."""
    provenance: dict[str, Provenance] = Field(default_factory=dict)
    """Source and confidence by key path; filled from presets."""

    @property
    def capacity(self) -> int:
        """PEs that can run firmware."""
        return self.chip.n_pe if self.board is None else self.board.capacity(self.chip)

    @model_validator(mode="after")
    def _ports_lie_on_the_mesh(self) -> Self:
        if self.board is not None:
            for port in self.board.ports:
                if not self.chip.is_on_mesh(port):
                    raise ValueError(f"board.ports: {port} is not a place on the mesh of the chip")
        return self

    @model_validator(mode="after")
    def _timestep_fits_the_timer(self) -> Self:
        if self.timestep == 0 or self.timestep % TIMER_REFERENCE_NS:
            raise ValueError(
                f"timestep = {self.timestep:,} ns: must be a positive multiple of "
                f"{TIMER_REFERENCE_NS:,} ns, the tick of the timers"
            )
        return self

    @model_validator(mode="after")
    def _policies_have_levels(self) -> Self:
        pe, clocks = self.chip.pe, [level.max_clock for level in self.power.levels]
        if pe.dvfs != "fixed" and pe.dvfs_switch is None:
            raise ValueError(
                f"chip.pe.dvfs = {pe.dvfs}: chip {self.chip.name!r} cannot switch; set "
                f"chip.pe.dvfs_switch, or use the preset spinnaker2"
            )
        if pe.dvfs != "fixed" and pe.clock not in clocks:
            levels = ", ".join(f"{clock / 1e6:g} MHz" for clock in clocks)
            raise ValueError(
                f"chip.pe.dvfs = {pe.dvfs}: chip.pe.clock = {pe.clock / 1e6:g} MHz is the clock of "
                f"no performance level in power.levels; they are {levels}"
            )
        return self

    @model_validator(mode="after")
    def _faulty_pes_take_part(self) -> Self:
        beyond = [pe for pe in self.faults.pes if pe >= self.n_pe] if self.faults else []
        if beyond:
            raise ValueError(
                f"faults: there is no PE {beyond[0]}; the scenario runs PEs 0 to {self.n_pe - 1}"
            )
        return self

    @model_validator(mode="after")
    def _faulty_chip_links_exist(self) -> Self:
        if self.faults and self.faults.chip_links and self.board is None:
            raise ValueError(
                "faults.chip_links: there is one chip and no link to another; give the scenario a "
                "board (preset spinnaker2-board), or say faults.noc_links"
            )
        return self

    @model_validator(mode="after")
    def _provenance_is_of_values(self) -> Self:
        for path in self.provenance:
            found: object = self
            for key in path.split("."):
                known = _values(found)
                if key not in known:
                    raise ValueError(f"provenance: no value at {path!r}{nearest(key, list(known))}")
                found = known[key]
        return self
