"""The paper's tables as far as its text gives them, with our side computed: columns and rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from experiments.memory_table import bptt_bytes, eprop_bytes
from experiments.paper import energy, runs, timing
from firmware_models.eprop.constants import PARAMETER_SETS, Constants
from spinn2sim.report.profile import clock_profile
from spinn2sim.workload import FeatureSettings

KB = 1024

Made = tuple[Sequence[str], Sequence[Sequence[str]]]


def constants(*, stated: Mapping[str, float | str]) -> Made:
    """The paper's *stated* constants beside those of two parameter sets."""
    sets = {name: PARAMETER_SETS[name] for name in ("paper-text", "authors")}
    rows = [
        (
            field.name,
            _plain(stated.get(field.name, "not stated")),
            *(_plain(getattr(each, field.name)) for each in sets.values()),
        )
        for field in fields(Constants)
    ]
    return ("constant", "paper's text", *(f"`{name}`" for name in sets)), rows


def features() -> Made:
    """Inputs by the order of derivatives."""
    rows = []
    for order in (0, 1, 2):
        settings = FeatureSettings(derivative_orders=order)
        n_bytes = settings.n_in * settings.n_frames * runs.speech().samples[0].values.itemsize
        rows.append((f"{order}", f"{settings.n_in}", f"{n_bytes / KB:.2f} KB"))
    return ("derivative order", "N_in", "input of one sample"), rows


def cycles() -> Made:
    """Mean cycles by function with both cost tables."""
    tables = ("paper", "measured")
    found = {
        table: {(row.label, row.every): row.mean for row in clock_profile(runs.costed(table))}
        for table in tables
    }
    rows = [
        (f"{label}, per {every}", *(f"{found[table][label, every]:,.0f}" for table in tables))
        for label, every in found[tables[0]]
    ]
    sums = (
        f"{sum(cycles for (_, every), cycles in of.items() if every == 'step'):,.0f}"
        for of in found.values()
    )
    return ("function", *tables), [*rows, ("sum, per step", *sums)]


def energies(*, n_samples: int, epochs: int, gpu: Mapping[str, float]) -> Made:
    """The paper's GPU beside the simulated machine by both models."""
    hours = timing.epoch_hours(n_samples=n_samples, epochs=epochs)
    rows = [
        (
            f"12 PEs, model {model} {power.note}",
            f"{hours:,.2f} h",
            f"{float(power.value):.1f} mW",
            f"{float(used.value):.1f} kJ",
        )
        for model in energy.CLOCKS
        for power in [energy.power_mw(model=model)]
        for used in [energy.training_kj(model=model, n_samples=n_samples, epochs=epochs)]
    ]
    v100 = ("V100 (the paper)", f"{gpu['hours']:.2f} h", f"{gpu['watts']:g} W", f"{gpu['kj']:g} kJ")
    return ("machine", "time", "mean power", "energy"), [*rows, v100]


def training_memory(
    *, eprop: Sequence[Mapping[str, Any]], bptt: Sequence[Mapping[str, Any]]
) -> Made:
    """E-prop's arrays and BPTT's, of networks with what the *paper* says of each."""
    rows = [
        (
            f"e-prop, {each['n_rec']} neurons, {each['n_pe']} PEs",
            each["paper"],
            _size(sum(eprop_bytes(each["n_rec"], each["n_pe"]))),
            "",
        )
        for each in eprop
    ]
    rows += [
        (
            f"BPTT, {each['n_rec']:,} neurons ({each['who']})",
            each["paper"],
            *(_size(bptt_bytes(each["n_rec"], with_traces=traces)) for traces in (True, False)),
        )
        for each in bptt
    ]
    return ("network", "paper", "arrays; BPTT with traces", "BPTT without"), rows


def _plain(value: object) -> str:
    return (
        f"{value:g}"
        if isinstance(value, float | int) and not isinstance(value, bool)
        else str(value)
    )


def _size(n_bytes: float) -> str:
    return f"{n_bytes / KB:,.1f} KB" if n_bytes < KB**2 else f"{n_bytes / KB**2:,.2f} MB"
