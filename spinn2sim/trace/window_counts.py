"""How often windows of packets were computed whole, and why others were not (decision 0015).

This is of the simulator: it changes what a run costs, and nothing that happens in it.
"""

from __future__ import annotations

from typing import NamedTuple


class WindowCounts(NamedTuple):
    """Windows of packets, from one barrier to the next; those after the first one fell back."""

    whole: int = 0
    """All certificates held."""
    not_closed: int = 0
    """Packets were still on their way, or somebody might have acted before it was over."""
    input_fifo: int = 0
    """Too many flits came to a port while one was there, or packets that may not wait had to."""
    receive_fifo: int = 0
    """The receive FIFO of a PE would have been full: reception feeds back."""
    no_record: int = 0
    """No room to record the arrivals."""
    not_tried: int = 0
    """One or more windows before it had fallen back."""

    @property
    def left(self) -> int:
        """All that fell back."""
        return sum(self) - self.whole
