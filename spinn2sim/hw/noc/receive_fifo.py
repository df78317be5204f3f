"""The receive FIFO of a PE in the reference network: what a packet does that finds it full."""

from __future__ import annotations

from collections import deque

from spinn2sim.spec.chip import ChipSpec


class ReceiveFifo:
    """The receive FIFO of a PE, with one of three policies when it is full."""

    def __init__(self, chip: ChipSpec) -> None:
        self.depth, self.overflow = chip.comms.fifo_events, chip.comms.overflow
        self.held: deque[tuple[int, int]] = deque()
        self.peak = self.n_dropped = self.n_overwritten = 0
        self.first_loss: int | None = None
        self.peak_at: int | None = None

    @property
    def stalls(self) -> bool:
        """Whether it makes packets wait in the network."""
        return self.overflow == "stall" and len(self.held) == self.depth

    def receive(self, tag: int, parity: int, cycle: int) -> bool:
        """Whether the packet enters."""
        if len(self.held) == self.depth:
            self.first_loss = cycle if self.first_loss is None else self.first_loss
            if self.overflow == "drop":
                self.n_dropped += 1
                return False
            self.n_overwritten += 1
            self.held.popleft()
        self.held.append((tag, parity))
        if len(self.held) > self.peak:
            self.peak, self.peak_at = len(self.held), cycle
        return True

    def take(self, parity: int | None, at_most: int | None) -> list[int]:
        """The tags of the oldest entries of *parity* (None: of any), which leave; the rest stay."""
        wanted: list[int] = []
        kept: deque[tuple[int, int]] = deque()
        for entry in self.held:
            if (at_most is None or len(wanted) < at_most) and parity in {None, entry[1]}:
                wanted.append(entry[0])
            else:
                kept.append(entry)
        self.held = kept
        return wanted
