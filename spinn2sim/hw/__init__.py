"""The machine: SimPy processes and resources. Carries payloads and never looks inside."""

from spinn2sim.hw.chip import Chip

__all__ = ["Chip"]
