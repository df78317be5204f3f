"""Addresses: a point is known by a digest of all that its answer depends on.

That is the resolved scenario with its seed, the variant, the fidelity and its settings, the files
that they name, and the code. Its name and the provenance of its values change no answer and do not
count.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from spinn2sim.explore.code_version import code_version
from spinn2sim.explore.variant import Variant
from spinn2sim.spec import Scenario
from spinn2sim.validated import Validated

#: Keys of a scenario that no answer depends on.
SILENT = {"name", "provenance"}

#: Files up to this size are known by what they hold, larger ones by size and date.
SMALL_BYTES = 64 * 2**20


def address(scenario: Scenario, variant: Variant, fidelity: str, settings: Validated | None) -> str:
    """Hexadecimal digest of a point."""
    sha = hashlib.sha256(code_version(scenario.firmware).encode())
    sha.update(scenario.model_dump_json(exclude=SILENT).encode())
    sha.update(repr((variant.memory, variant.costs, fidelity)).encode())
    sha.update(settings.model_dump_json().encode() if settings is not None else b"")
    for text in _texts(scenario, settings):
        sha.update(_mark_of_named(text).encode())
    return sha.hexdigest()[:32]


def seed_of(scenario: Scenario, variant: Variant) -> int:
    """A seed of 32 bits that depends on the rest of the point."""
    content = scenario.model_dump_json(exclude=SILENT | {"seed"})
    digest = hashlib.sha256(f"{content}{variant.memory}{variant.costs}".encode()).digest()
    return int.from_bytes(digest[:4])


def _texts(scenario: Scenario, settings: Validated | None) -> Iterator[str]:
    """What may name a file: text among the parameters, and where data comes from."""
    yield scenario.workload.source
    for value in (*scenario.parameters.values(), *vars(settings or scenario.workload).values()):
        if isinstance(value, str):
            yield value


def _mark_of_named(text: str) -> str:
    """What tells the content of the file or folder *text* from another; empty if there is none."""
    path = Path(text)
    try:
        if path.is_file():
            stat = path.stat()
            return _mark_of_file(path.absolute(), stat.st_size, stat.st_mtime_ns)
        return _mark_of_folder(path.absolute()) if path.is_dir() else ""
    except (OSError, ValueError):  # no path at all
        return ""


@cache
def _mark_of_file(path: Path, size: int, date: int) -> str:
    if size > SMALL_BYTES:
        return f"{path.name} {size} {date}"
    return hashlib.sha256(path.read_bytes()).hexdigest()


@cache  # once per process: a corpus has tens of thousands of files
def _mark_of_folder(folder: Path) -> str:
    sha = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        stat = path.stat()
        sha.update(f"{path.relative_to(folder)} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return sha.hexdigest()
