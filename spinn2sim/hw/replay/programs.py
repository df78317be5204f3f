"""Programs known beforehand: the ops of every PE, as numbers, with what they send and note."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from spinn2sim.firmware import (
    Charge,
    CostTable,
    Firmware,
    FirmwareParameters,
    SramLayout,
    ops,
)
from spinn2sim.firmware.contract import start
from spinn2sim.hw.limits import refuse_far_neighbour, refuse_long_payload
from spinn2sim.hw.replay import layout as at
from spinn2sim.spec import ChipSpec

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Programs:
    """What each PE does, in order; each row of ops ends with HALT, and more of it is padding."""

    ops: Numbers
    """(n_pe, n_ops, 3): code and two numbers, see ``layout``."""
    segments: Sequence[tuple[Charge, ...]]
    """What a COMPUTE of that number consists of."""
    spikes: Numbers
    """(n, 3): PE, op and key of each packet without payload."""
    log: Numbers
    """(n, 3): PE, op and number of the name of each figure noted."""
    log_names: Sequence[str]
    log_values: NDArray[np.float64]
    """(n,)"""

    @property
    def n_pe(self) -> int:
        """PEs."""
        return len(self.ops)

    def n_of(self, code: int) -> int:
        """Ops with *code*, over all PEs."""
        return int(np.count_nonzero(self.ops[:, :, at.CODE] == code))

    def with_spikes(self, keys: Sequence[Sequence[Sequence[int]]]) -> Programs:
        """The same programs with other spikes: *keys* by PE and then by multicast without payload.

        For a firmware that multicasts its spikes once in a time step, that is by time step.
        """
        rows, spikes = self.ops.copy(), []
        for pe, of_pe in enumerate(keys):
            sends = (rows[pe, :, at.CODE] == at.MULTICAST) & (rows[pe, :, at.SECOND] == 0)
            (places,) = np.nonzero(sends)
            assert len(places) == len(of_pe), f"PE {pe} multicasts {len(places)} times"
            rows[pe, places, at.FIRST] = [len(each) for each in of_pe]
            spikes += [
                (pe, place, key)
                for place, each in zip(places.tolist(), of_pe, strict=True)
                for key in each
            ]
        return replace(self, ops=rows, spikes=np.array(spikes, np.int64).reshape(-1, 3))

    @classmethod
    def of(cls, recorded: Sequence[Recorded]) -> Programs:
        """The programs of firmwares that have run."""
        numbers: dict[tuple[Charge, ...], int] = {}
        names: dict[str, int] = {}
        longest = max(len(each.ops) for each in recorded) + 1
        rows = np.zeros((len(recorded), longest, at.OP_FIELDS), np.int64)
        rows[:, :, at.CODE] = at.HALT
        spikes, log, values = [], [], []
        for pe, each in enumerate(recorded):
            for index, (code, first, second) in enumerate(each.ops):
                segment = first
                if code == at.COMPUTE:
                    segment = numbers.setdefault(first, len(numbers))
                rows[pe, index] = code, segment, second
            spikes += [(pe, index, key) for index, key in each.spikes]
            for index, name, value in each.log:
                log.append((pe, index, names.setdefault(name, len(names))))
                values.append(value)
        return cls(
            rows,
            list(numbers),
            np.array(spikes, np.int64).reshape(-1, 3),
            np.array(log, np.int64).reshape(-1, 3),
            list(names),
            np.array(values, np.float64),
        )


class Recorded:
    """A firmware that notes the ops of its program; its answers are those of the one it wraps."""

    Parameters: ClassVar[type[FirmwareParameters]] = FirmwareParameters

    def __init__(
        self, firmware: Firmware, pe: int, chip: ChipSpec, shared: defaultdict[int, dict[str, int]]
    ) -> None:
        self._firmware, self._pe, self._chip = firmware, pe, chip
        self._shared = shared  # words by PE and name, of all PEs
        self.ops: list[tuple[int, Any, int]] = []
        self.spikes: list[tuple[int, int]] = []
        self.log: list[tuple[int, str, float]] = []

    def main(self) -> ops.Program:
        """The program, op by op."""
        program = start(self._firmware, self._pe)
        answer: Any = None
        while True:
            try:
                op = program.send(answer)
            except StopIteration:
                return
            self._note(op)
            answer = yield op

    def _note(self, op: ops.Op[Any]) -> None:
        match op:
            case ops.Compute(charges=charges, cycles=cycles):
                self._add(at.COMPUTE, charges, cycles)
            case ops.WaitTimer():
                self._add(at.WAIT_TIMER)
            case ops.ReadInput():
                self._add(at.READ_INPUT)
            case ops.Multicast(keys=keys, payloads=payloads):
                refuse_long_payload(self._pe, payloads, self._chip)
                if not payloads:
                    self.spikes += [(len(self.ops), key) for key in keys]
                self._add(at.MULTICAST, len(keys), int(bool(payloads)))
            case ops.Barrier(lookahead=lookahead):
                self._add(at.BARRIER, lookahead)
            case ops.Receive(n_packets=n_packets):
                self._add(at.CATCH_UP)
                self._add(at.RECEIVE, n_packets)
            case ops.DmaWrite(to=to, n_bytes=n_bytes):
                self._add(at.DMA_WRITE, to, n_bytes)
            case ops.WaitDma():
                self._add(at.WAIT_DMA)
            case ops.TakeDma() | ops.Share():
                if isinstance(op, ops.Share):
                    self._shared[self._pe][op.name] = op.n_words
                self._add(at.CATCH_UP)
            case ops.ReadNeighbour(neighbour=neighbour, name=name):
                refuse_far_neighbour(self._pe, neighbour, self._chip)
                self._add(at.CATCH_UP)
                n_words = self._shared[neighbour].get(name, 0)  # None: the run itself refuses it.
                self._add(at.STALL, n_words * self._chip.pe.sram.neighbour_read_cycles)
            case ops.Log(name=name, value=value):
                self.log.append((len(self.ops), name, value))
                self._add(at.LOG)

    def _add(self, code: int, first: Any = 0, second: int = 0) -> None:
        self.ops.append((code, first, second))

    @property
    def layout(self) -> SramLayout:
        """That of the firmware."""
        return self._firmware.layout

    @property
    def costs(self) -> CostTable | None:
        """Those of the firmware."""
        return self._firmware.costs

    @property
    def sizes(self) -> Mapping[str, int]:
        """Those of the firmware."""
        return self._firmware.sizes

    def readout(self) -> Mapping[str, NDArray[Any]]:
        """That of the firmware."""
        return self._firmware.readout()
