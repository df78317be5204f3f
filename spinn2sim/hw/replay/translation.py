"""From the ops that programs have issued to rows of numbers, and what they send and note.

Programs issue the same op objects again and again: each is read once, and its rows are repeated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinn2sim.errors import SpecError
from spinn2sim.firmware import Charge, Op
from spinn2sim.firmware import ops as op_kinds
from spinn2sim.hw.limits import refuse_far_neighbour, refuse_long_payload
from spinn2sim.hw.replay import layout as at
from spinn2sim.spec import ChipSpec

Numbers = NDArray[np.int64]

#: Of an op: code and two numbers.
Row = tuple[int, int, int]

#: Ops of which each time that they are issued has to be looked at, one by one.
NOTED = (op_kinds.Log, op_kinds.ReadNeighbour)

#: Ops that are read at once, or those of one PE: more take more memory, and as long for each.
OPS_AT_ONCE = 1 << 14


class Translation:
    """What the PEs have *issued*, who read so many *words* of each neighbour, as numbers.

    :raises FirmwareError: one of the ops is more than *chip* can do.
    """

    def __init__(
        self,
        issued: Sequence[Sequence[Op[Any]]],
        words: Sequence[Sequence[int]],
        chip: ChipSpec,
    ) -> None:
        self._chip = chip
        self.listings: list[Numbers] = []
        """By PE, (n, OP_FIELDS)."""
        self.segments: dict[tuple[Charge, ...], int] = {}
        self.spikes: list[Numbers] = [np.empty((0, 3), np.int64)]
        """Each (n, 3): PE, row and key of packets without payload."""
        self.log: list[tuple[int, int, int]] = []
        """PE, row and number of the name of each figure noted."""
        self.log_names: dict[str, int] = {}
        self.log_values: list[float] = []
        self._words = [iter(own) for own in words]
        for pes in _at_once([len(own) for own in issued]):
            self._read(pes, [issued[pe] for pe in pes])

    def _read(self, pes: range, issued: Sequence[Sequence[Op[Any]]]) -> None:
        """Add what *pes* have *issued*."""
        whole = list(chain.from_iterable(issued))
        lengths = np.array([len(own) for own in issued], np.int64)
        pe_of = np.repeat(np.array(pes, np.int64), lengths)
        which, first = _distinct(whole)
        table = self._table([whole[k] for k in first.tolist()], pe_of[first].tolist())
        n_rows = table.n_rows[which]
        ends = np.cumsum(n_rows)
        listing = table.rows.take(_ranges(table.begins[which], n_rows), axis=0)
        bounds = np.append(0, ends)[np.append(0, np.cumsum(lengths))]
        places = ends - n_rows - np.repeat(bounds[:-1], lengths)
        self.spikes.append(table.multicasts.spikes(which, pe_of, places))
        self.listings += [listing[begin:end] for begin, end in pairwise(bounds.tolist())]
        for k in np.flatnonzero(table.noted[which]).tolist():
            pe = int(pe_of[k])
            self._note(pe, whole[k], int(places[k]), self.listings[pe])

    def _table(self, distinct: Sequence[Op[Any]], pes: Sequence[int]) -> _Table:
        """The rows of *distinct* ops, which *pes* were the first to issue."""
        sends = np.array([type(op) is op_kinds.Multicast for op in distinct], np.bool_)
        others = np.flatnonzero(~sends).tolist()
        multicasts = _Multicasts(sends, distinct)
        multicasts.refuse_long(pes, self._chip)
        flat: list[Row] = []
        n_rows = np.ones(len(distinct), np.int64)
        n_rows[others] = [self._add_rows(flat, pes[k], distinct[k]) for k in others]
        begins = np.cumsum(n_rows) - n_rows
        rows = np.empty((n_rows.sum(), at.OP_FIELDS), np.int64)
        of_others = _ranges(begins[others], n_rows[others])
        rows[of_others] = np.array(list(chain.from_iterable(flat)), np.int64).reshape(
            -1, at.OP_FIELDS
        )
        rows[begins[sends]] = multicasts.rows()
        noted = np.zeros(len(distinct), np.bool_)
        noted[others] = [isinstance(distinct[k], NOTED) for k in others]
        return _Table(rows, begins, n_rows, noted, multicasts)

    def _add_rows(self, to: list[Row], pe: int, op: Op[Any]) -> int:
        """Add those of *op*; how many they are."""
        rows = self._rows(pe, op)
        to += rows
        return len(rows)

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
            case op_kinds.ReadNeighbour():
                return [(at.CATCH_UP, 0, 0), (at.STALL, 0, 0)]
            case op_kinds.Log():
                return [(at.LOG, 0, 0)]
            case op_kinds.DramWrite() | op_kinds.DramRead():
                problem = f"PE {pe} uses DRAM, which is for the SimPy machine"
                raise SpecError("compiled machine", (problem,))
            case _:
                raise AssertionError(op)

    def _note(self, pe: int, op: Op[Any], place: int, listing: Numbers) -> None:
        """What *op*, whose rows in *listing* begin at *place*, leaves behind."""
        match op:
            case op_kinds.Log(name=name, value=value):
                number = self.log_names.setdefault(name, len(self.log_names))
                self.log.append((pe, place, number))
                self.log_values.append(value)
            case op_kinds.ReadNeighbour(neighbour=neighbour):
                refuse_far_neighbour(pe, neighbour, self._chip)
                read_cycles = self._chip.pe.sram.neighbour_read_cycles
                listing[place + 1, at.FIRST] = next(self._words[pe]) * read_cycles


class _Table(NamedTuple):
    """Of distinct ops."""

    rows: Numbers
    """(n, OP_FIELDS), op after op."""
    begins: Numbers
    """(n_ops,) the first row of each, and below how many it has."""
    n_rows: Numbers
    noted: NDArray[np.bool_]
    """(n_ops,) whether each is one of ``NOTED``."""
    multicasts: _Multicasts


class _Multicasts:
    """Those of the *distinct* ops for which *sends* is true."""

    def __init__(self, sends: NDArray[np.bool_], distinct: Sequence[Op[Any]]) -> None:
        self._sends = sends
        self._ops: list[Any] = [distinct[k] for k in np.flatnonzero(sends).tolist()]
        keys = [op.keys for op in self._ops]
        self._n = np.array([len(own) for own in keys], np.int64)
        self._loaded = np.array([bool(op.payloads) for op in self._ops], np.bool_)
        self._keys = np.array(list(chain.from_iterable(keys)), np.int64)

    def refuse_long(self, pes: Sequence[int], chip: ChipSpec) -> None:
        """:raises FirmwareError: a payload is longer than a packet carries; *pes* issue the ops."""
        senders = np.flatnonzero(self._sends)[self._loaded].tolist()
        for k, op in zip(senders, np.flatnonzero(self._loaded).tolist(), strict=True):
            refuse_long_payload(pes[k], self._ops[op].payloads, chip)

    def rows(self) -> Numbers:
        """(n, OP_FIELDS)."""
        codes = np.full(len(self._ops), at.MULTICAST)
        return np.column_stack([codes, self._n, self._loaded])

    def spikes(self, which: Numbers, pes: Numbers, places: Numbers) -> Numbers:
        """(n, 3): PE, row and key of the packets without payload of ops *which* are issued.

        *which*, *pes* and *places*, (n_ops,), say of each the distinct op, PE and row.
        """
        number = np.cumsum(self._sends) - 1  # of a multicast among them
        sending = np.flatnonzero(self._sends[which])
        sending = sending[~self._loaded[number[which[sending]]]]
        sent = number[which[sending]]
        n_each = self._n[sent]
        keys = self._keys[_ranges((np.cumsum(self._n) - self._n)[sent], n_each)]
        return np.column_stack(
            [np.repeat(pes[sending], n_each), np.repeat(places[sending], n_each), keys]
        )


def _at_once(lengths: Sequence[int]) -> Iterator[range]:
    """PEs that issued so many ops, in turn; together those of ``OPS_AT_ONCE``, or one PE."""
    begin = n_ops = 0
    for pe, length in enumerate(lengths):
        if n_ops and n_ops + length > OPS_AT_ONCE:
            yield range(begin, pe)
            begin, n_ops = pe, 0
        n_ops += length
    yield range(begin, len(lengths))


def _distinct(whole: Sequence[Op[Any]]) -> tuple[Numbers, Numbers]:
    """Which of the distinct objects each op is, (n,), and where each of those is first.

    They are numbered in the order in which they come first.
    """
    # The bytes of an array of objects are their addresses: what `id` tells of each, in a fifth of
    # the time.
    addresses = np.frombuffer(np.fromiter(whole, np.object_, len(whole)).tobytes(), np.intp)
    _, first, which = np.unique(addresses, return_index=True, return_inverse=True)
    by_use = np.argsort(first)
    return np.argsort(by_use)[which], first[by_use]


def _ranges(begins: Numbers, lengths: Numbers) -> Numbers:
    """The numbers of ranges that begin there and are so long, end to end."""
    ends = np.cumsum(lengths)
    return np.repeat(begins - ends + lengths, lengths) + np.arange(ends[-1] if len(ends) else 0)
