"""Cost tables out of measured cycles: read a profile, fit formulas, set tables side by side."""

from spinn2sim.costs.comparison import Comparison, Costs, compare
from spinn2sim.costs.fitting import Formula, fit_formula
from spinn2sim.costs.measured import read_measured
from spinn2sim.costs.profile import Measurements, Profile, read_profile
from spinn2sim.costs.table import FittedTable, Occasion, fit_table, occasions_of

__all__ = [
    "Comparison",
    "Costs",
    "FittedTable",
    "Formula",
    "Measurements",
    "Occasion",
    "Profile",
    "compare",
    "fit_formula",
    "fit_table",
    "occasions_of",
    "read_measured",
    "read_profile",
]
