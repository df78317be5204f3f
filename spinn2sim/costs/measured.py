"""What ``spinn2sim measure --json`` prints, as a profile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from spinn2sim.costs.profile import Profile, read_profile
from spinn2sim.errors import MissingFileError, SpecError


def read_measured(path: Path) -> Profile:
    """The profile in *path*: what ``measure --json`` printed if it is ``.json``, else a CSV file.

    :raises MissingFileError: there is no such file.
    :raises SpecError: it is not such a profile.
    """
    if path.suffix != ".json":
        return read_profile(path)
    if not path.is_file():
        raise MissingFileError("profile", path, "make it with spinn2sim measure --json")
    try:
        return _profile(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        problem = "not what spinn2sim measure --json prints with --sizes"
        raise SpecError(str(path), (problem,)) from None


def _profile(table: Any) -> Profile:
    symbols = list(table["rows"][0]["sizes"])
    if not symbols:
        raise ValueError("no --sizes")
    calls = [_call(row, symbols) for row in table["rows"]]
    build = f" ({table['build']})" if table["build"] else ""
    measured_on = (
        f"{table['elf']}{build}, sha256 {table['sha256'][:16]}, in an emulated Cortex-M4F with the "
        f"timing {table['timing']}, mid and low..high"
    )
    return Profile.of(symbols, calls, measured_on)


def _call(row: Any, symbols: list[str]) -> tuple[str, tuple[int, ...], float, float, float]:
    cycles = row["cycles"]
    sizes = tuple(int(row["sizes"][symbol]) for symbol in symbols)
    return row["function"], sizes, float(cycles["mid"]), float(cycles["low"]), float(cycles["high"])
