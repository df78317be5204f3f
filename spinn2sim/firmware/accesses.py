"""Which words of its arrays a program reads and writes, beyond what its cost table says of them.

A file beside the firmware. Memory that is further away than the core's own, or numbers that are
converted on their way, delay each of these words.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from spinn2sim.firmware.ops import Every
from spinn2sim.plain_yaml import read_yaml
from spinn2sim.quantity import Within
from spinn2sim.validated import Validated, validate

#: Name of that file.
ACCESSES = "accesses.yaml"

Words = Annotated[float, Within(0, 1_000, "word")]


class Access(Validated):
    """Words of *array* read and written for each unit of ``per``, a product of sizes."""

    label: str
    """Function, and after a dot its part, as in a cost table."""
    array: str
    per: str
    reads: Words
    writes: Words
    every: Every
    source: str


class Accesses(Validated):
    """All of a program."""

    terms: tuple[Access, ...]


def read_accesses(folder: Path) -> Accesses | None:
    """What the firmware in *folder* says of its accesses; None if it says nothing.

    :raises SpecError: it cannot be used.
    """
    path = folder / ACCESSES
    if not path.is_file():
        return None
    return validate(Accesses, read_yaml(path.read_text("utf-8"), str(path)), str(path))
