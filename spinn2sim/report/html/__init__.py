"""Reports as one HTML file that needs no network: a run, a sweep, a comparison of runs."""

from spinn2sim.report.html.comparison_page import comparison_page
from spinn2sim.report.html.page import write_page
from spinn2sim.report.html.run_page import run_page
from spinn2sim.report.html.sweep_page import sweep_page

__all__ = ["comparison_page", "run_page", "sweep_page", "write_page"]
