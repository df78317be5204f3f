"""The store: answers of points by address, a Parquet dataset that any number of sweeps share.

Files are written whole, under names of their own, and never changed: writers need not know of each
other, and a kill loses what was not yet written and nothing else. Should two have computed the same
point, the answers are the same, and one of them counts.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import polars as pl

from spinn2sim.errors import OutputError, StoreError
from spinn2sim.explore.point import Answer, Status
from spinn2sim.training.whole_file import write_whole

#: Columns of every file, before the outputs.
FIXED = {
    "point": pl.String,
    "fidelity": pl.String,
    "status": pl.String,
    "error": pl.String,
    "lasting": pl.Boolean,
    "wall_s": pl.Float64,
}


class Store:
    """The answers in *folder*, which is made when the first one comes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, keys: Collection[str]) -> dict[str, Answer]:
        """What is there of the points *keys*; of several answers one that is done.

        :raises StoreError: a file is damaged.
        """
        wanted = pl.Series("point", list(keys), dtype=pl.String)
        found: dict[str, Answer] = {}
        for path in sorted(self.folder.glob("*.parquet")):
            for row in _read(path, wanted):
                answer = _answer(row)
                known = found.get(answer.key)
                if known is None or known.status == "failed":
                    found[answer.key] = answer
        return found

    def write(self, answers: Sequence[Answer]) -> None:
        """Keep *answers*: all or none of them.

        :raises OutputError: there is no room.
        """
        if not answers:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            problem = f"cannot be made ({error.strerror or error})"
            raise OutputError(str(self.folder), problem, "choose another --store") from None
        content = io.BytesIO()
        frame(map(_row, answers), FIXED).write_parquet(content)
        write_whole(self.folder / f"{uuid4().hex}.parquet", content.getvalue())


def frame(rows: Iterable[dict[str, Any]], fixed: dict[str, Any]) -> pl.DataFrame:
    """*rows* as columns, those in *fixed* first and of their type; what a row lacks is null.

    A column of numbers and text is text.
    """
    listed = list(rows)
    names = dict.fromkeys([*fixed, *(name for row in listed for name in row)])
    columns = []
    for name in names:
        values = [row.get(name) for row in listed]
        kinds = {type(value) for value in values if value is not None}
        if name in fixed:
            columns.append(pl.Series(name, values, dtype=fixed[name]))
        elif kinds <= {int, float} or len(kinds) == 1:
            dtype = pl.Float64 if float in kinds else None
            columns.append(pl.Series(name, values, dtype=dtype, strict=False))
        else:
            texts = [None if value is None else str(value) for value in values]
            columns.append(pl.Series(name, texts, dtype=pl.String))
    return pl.DataFrame(columns)


def _read(path: Path, wanted: pl.Series) -> list[dict[str, Any]]:
    try:
        table = pl.read_parquet(path)
        return table.filter(pl.col("point").is_in(wanted.implode())).to_dicts()
    except (pl.exceptions.PolarsError, OSError):
        remedy = "delete it; its points are then run again"
        raise StoreError(str(path), "damaged or no Parquet file", remedy) from None


def _row(answer: Answer) -> dict[str, Any]:
    return {
        "point": answer.key,
        "fidelity": answer.fidelity,
        "status": answer.status,
        "error": answer.error,
        "lasting": answer.lasting,
        "wall_s": answer.wall_s,
        **answer.outputs,
    }


def _answer(row: dict[str, Any]) -> Answer:
    outputs = {name: value for name, value in row.items() if name not in FIXED}
    return Answer(
        key=row["point"],
        fidelity=row["fidelity"],
        status=cast("Status", row["status"]),
        error=row["error"],
        lasting=row["lasting"],
        wall_s=row["wall_s"],
        outputs={name: value for name, value in outputs.items() if value is not None},
    )
