"""What slow rows came to when they were last computed: a JSON file that only a slow run writes.

Each value says when, from which commit and by which command it was made, and is written as soon as
there is one: a slow run that is stopped loses none. A value whose claim asks
something else by now (another function or other arguments) is not shown.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from spinn2sim.claims.claim import Computed
from spinn2sim.claims.compute import Found, Table
from spinn2sim.claims.verdict import Origin
from spinn2sim.errors import OutputError, SpecError


class Record:
    """The kept answers of the file *path*, by id.

    :raises SpecError: it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: dict[str, dict[str, Any]] = {}
        if path.is_file():
            try:
                self._kept = json.loads(path.read_text(encoding="utf-8"))
            except ValueError as error:
                problem = f"not the record of a slow run ({error}); remove it and run with --slow"
                raise SpecError(str(path), (problem,)) from None

    def found(self, asked: Computed, name: str) -> tuple[Found, Origin] | None:
        """The kept value of claim *name*; None if there is none of what is *asked*."""
        kept = self._answer(asked, name)
        if kept is None:
            return None
        return Found(kept["value"], kept["note"]), Origin(**kept["origin"])

    def table(self, asked: Computed, name: str) -> tuple[Table, Origin] | None:
        """The kept table *name*; None if there is none of what is *asked*."""
        kept = self._answer(asked, name)
        if kept is None:
            return None
        return Table(kept["columns"], kept["rows"]), Origin(**kept["origin"])

    def origin(self, asked: Computed, name: str) -> Origin | None:
        """Of the kept figure *name*; None if none of what is *asked* was drawn."""
        kept = self._answer(asked, name)
        return None if kept is None else Origin(**kept["origin"])

    def keep(self, asked: Computed, name: str, answer: Found | Table | None, at: Origin) -> None:
        """Write *answer* to the file at once; None for a figure, which is a file of its own.

        :raises OutputError: it cannot be written.
        """
        content: dict[str, Any] = {} if answer is None else answer._asdict()
        self._kept[name] = {"asked": _question(asked), **content, "origin": at._asdict()}
        try:
            text = json.dumps(self._kept, indent=1, sort_keys=True, ensure_ascii=False)
            self._path.write_text(f"{text}\n", encoding="utf-8")
        except OSError as error:
            remedy = "make it writable, or run without --slow"
            raise OutputError(str(self._path), error.strerror or str(error), remedy) from None

    def _answer(self, asked: Computed, name: str) -> dict[str, Any] | None:
        kept = self._kept.get(name)
        return kept if kept is not None and kept["asked"] == _question(asked) else None


def _question(asked: Computed) -> dict[str, Any]:
    return {"compute": asked.compute, "with": asked.arguments}
