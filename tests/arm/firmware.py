"""The prebuilt test firmware, and what its sources say that the tests should find."""

import re
from functools import cache
from pathlib import Path

import pytest

from spinn2sim.arm import load_elf

FOLDER = Path(__file__).parent / "elf"
EPROP = Path(__file__).parents[2] / "firmware_models" / "eprop" / "c" / "elf"


def firmwares(levels="O0 O1 O2 O3 Os"):
    """The firmware that has labels, at *levels*; of the larger, one level in the short run."""
    paths = sorted([*FOLDER.glob("kernels-*.elf"), *EPROP.glob("*.elf")])
    return [
        pytest.param(path, id=path.stem, marks=[pytest.mark.slow] if _is_slow(path) else [])
        for path in paths
        if path.stem.partition("-")[2] in levels.split()
    ]


def _is_slow(path):
    return path.parent == EPROP and not path.stem.endswith("O2")


#: L own neurons, I inputs, R recurrent neurons, O outputs: small, and odd for what is unrolled.
SIZES = {"L": 3, "I": 5, "R": 6, "O": 3}


@cache
def elf(name):
    return load_elf(FOLDER / f"{name}.elf")


def band(text):
    """``3`` or ``2 3 3``: cycles under the low, middle and high timing."""
    numbers = tuple(int(number) for number in text.split())
    return numbers * 3 if len(numbers) == 1 else numbers


def sequences():
    """Name and cycles of each function in micro.s."""
    source = (FOLDER / "micro.s").read_text()
    found = re.findall(r"^start (\w+) +@ ([\d ]+)$", source, re.MULTILINE)
    return [(name, band(cycles)) for name, cycles in found]


def rows():
    """Text, class and cycles (None of a trap) of each instruction in every.s."""
    source = (FOLDER / "every.s").read_text().partition("every:")[2]
    for line in source.splitlines():
        text, _, row = line.partition("@")
        if not row:
            continue
        kind, _, cycles = row.strip().partition(": ")
        cycles, _, n = cycles.partition(" (")
        expected = (kind, band(cycles) if cycles else None)
        for _ in range(int(n.rstrip(")") or 1) if n else 1):
            yield text.partition(":")[2].strip() or text.strip(), *expected
