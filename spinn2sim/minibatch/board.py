"""The all-reduce: all PEs of all groups on the whole board, from when their samples are done.

Its programs do not depend on what they add up, so they run once, with the gradients of the first
mini-batch, and their ops are those of all. Other gradients are added up by ``add_up`` of the
firmware, if that makes the same sum of the first ones, bit for bit; if not, by the programs again.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinn2sim.elaboration import TIMER_REFERENCE_HZ, timebase_of
from spinn2sim.errors import FirmwareError
from spinn2sim.firmware import Op, PEContext, Program, WorkloadShape
from spinn2sim.firmware.batch import ALL_REDUCED, BatchFirmware
from spinn2sim.firmware.execution import Execution
from spinn2sim.hw.noc.between_chips import beats_between_chips
from spinn2sim.hw.replay import Happenings, Networks, Programs, replay
from spinn2sim.hw.replay import layout as at
from spinn2sim.minibatch.group import busy_cycles, digest_of, mesh_flits
from spinn2sim.report.chip_model import bits_between_chips
from spinn2sim.spec import Scenario
from spinn2sim.trace import WindowCounts

Numbers = NDArray[np.int64]
Gradient = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Exchange:
    """The program of one PE of the board in the all-reduce."""

    firmware: BatchFirmware
    """Of the PE at the same place of any group: all hold the same weights."""
    pe: PEContext
    gradient: Gradient
    n_groups: int

    def main(self) -> Program:
        """As in ``Firmware``."""
        return self.firmware.all_reduce(self.pe, self.gradient, self.n_groups)


class BoardRun(NamedTuple):
    """What has become of the gradients."""

    sums: Sequence[Gradient]
    """Of each PE of a group; all groups hold the same."""
    reduced: Numbers
    """(n_pe of all groups,) ticks from the first release until a PE has the sum, passed on."""
    finished: Numbers
    """The same until the end of its program, the step of the optimiser."""
    n_cycles: int
    n_flit_hops: int
    n_link_bits: int
    """Over links between chips."""
    n_lost: int
    windows: WindowCounts
    digest: str


class Board:
    """The machine of all groups; the firmware is that of one group."""

    def __init__(
        self, scenario: Scenario, firmwares: Sequence[BatchFirmware], shape: WorkloadShape
    ) -> None:
        assert scenario.batch is not None
        self._scenario, self._firmwares, self._shape = scenario, firmwares, shape
        self._n_groups = scenario.batch.groups
        self._programs: Programs | None = None
        self._adds_up = False
        """Whether ``add_up`` has made the sum that the programs made."""
        self._networks = Networks(sys.maxsize)  # however large: it is made once

    def run(self, gradients: Sequence[Mapping[str, NDArray[Any]]], begin: Numbers) -> BoardRun:
        """Add up *gradients*, by group; begin: (n_pe of all groups,) ticks.

        :raises FirmwareError: the programs cannot go on.
        """
        sums = self._sums(gradients)
        programs = self._programs
        assert programs is not None, "the programs have run by now"
        timebase = timebase_of(self._scenario)
        found = replay(
            self._scenario,
            programs,
            timebase=timebase,
            timer_reference=timebase.clock(TIMER_REFERENCE_HZ),
            n_frames=0,
            n_in=0,
            begin=begin,
            networks=self._networks,
        )
        if found is None:
            raise FirmwareError(0, "the all-reduce cannot go on", "raise chip.comms.fifo_events")
        noted = programs.log[programs.log[:, 2] == programs.log_names.index(ALL_REDUCED)]
        reduced = np.zeros(programs.n_pe, np.int64)
        reduced[noted[:, 0]] = found.op_times[noted[:, 0], noted[:, 1], 1]
        ends = (programs.ops[:, :, at.CODE] == at.HALT).argmax(axis=1)
        noc = found.noc
        return BoardRun(
            sums=sums,
            reduced=reduced,
            finished=found.op_times[np.arange(programs.n_pe), ends, 1],
            n_cycles=busy_cycles(self._scenario.chip, programs, found),
            n_flit_hops=mesh_flits(noc),
            n_link_bits=self._link_bits(found),
            n_lost=sum(noc.n_dropped) + sum(noc.n_overwritten) + noc.n_timed_out,
            windows=found.windows,
            digest=digest_of(found, sums[0]),
        )

    def _link_bits(self, found: Happenings) -> int:
        chip, board = self._scenario.chip, self._scenario.board
        between = ("chip-link", "board-link")
        n_packets = sum(link.n_flits for link in found.noc.links if link.name.startswith(between))
        transfers = found.dma[:, [0, 1, 4]].tolist()
        n_beats = beats_between_chips(chip, board, transfers)
        return bits_between_chips(board, chip.noc, n_packets=n_packets, n_beats=n_beats)

    def _exchanges(self, gradients: Sequence[Mapping[str, NDArray[Any]]]) -> list[Exchange]:
        n_pe, steps = self._scenario.n_pe, self._scenario.host.steps_per_buffer
        n_all = n_pe * self._n_groups
        return [
            Exchange(
                firmware,
                PEContext(group * n_pe + place, n_all, self._scenario.seed, self._shape, steps),
                firmware.own_part(gradient),
                self._n_groups,
            )
            for group, gradient in enumerate(gradients)
            for place, firmware in enumerate(self._firmwares)
        ]

    def _sums(self, gradients: Sequence[Mapping[str, NDArray[Any]]]) -> list[Gradient]:
        """What each PE of a group has in the end; all groups have the same."""
        if self._adds_up:
            return self._added_up(gradients)
        n_pe, exchanges = self._scenario.n_pe, self._exchanges(gradients)
        self._programs = self._executed(exchanges)
        sums = [exchange.gradient for exchange in exchanges[:n_pe]]
        for exchange in exchanges:
            assert _are_equal(exchange.gradient, sums[exchange.pe.pe % n_pe])
        tells = any(array.any() for gradient in sums for array in gradient.values())
        self._adds_up = tells and all(map(_are_equal, self._added_up(gradients), sums))
        return sums

    def _added_up(self, gradients: Sequence[Mapping[str, NDArray[Any]]]) -> list[Gradient]:
        """The same, without the programs."""
        whole = self._firmwares[0].add_up(gradients)
        return [firmware.own_part(whole) for firmware in self._firmwares]

    def _executed(self, exchanges: Sequence[Exchange]) -> Programs:
        """Do what the programs do; their ops."""
        issued: list[list[Op[Any]]] = [[] for _ in exchanges]
        # They take packets outside of barriers, but the order does not matter to them.
        execution = Execution(exchanges, (), [each.append for each in issued])
        execution.run()
        return Programs.of(issued, execution.words_read, self._scenario.chip)


def _are_equal(one: Gradient, other: Gradient) -> bool:
    """Whether they are, bit for bit."""
    return one.keys() == other.keys() and all(
        one[name].tobytes() == array.tobytes() for name, array in other.items()
    )
