"""Fidelities: how closely a point is looked at. One entry of FIDELITIES each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from spinn2sim.errors import SpecError
from spinn2sim.explore.columns import SUMMARY_OUTPUTS, Outputs, summary_outputs
from spinn2sim.explore.largest import LIMIT_OUTPUTS, limits
from spinn2sim.explore.learning import LEARNING_OUTPUTS, LearningSettings, learn
from spinn2sim.explore.variant import Variant
from spinn2sim.feasibility import short_run
from spinn2sim.report import summarise
from spinn2sim.sim import simulate
from spinn2sim.spec import Scenario
from spinn2sim.spec.scenario import WorkloadSpec
from spinn2sim.validated import Validated, nearest, validate
from spinn2sim.workload import FeatureSettings, Workload, load_workload


class NoSettings(Validated):
    """Of a fidelity that needs to know nothing but the scenario."""


@dataclass(frozen=True, slots=True)
class FidelityKind:
    """What makes an answer of a point."""

    evaluate: Callable[[Scenario, Variant, Any], Outputs]
    outputs: tuple[str, ...]
    """Names of the columns, with ``*`` where the firmware has a say in them."""
    Settings: type[Validated] = NoSettings


def _check(scenario: Scenario, variant: Variant, _settings: NoSettings) -> Outputs:
    with variant.realised(scenario) as wanted:
        return summary_outputs(summarise(short_run(wanted)))


def _simulate(scenario: Scenario, variant: Variant, _settings: NoSettings) -> Outputs:
    with variant.realised(scenario) as wanted:
        return summary_outputs(summarise(simulate(wanted, _workload(wanted.workload))))


def _limits(scenario: Scenario, variant: Variant, _settings: NoSettings) -> Outputs:
    return limits(scenario, variant)


def _train(scenario: Scenario, _variant: Variant, settings: LearningSettings) -> Outputs:
    return learn(scenario, settings)  # host arithmetic, which no memory or cycles change


@lru_cache(maxsize=4)  # the points of a process mostly hear the same speech
def _workload(spec: WorkloadSpec) -> Workload:
    settings = FeatureSettings(derivative_orders=spec.derivative_order)
    return load_workload(spec.source, settings=settings, n_samples=spec.n_samples)


FIDELITIES: Mapping[str, FidelityKind] = {
    "check": FidelityKind(_check, SUMMARY_OUTPUTS),
    "simulate": FidelityKind(_simulate, SUMMARY_OUTPUTS),
    "limits": FidelityKind(_limits, LIMIT_OUTPUTS),
    "train": FidelityKind(_train, LEARNING_OUTPUTS, LearningSettings),
}


def fidelity_kind(name: str, where: str) -> FidelityKind:
    """The fidelity *name*.

    :raises SpecError: there is none.
    """
    if name not in FIDELITIES:
        raise SpecError(
            where, (f"no fidelity {name!r}{nearest(name, list(FIDELITIES), 'fidelities')}",)
        )
    return FIDELITIES[name]


def fidelity_settings(name: str, content: Mapping[str, Any], where: str) -> Validated:
    """The settings that *content* holds, as the fidelity *name* takes them.

    :raises SpecError: there is no such fidelity, or it does not take them.
    """
    return validate(fidelity_kind(name, where).Settings, content, f"{where}: settings of {name}")
