"""Programs known beforehand: the ops of every PE, as numbers, with what they send and note."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinn2sim.errors import SpecError
from spinn2sim.firmware import Charge, Op
from spinn2sim.firmware import ops as op_kinds
from spinn2sim.hw.limits import refuse_far_neighbour, refuse_long_payload
from spinn2sim.hw.replay import layout as at
from spinn2sim.hw.replay.survey import kernels
from spinn2sim.spec import ChipSpec

Numbers = NDArray[np.int64]

#: Of an op: code and two numbers.
Row = tuple[int, int, int]

#: Stands for every multicast, until its packets are counted.
_MULTICAST: list[Row] = [(at.MULTICAST, 0, 0)]

#: Ops of which each time that they are issued has to be looked at, one by one.
NOTED = (op_kinds.Log, op_kinds.ReadNeighbour)


class Survey(NamedTuple):
    """What programs will need of the machine."""

    n_by_code: Numbers
    """(n_codes,) ops, over all PEs."""
    targets: NDArray[np.bool_]
    """(n_pe, n_pe) to which PEs each sends; on the diagonal, whether to all others at once."""
    most_bytes: Numbers
    """(n_pe,) of the largest block that each writes by DMA."""


@dataclass(frozen=True)  # no slots: it keeps where its multicasts are
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

    @cached_property
    def _multicasts(self) -> tuple[Numbers, Numbers]:
        """PE and op of each multicast without payload; each PE has as many."""
        sending = (self.ops[:, :, at.CODE] == at.MULTICAST) & (self.ops[:, :, at.SECOND] == 0)
        pes, places = np.divmod(np.flatnonzero(sending), self.ops.shape[1])
        n_multicasts = np.bincount(pes, minlength=self.n_pe)
        assert (n_multicasts == n_multicasts[0]).all(), "some PEs multicast more often than others"
        return pes, places

    def survey(self) -> Survey:
        """What they will need of the machine."""
        found = Survey(
            n_by_code=np.zeros(at.N_CODES, np.int64),
            targets=np.zeros((self.n_pe, self.n_pe), np.bool_),
            most_bytes=np.zeros(self.n_pe, np.int64),
        )
        kernels.survey(self.ops, *found)
        return found

    def repeated(self, log_values: Sequence[NDArray[np.float64]]) -> Programs:
        """All that each PE does once for each of *log_values*, which it notes that time."""
        n = len(log_values)
        lengths = (self.ops[:, :, at.CODE] == at.HALT).argmax(axis=1)
        rows = np.zeros((self.n_pe, n * int(lengths.max()) + 1, at.OP_FIELDS), np.int64)
        rows[:, :, at.CODE] = at.HALT
        for pe, length in enumerate(lengths.tolist()):
            rows[pe, : n * length] = np.tile(self.ops[pe, :length], (n, 1))
        spikes, _ = _tiled(self.spikes, lengths, n)
        log, noted = _tiled(self.log, lengths, n)
        return replace(
            self, ops=rows, spikes=spikes, log=log, log_values=np.array(log_values)[noted]
        )

    def with_spikes(self, sends: Numbers) -> Programs:
        """The same programs with other spikes.

        sends: (n, 3), ascending: PE, the how manieth of its multicasts without payload, key. For a
        firmware that multicasts its spikes once in a time step, that is the time step.
        """
        rows, (pes, places) = self.ops.copy(), self._multicasts
        n_each = len(pes) // self.n_pe
        pe, multicast, key = sends.T
        assert (multicast < n_each).all(), "a spike belongs to no multicast"
        which = pe * n_each + multicast
        rows[pes, places, at.FIRST] = np.bincount(which, minlength=len(places))
        return replace(self, ops=rows, spikes=np.stack([pe, places[which], key], axis=1))

    @classmethod
    def of(
        cls,
        issued: Sequence[Sequence[Op[Any]]],
        words_read: Sequence[Sequence[int]],
        chip: ChipSpec,
    ) -> Programs:
        """The programs of PEs that have *issued* these ops, and read so many words of neighbours.

        :raises FirmwareError: one of the ops is more than *chip* can do.
        """
        translation = _Translation(chip)
        listings = [
            translation.listing(pe, own, iter(words))
            for pe, (own, words) in enumerate(zip(issued, words_read, strict=True))
        ]
        rows = np.zeros((len(issued), max(map(len, listings)) + 1, at.OP_FIELDS), np.int64)
        rows[:, :, at.CODE] = at.HALT
        for pe, listing in enumerate(listings):
            rows[pe, : len(listing)] = listing
        return cls(
            rows,
            list(translation.segments),
            np.concatenate([np.empty((0, 3), np.int64), *translation.spikes]),
            np.array(translation.log, np.int64).reshape(-1, 3),
            list(translation.log_names),
            np.array(translation.log_values, np.float64),
        )


def _tiled(noted: Numbers, lengths: Numbers, n: int) -> tuple[Numbers, tuple[Numbers, Numbers]]:
    """*noted* (PE and op first) in programs done *n* times; which time and row of it each is."""
    which = np.tile(np.arange(len(noted)), n)
    time = np.repeat(np.arange(n), len(noted))
    order = np.lexsort((which, time, noted[which, 0]))
    which, time = which[order], time[order]
    rows = noted[which]
    rows[:, 1] += time * lengths[rows[:, 0]]
    return rows, (time, which)


class _Translation:
    """From ops to rows. Programs issue the same op objects again and again: each is read once.

    But for multicasts, most of which are different: they are read all at once.
    """

    def __init__(self, chip: ChipSpec) -> None:
        self._chip = chip
        self.segments: dict[tuple[Charge, ...], int] = {}
        self.spikes: list[Numbers] = []
        self.log: list[tuple[int, int, int]] = []
        self.log_names: dict[str, int] = {}
        self.log_values: list[float] = []

    def listing(self, pe: int, issued: Sequence[Op[Any]], words: Iterator[int]) -> Numbers:
        """The rows of what *pe* has *issued*, (n, OP_FIELDS), end to end."""
        identities = np.fromiter(map(id, issued), np.int64, len(issued))
        _, first, which = np.unique(identities, return_index=True, return_inverse=True)
        by_use = np.argsort(first)
        which = np.argsort(by_use)[which]
        distinct = [issued[k] for k in first[by_use].tolist()]
        sends = [isinstance(op, op_kinds.Multicast) for op in distinct]
        groups = [
            _MULTICAST if send else self._rows(pe, op)
            for op, send in zip(distinct, sends, strict=True)
        ]
        n_rows = np.array([len(group) for group in groups], np.int64)
        begins = (np.cumsum(n_rows) - n_rows)[which]
        places = np.cumsum(n_rows[which]) - n_rows[which]
        source = np.repeat(begins - places, n_rows[which]) + np.arange(n_rows[which].sum())
        table = np.array([row for group in groups for row in group], np.int64)
        listing: Numbers = table.reshape(-1, at.OP_FIELDS)[source]
        noted = np.array([isinstance(op, NOTED) for op in distinct], np.bool_)[which]
        for k in np.flatnonzero(noted).tolist():
            self._note(pe, issued[k], int(places[k]), listing, words)
        sending = np.flatnonzero(np.array(sends, np.bool_)[which])
        multicasts: list[Any] = [issued[k] for k in sending.tolist()]
        self._send(pe, multicasts, places[sending], listing)
        return listing

    def _send(
        self, pe: int, multicasts: Sequence[op_kinds.Multicast], places: Numbers, listing: Numbers
    ) -> None:
        """The packets of *multicasts*, whose rows are at *places*."""
        for op in multicasts:
            if op.payloads:
                refuse_long_payload(pe, op.payloads, self._chip)
        n_packets = np.array([len(op.keys) for op in multicasts], np.int64)
        loaded = np.array([bool(op.payloads) for op in multicasts], np.bool_)
        listing[places, at.FIRST], listing[places, at.SECOND] = n_packets, loaded
        keys = list(chain.from_iterable(op.keys for op in multicasts if not op.payloads))
        spikes = np.empty((len(keys), 3), np.int64)
        spikes[:, 0], spikes[:, 2] = pe, keys
        spikes[:, 1] = np.repeat(places[~loaded], n_packets[~loaded])
        self.spikes.append(spikes)

    def _rows(self, pe: int, op: Op[Any]) -> list[Row]:
        match op:
            case op_kinds.Compute(charges=charges, cycles=cycles):
                number = self.segments.setdefault(charges, len(self.segments))
                return [(at.COMPUTE, number, cycles)]
            case op_kinds.WaitTimer():
                return [(at.WAIT_TIMER, 0, 0)]
            case op_kinds.ReadInput():
                return [(at.READ_INPUT, 0, 0)]
            case op_kinds.Send(to=to):
                return [(at.SEND, to, 0)]
            case op_kinds.Barrier(lookahead=lookahead):
                return [(at.BARRIER, lookahead, 0)]
            case op_kinds.Receive(n_packets=n_packets):
                return [(at.CATCH_UP, 0, 0), (at.RECEIVE, n_packets, 0)]
            case op_kinds.DmaWrite(to=to, n_bytes=n_bytes):
                return [(at.DMA_WRITE, to, n_bytes)]
            case op_kinds.WaitDma():
                return [(at.WAIT_DMA, 0, 0)]
            case op_kinds.TakeDma() | op_kinds.Share():
                return [(at.CATCH_UP, 0, 0)]
            case op_kinds.ReadNeighbour(neighbour=neighbour):
                refuse_far_neighbour(pe, neighbour, self._chip)
                return [(at.CATCH_UP, 0, 0), (at.STALL, 0, 0)]
            case op_kinds.Log():
                return [(at.LOG, 0, 0)]
            case op_kinds.DramWrite() | op_kinds.DramRead():
                problem = f"PE {pe} uses DRAM, which is for the SimPy machine"
                raise SpecError("compiled machine", (problem,))
            case _:
                raise AssertionError(op)

    def _note(
        self, pe: int, op: Op[Any], place: int, listing: Numbers, words: Iterator[int]
    ) -> None:
        """What *op*, whose rows begin at *place*, leaves behind."""
        match op:
            case op_kinds.Log(name=name, value=value):
                number = self.log_names.setdefault(name, len(self.log_names))
                self.log.append((pe, place, number))
                self.log_values.append(value)
            case op_kinds.ReadNeighbour():
                read_cycles = self._chip.pe.sram.neighbour_read_cycles
                listing[place + 1, at.FIRST] = next(words) * read_cycles
