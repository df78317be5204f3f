"""A point: a scenario, its variant and a fidelity, with the address of its answer.

``work`` is what a worker does: points in, answers out, and no exception, whatever a point is like.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from spinn2sim.errors import Spinn2SimError, WorkersError
from spinn2sim.explore.address import address
from spinn2sim.explore.code_version import code_version
from spinn2sim.explore.columns import Outputs
from spinn2sim.explore.fidelities import FIDELITIES
from spinn2sim.explore.variant import Variant
from spinn2sim.spec import Scenario
from spinn2sim.validated import Validated

Status: TypeAlias = Literal["done", "failed"]


@dataclass(frozen=True, slots=True)
class Point:
    """What a worker needs to know of a point."""

    key: str
    """Its address."""
    fidelity: str
    scenario: Scenario
    variant: Variant
    settings: Validated


@dataclass(frozen=True, slots=True)
class Answer:
    """What has become of a point."""

    key: str
    fidelity: str
    status: Status
    error: str
    """Empty if it is done."""
    lasting: bool
    """Whether it would come out so again; a worker that died may have had too little memory."""
    wall_s: float
    outputs: Outputs


def make_point(scenario: Scenario, variant: Variant, fidelity: str, settings: Validated) -> Point:
    """The point with its address."""
    key = address(scenario, variant, fidelity, settings)
    return Point(key, fidelity, scenario, variant, settings)


def work(points: Sequence[Point], version: str) -> list[Answer]:
    """The answers of *points*, in order.

    :raises WorkersError: the code here is not the *version* that asks.
    """
    own = code_version(points[0].scenario.firmware)
    if own != version:
        problem = f"run code {own}, and the sweep was begun with {version}"
        remedy = "install the same version everywhere, or begin again if you have changed the code"
        raise WorkersError("of this sweep", problem, remedy)
    return [_answer(point) for point in points]


def _answer(point: Point) -> Answer:
    began = time.perf_counter()
    outputs: Outputs = {}
    status: Status = "failed"
    error, lasting = "", True
    try:
        evaluate = FIDELITIES[point.fidelity].evaluate
        outputs = evaluate(point.scenario, point.variant, point.settings)
        status = "done"
    except Spinn2SimError as found:
        error = str(found)
    except Exception as found:  # noqa: BLE001 - one point must not end the sweep
        error, lasting = f"{type(found).__name__}: {found}", False
    wall_s = time.perf_counter() - began
    return Answer(point.key, point.fidelity, status, error, lasting, wall_s, outputs)


def lost(point: Point, error: str) -> Answer:
    """The answer of a *point* whose workers died of it."""
    return Answer(point.key, point.fidelity, "failed", error, False, 0.0, {})  # noqa: FBT003 - a field
