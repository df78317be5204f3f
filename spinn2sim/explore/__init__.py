"""Sweeps, searches and limits over scenarios, on one computer or many."""

from spinn2sim.explore.run import sweep
from spinn2sim.explore.sweep_file import Sweep, load_sweep

__all__ = ["Sweep", "load_sweep", "sweep"]
