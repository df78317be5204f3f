"""Programs known beforehand: the ops of every PE, as numbers, with what they send and note."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinn2sim.firmware import Charge, Op
from spinn2sim.hw.replay import layout as at
from spinn2sim.hw.replay.survey import kernels
from spinn2sim.hw.replay.translation import Translation
from spinn2sim.spec import ChipSpec

Numbers = NDArray[np.int64]


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
        translation = Translation(issued, words_read, chip)
        listings = translation.listings
        rows = np.zeros((len(issued), max(map(len, listings)) + 1, at.OP_FIELDS), np.int64)
        rows[:, :, at.CODE] = at.HALT
        for pe, listing in enumerate(listings):
            rows[pe, : len(listing)] = listing
        return cls(
            rows,
            list(translation.segments),
            np.concatenate(translation.spikes),
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
