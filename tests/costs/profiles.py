"""Profiles of a program whose cycles are known formulas."""

import csv

from spinn2sim.costs import Profile
from spinn2sim.firmware.cost import CostTable

SIZES = [
    (10, 80, 120, 12),
    (20, 80, 20, 12),
    (76, 80, 76, 12),
    (10, 80, 360, 12),
    (5, 40, 60, 12),
    (5, 80, 240, 4),
    (12, 120, 300, 20),
    (10, 40, 30, 20),
    (20, 40, 100, 2),
    (40, 20, 80, 32),
    (3, 160, 480, 12),
    (8, 10, 64, 40),
]
SYMBOLS = ("L", "I", "R", "O")


def like(*functions):
    """A table of *functions*, each ``name`` or ``name@sample`` or ``name@sample@pe0``."""
    terms = []
    for function in functions:
        label, every, only = (*function.split("@"), *("step", "always")[function.count("@") :])[:3]
        term = {"label": label, "cycles": 7, "per": "L", "every": every, "only": only}
        terms.append(term | {"status": "guess", "source": "a guess", "range": [5, 9]})
    return CostTable(
        name="known",
        provenance="by hand",
        made_by="hand",
        sizes={"L": "own neurons", "I": "inputs", "R": "recurrent neurons", "O": "outputs"},
        fitted_on={},
        terms=terms,
    )


def profile_of(sizes=None, band=None, **functions):
    """A profile of functions of (L, I, R, O), at SIZES; with a band of these shares, if given."""
    low, high = band or (1, 1)
    return Profile.of(
        SYMBOLS,
        [
            (name, size, cycles(*size), low * cycles(*size), high * cycles(*size))
            for name, cycles in functions.items()
            for size in sizes or SIZES
        ],
    )


def write_csv(path, rows, header="function,L,I,R,O,cycles"):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header.split(","), *rows])
    return path
