"""Figures for print: each as PNG, SVG and PDF, sized and lettered for a column of a paper."""

from spinn2sim.report.publication.run_figures import write_run_figures
from spinn2sim.report.publication.sweep_figures import write_sweep_figures

__all__ = ["write_run_figures", "write_sweep_figures"]
