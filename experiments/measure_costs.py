"""Measure the cost tables of the e-prop firmware in C: three styles at five levels.

Each ELF file runs in the emulator at SIZES, a call of each function; formulas are fitted to the
cycles. Nothing is fitted to the paper. `measured` is the table of DEFAULT under a short name.

    python experiments/measure_costs.py                    writes all tables, in a few minutes
    python experiments/measure_costs.py matrix-O2 ...      only these, and `measured` if it is one
    python experiments/measure_costs.py --check matrix-O2  only compares; exit 1 on a difference
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from spinn2sim.arm import Elf, Machine, load_elf, load_timing
from spinn2sim.arm.measure import SYMBOLS, measure
from spinn2sim.costs import FittedTable, Profile, fit_table
from spinn2sim.costs.writing import table_text
from spinn2sim.firmware import load_cost_table

FOLDER = Path(__file__).parents[1] / "firmware_models" / "eprop"
ELFS, TABLES = FOLDER / "c" / "elf", FOLDER / "costs"

#: L own neurons, I inputs, R recurrent, O outputs. The first three are the paper's networks on 12,
#: 1 and 36 PEs, the fourth its question of 76 neurons on one; the rest vary each size on its own.
SIZES = (
    (10, 80, 120, 12),
    (20, 80, 20, 12),
    (10, 80, 360, 12),
    (76, 80, 76, 12),
    (5, 40, 60, 12),
    (5, 80, 240, 4),
    (12, 120, 300, 20),
    (10, 40, 30, 20),
    (20, 40, 100, 2),
    (20, 120, 160, 12),
    (40, 80, 40, 12),
    (40, 20, 80, 32),
    (3, 160, 480, 12),
    (8, 10, 64, 40),
    (30, 60, 200, 6),
)

#: What `measured` is: what one writes by hand from the equations, at the usual level. Of all tables
#: it has the e-prop function and the weight update nearest the paper's figures: the choice knows
#: the paper, no cycle does.
DEFAULT = "loops-O2"


def profile(elf: Elf) -> Profile:
    """The cycles of every function of *elf* at SIZES, with the band of the timing."""
    sizes = [dict(zip(SYMBOLS, size, strict=True)) for size in SIZES]
    rows = measure(Machine(elf), sizes=sizes).rows
    return Profile.of(
        SYMBOLS,
        [
            (
                row.measurement.function,
                tuple(row.sizes.values()),
                *(row.measurement.cycles.mid, row.measurement.cycles.low),
                row.measurement.cycles.high,
            )
            for row in rows
        ],
    )


def fitted(firmware: str) -> FittedTable:
    """The table of the ELF file of *firmware*, as ``matrix-O2``."""
    elf = load_elf(ELFS / f"{firmware}.elf")
    return fit_table(
        profile(elf),
        load_cost_table("paper", TABLES),
        name=f"measured-{firmware}",
        measured_on=f"measured on {firmware}.elf ({elf.build}) in an emulated Cortex-M4F with the "
        f"timing {load_timing().name}, mid and low..high, at {len(SIZES)} sizes",
        made_by="python experiments/measure_costs.py",
        complete=False,
    )


def texts(firmware: str) -> Iterator[tuple[Path, str]]:
    """Each file that the table of *firmware* is kept in, with its text."""
    table = fitted(firmware).table
    yield TABLES / f"{table.name}.yaml", table_text(table)
    if firmware == DEFAULT:
        yield TABLES / "measured.yaml", table_text(table.with_changes(name="measured"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the files; the exit code."""
    known = sorted(path.stem for path in ELFS.glob("*.elf"))
    parser = argparse.ArgumentParser(description="Measure the cost tables of the firmware in C.")
    parser.add_argument("firmwares", nargs="*", metavar="FIRMWARE", help="[default: all]")
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 on a difference")
    given = parser.parse_args(arguments)
    if unknown := set(given.firmwares) - set(known):
        parser.error(f"no firmware {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    different = []
    for firmware in given.firmwares or known:
        for path, text in texts(firmware):
            print(path.name)
            if not given.check:
                path.write_text(text, encoding="utf-8")
            elif not path.is_file() or path.read_text(encoding="utf-8") != text:
                different.append(path.name)
    if different:
        what = ", ".join(different)
        print(f"{what}: not what this script makes; run it without --check", file=sys.stderr)
    return 1 if different else 0


if __name__ == "__main__":
    raise SystemExit(main())
