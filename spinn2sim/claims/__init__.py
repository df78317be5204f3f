"""Claims of a paper, each beside what the simulator computes: reproduced, or not and why.

A claims file holds what the paper says; of the simulator's side it holds only the name of a
function, which is called at the time of the run. The file and its functions stand outside of this
package, like the firmware that a scenario names.
"""

from spinn2sim.claims.claim import Claim, Claims, load_claims
from spinn2sim.claims.compute import Found, Place, Table
from spinn2sim.claims.verdict import Row, Verdict

__all__ = [
    "Claim",
    "Claims",
    "Found",
    "Place",
    "Row",
    "Table",
    "Verdict",
    "load_claims",
]
