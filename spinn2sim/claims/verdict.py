"""The verdict on a claim: what the paper says beside what was computed.

A claim that was put in is not a prediction and is never called reproduced. What is outside of its
bands is not reproduced, whatever its kind.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

from spinn2sim.claims.claim import Claim, Value
from spinn2sim.claims.compute import Found


class Verdict(StrEnum):
    """In the words of the table."""

    REPRODUCED = "reproduced"
    VAGUE = "within vagueness"
    PUT_IN = "put in"
    HYPOTHESIS = "hypothesis"
    NOT_REPRODUCED = "not reproduced"
    NOT_COMPUTED = "not computed"


class Origin(NamedTuple):
    """When, from what and how a kept value was computed."""

    date: str
    commit: str
    command: str


class Row(NamedTuple):
    """One line of the table."""

    claim: Claim
    found: Found | None
    """None if the claim is slow and has never been computed."""
    origin: Origin | None = None
    """Of a value that was kept; None if it was computed now."""

    @property
    def verdict(self) -> Verdict:
        """What has come of the claim."""
        return Verdict.NOT_COMPUTED if self.found is None else judge(self.claim, self.found.value)

    @property
    def difference(self) -> float | None:
        """Ours less the paper's, in the unit of the claim; None if either is no number."""
        if self.found is None:
            return None
        return difference(self.claim.value, self.found.value)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "id": self.claim.id,
            "section": self.claim.section,
            "claim": self.claim.claim,
            "unit": self.claim.unit,
            "paper": self.claim.value,
            "simulator": None if self.found is None else self.found.value,
            "difference": self.difference,
            "verdict": str(self.verdict),
            "kind": self.claim.kind,
            "put_in_by": self.claim.put_in_by,
            "provenance": self.claim.provenance.model_dump(),
            "note": "" if self.found is None else self.found.note,
            "why": self.claim.why,
            "slow": self.claim.slow,
            "computed": None if self.origin is None else self.origin._asdict(),
            "compute": self.claim.compute,
        }


def judge(claim: Claim, value: Value) -> Verdict:
    """The verdict on *claim* if we find *value*."""
    vaguely = claim.vagueness is not None and _within(claim, value, vaguely=True)
    if not (vaguely or _within(claim, value)):
        return Verdict.NOT_REPRODUCED
    match claim.kind:
        case "put in":
            return Verdict.PUT_IN
        case "hypothesis":
            return Verdict.HYPOTHESIS
        case _:
            return Verdict.REPRODUCED if _within(claim, value) else Verdict.VAGUE


def difference(paper: Value, ours: Value) -> float | None:
    """Ours less the paper's; None if either is no number."""
    if isinstance(paper, bool | str) or isinstance(ours, bool | str):
        return None
    return ours - paper


def _within(claim: Claim, value: Value, *, vaguely: bool = False) -> bool:
    off = difference(claim.value, value)
    if off is None:
        return type(value) is type(claim.value) and value == claim.value
    band = claim.vagueness if vaguely else claim.tolerance
    assert band is not None
    assert not isinstance(claim.value, str)
    # A sum of floats may be an ulp beside the edge.
    return abs(off) <= band.width(claim.value) * (1 + 1e-9)
