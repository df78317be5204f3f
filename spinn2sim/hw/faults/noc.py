"""A NoC whose links lose packets, or damage them and send them again.

Chance is asked when a packet is sent, once for each link of its multicast tree. A packet that is
lost on a link reaches no target behind it, and links on which no copy survives are not occupied. A
packet that is damaged is sent again, which holds up its sender's queue for the way there and back
of a hop, so that packets of one PE never overtake each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinn2sim.hw.faults.draws import NOC, Draws
from spinn2sim.hw.noc import Noc, NocStats, PacketKind
from spinn2sim.spec import BoardSpec, ChipSpec
from spinn2sim.spec.faults import LinkFaults
from spinn2sim.trace import Fault, Recorder
from spinn2sim.units import Clock, Ticks


@dataclass(frozen=True, slots=True)
class Paths:
    """The links of a multicast tree, and who is behind each."""

    n_links: int
    behind: NDArray[np.bool_]
    """(n_links, n_targets): whether a packet for a target crosses a link."""


class LossyNoc(Noc):
    """``stats`` counts what was lost, so that packets x targets are still all accounted for."""

    def __init__(
        self,
        *,
        chip: ChipSpec,
        n_pe: int,
        clock: Clock,
        faults: LinkFaults,
        draws: Draws,
        recorder: Recorder,
        board: BoardSpec | None = None,
    ) -> None:
        super().__init__(chip=chip, n_pe=n_pe, clock=clock, board=board)
        self.faults, self.recorder = faults, recorder
        self._draws = [draws.stream(NOC, pe) for pe in range(n_pe)]
        self._resend = clock.ticks(2 * chip.noc.hop_cycles)
        self._held_until = [0] * n_pe
        self._n_lost = [0] * n_pe
        self._paths = lru_cache(maxsize=None)(self._find_paths)

    def send(  # noqa: PLR0917 - as the method that it stands for
        self,
        source: int,
        targets: tuple[int, ...],
        kind: PacketKind,
        n_packets: int,
        at: int,
        tags: Sequence[int] | NDArray[np.int64],
        spacing: int = 0,
        parity: int = 0,
    ) -> None:
        """As ``Noc.send``, of the packets and to the targets that chance allows."""
        if not targets or not n_packets:
            return
        paths, draws = self._paths(source, targets), self._draws[source]
        damaged = draws.random((n_packets, paths.n_links)) < self.faults.bit_error
        reached = draws.random((n_packets, paths.n_links)) >= self.faults.loss
        for first, last, survivors in _alike(damaged, reached, paths):
            handed = max(at + first * spacing, self._held_until[source])
            if n_resent := int(damaged[first].sum()):
                handed += n_resent * self._resend
                self._note(Fault.LINK_RESEND, source, handed, n_resent)
            self._held_until[source] = handed
            arrive = tuple(pe for pe, safe in zip(targets, survivors, strict=True) if safe)
            for pe in set(targets).difference(arrive):
                self._n_lost[pe] += last - first
                self._note(Fault.LINK_LOSS, pe, handed, last - first)
            super().send(
                source, arrive, kind, last - first, handed, tags[first:last], spacing, parity
            )

    def stats(self) -> NocStats:
        """Counts up to now; what was lost was due, too."""
        found, lost = super().stats(), tuple(self._n_lost)
        expected = tuple(map(sum, zip(found.n_expected, lost, strict=True)))
        return replace(found, n_expected=expected, n_lost=lost)

    def _note(self, fault: Fault, pe: int, at: int, amount: int) -> None:
        self.recorder.rows["faults"].append((fault, pe, Ticks(at), amount))

    def _find_paths(self, source: int, targets: tuple[int, ...]) -> Paths:
        _, rows = self._topology.trees(source, targets)
        behind = np.zeros((len(rows), len(targets)), np.bool_)
        place = {self._topology.eject(pe): column for column, pe in enumerate(targets)}
        for row in range(len(rows) - 1, -1, -1):  # Children stand behind their parents.
            link, first, n_children, _ = rows[row].tolist()
            if n_children:
                behind[row] = behind[first : first + n_children].any(axis=0)
            else:
                behind[row, place[link]] = True
        return Paths(len(rows), behind)


def _alike(
    damaged: NDArray[np.bool_], reached: NDArray[np.bool_], paths: Paths
) -> Iterator[tuple[int, int, Any]]:
    """Runs of packets that nothing happens to, and every other packet alone.

    Yields the first one, the one after the last, and which targets they reach, (n_targets,).
    """
    eventful, n_packets = damaged.any(axis=1) | ~reached.all(axis=1), len(damaged)
    first = 0
    for packet in [*np.flatnonzero(eventful).tolist(), n_packets]:
        if packet > first:
            yield first, packet, np.ones(paths.behind.shape[1], np.bool_)
        if packet < n_packets:
            lost = paths.behind[~reached[packet]].any(axis=0)
            yield packet, packet + 1, ~lost
        first = packet + 1
