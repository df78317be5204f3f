"""A claims file: what a paper says, how well that is known, and what computes our side.

No key of it takes a value of ours. ``compute`` names a function, ``with`` what it is asked about.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from spinn2sim.errors import MissingFileError, SpecError
from spinn2sim.plain_yaml import read_yaml
from spinn2sim.validated import Validated, validate

#: Where the paper's value comes from: stated, read off a figure, or worked out from what is stated.
Origin = Literal["text", "figure", "arithmetic", "derived", "code"]

#: What our value can show: a prediction; nothing, as the paper's value was put in; one reading.
Kind = Literal["prediction", "put in", "hypothesis"]

Value = bool | int | float | str


def _function(path: str) -> str:
    if not re.fullmatch(r"\w+(\.\w+)*:\w+", path):
        raise ValueError("expected package.module:function")
    return path


def _file_name(name: str) -> str:
    if not re.fullmatch(r"[\w-]+\.png", name):
        raise ValueError("expected the name of a PNG file")
    return name


FunctionPath = Annotated[str, AfterValidator(_function)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Band(Validated):
    """How far from the paper's value ours may be."""

    relative: NotNegative = 0.0
    """Share of the paper's value."""
    absolute: NotNegative = 0.0
    """In its unit; the wider of the two counts."""
    why: str
    """The reason for this width."""

    def width(self, value: float) -> float:
        """The largest difference from *value*, in its unit."""
        return max(self.absolute, self.relative * abs(value))


class Provenance(Validated):
    """Where the paper's value comes from."""

    origin: Origin
    where: str
    """Figure, table, section or subject."""
    known: str
    """How precisely it is known."""


class Computed(Validated):
    """What a function of ours makes."""

    compute: FunctionPath
    """``package.module:function``. One that is ``slow`` takes a ``Place`` first."""
    arguments: dict[str, Any] = Field(default_factory=dict, alias="with")
    """Its keyword arguments: which network, which machine."""
    slow: bool = False
    """It takes hours or trained networks, and is run on request only."""


class Claim(Computed):
    """One statement of the paper."""

    id: str
    section: str
    claim: str
    """In our words."""
    value: Value
    unit: str = ""
    tolerance: Band
    """Within it the claim is reproduced: the digits that the paper gives."""
    vagueness: Band | None = None
    """A wider band, where the paper itself says no more: about, almost."""
    provenance: Provenance
    kind: Kind = "prediction"
    put_in_by: str = ""
    """What took the paper's value: the fit, a preset, the firmware."""
    why: str = ""
    """Why it is not reproduced, or what a reader should know of the row."""

    @model_validator(mode="after")
    def _what_is_put_in_says_by_what(self) -> Self:
        if (self.kind == "put in") != bool(self.put_in_by):
            raise ValueError("put_in_by goes with kind: put in, and the other way round")
        return self


class Exhibit(Computed):
    """A figure or table of the page."""

    id: str
    title: str
    text: str
    """What it shows, and on what."""


class FigureClaim(Exhibit):
    """A figure, drawn by a function of its path."""

    file: Annotated[str, AfterValidator(_file_name)]


class LeftOut(Validated):
    """A statement without a row."""

    id: str
    why: str


class Claims(Validated):
    """A whole claims file."""

    paper: str
    """Title and reference."""
    page: str
    """The page to write, from the folder above the file's."""
    record: str
    """Where values of slow rows are kept, beside the file."""
    sections: tuple[str, ...]
    """In the order of the page."""
    claims: tuple[Claim, ...]
    figures: tuple[FigureClaim, ...] = ()
    tables: tuple[Exhibit, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        ids = [claim.id for claim in self.claims]
        ids += [exhibit.id for exhibit in (*self.figures, *self.tables)]
        ids += [each.id for each in self.left_out]
        twice = [name for name, n in Counter(ids).items() if n > 1]
        if twice:
            raise ValueError(f"id {twice[0]!r} comes twice")
        return self

    @model_validator(mode="after")
    def _sections_are_listed(self) -> Self:
        for claim in self.claims:
            if claim.section not in self.sections:
                raise ValueError(
                    f"claim {claim.id!r}: section {claim.section!r} is not in sections"
                )
        return self


def load_claims(path: Path) -> Claims:
    """The claims file *path*.

    :raises MissingFileError: there is none; the installed package has none.
    :raises SpecError: something in it cannot be used.
    """
    if not path.is_file():
        remedy = "it is part of the repository, not of the installed package: run this there"
        raise MissingFileError("claims file", str(path), remedy)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise SpecError(str(path), ("not a text file",)) from None
    return validate(Claims, read_yaml(text, str(path)), str(path))
