"""simulate(): a scenario and a workload in, a Trace out. Elaborate, run, freeze."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from spinn2sim.errors import FirmwareNotFoundError, PlacementError, SramOverflowError
from spinn2sim.firmware import Firmware, FirmwareClass, Frame, PEContext, WorkloadShape
from spinn2sim.hw import Chip
from spinn2sim.spec import Scenario
from spinn2sim.trace import Recorder, Trace
from spinn2sim.units import Timebase
from spinn2sim.validated import nearest, validate
from spinn2sim.workload import FeatureSettings, Workload, load_workload

#: Timers count a 1 MHz reference; with it in the timebase every whole microsecond is exact.
TIMER_REFERENCE_HZ = 1_000_000

Progress = Callable[[float], None]


def simulate(
    scenario: Scenario, workload: Workload | None = None, *, progress: Progress | None = None
) -> Trace:
    """Run *scenario* on *workload* (by default the one it names) to the end of its programs.

    *progress* is called now and then with the share of the time steps that have passed.

    :raises Spinn2SimError: something does not fit, cannot be loaded, or never ends.
    """
    if workload is None:
        workload = scenario_workload(scenario)
    firmwares = elaborate(scenario, workload)
    timebase = Timebase.for_clocks(
        scenario.chip.pe.clock, scenario.chip.noc.clock, TIMER_REFERENCE_HZ
    )
    period = timebase.ticks(Fraction(scenario.timestep, 10**9))
    recorder = Recorder()
    chip = Chip(
        scenario=scenario,
        timebase=timebase,
        period=period,
        firmwares=firmwares,
        frames=_frames(workload),
        recorder=recorder,
    )
    end = period * workload.n_samples * workload.n_timesteps
    chip.run((lambda now: progress(min(now / end, 1.0))) if progress else (lambda _: None))
    arrays = {
        f"{pe}/{name}": array
        for pe, firmware in enumerate(firmwares)
        for name, array in firmware.readout().items()
    }
    meta = {
        "ticks_per_second": timebase.hz,
        "period": period,
        "links": list(chip.link_names),
        **_described(scenario, workload, firmwares),
    }
    return recorder.freeze(meta, arrays)


def scenario_workload(scenario: Scenario) -> Workload:
    """The workload that *scenario* names, as many samples as it asks for."""
    spec = scenario.workload
    settings = FeatureSettings(derivative_orders=spec.derivative_order)
    return load_workload(spec.source, settings=settings, n_samples=spec.n_samples)


def load_firmware(path: str) -> FirmwareClass:
    """The class that ``package.module:Class`` names.

    :raises FirmwareNotFoundError: there is no such module or class, or it is no firmware.
    """
    module_name, _, name = path.partition(":")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise FirmwareNotFoundError(path, f"{error}; expected package.module:Class") from None
    found = getattr(module, name, None)
    classes = [key for key, value in vars(module).items() if hasattr(value, "Parameters")]
    if found is None:
        reason = f"module {module_name!r} has no {name!r}{nearest(name, classes)}"
        raise FirmwareNotFoundError(path, reason)
    missing = [
        part
        for part in ("Parameters", "layout", "costs", "sizes", "main", "readout")
        if not hasattr(found, part) and part not in getattr(found, "__annotations__", {})
    ]
    if missing:
        raise FirmwareNotFoundError(path, f"{name} is no firmware: it lacks {', '.join(missing)}")
    firmware_class: FirmwareClass = found
    return firmware_class


def make_firmware(scenario: Scenario, workload: Workload, n_pe: int, pe: int) -> Firmware:
    """The firmware of PE *pe* of *n_pe*, its arrays allocated."""
    firmware_class = load_firmware(scenario.firmware)
    parameters = validate(firmware_class.Parameters, scenario.parameters, "parameters")
    shape = WorkloadShape(
        workload.n_samples, workload.n_timesteps, workload.n_in, len(workload.classes)
    )
    context = PEContext(pe, n_pe, scenario.seed, shape, scenario.host.steps_per_buffer)
    return firmware_class(parameters, context)


def elaborate(scenario: Scenario, workload: Workload) -> list[Firmware]:
    """The firmware of each PE, checked against the chip before time starts.

    :raises PlacementError: more PEs than the chip has.
    :raises SramOverflowError: a PE's arrays do not fit; says what would.
    """
    if scenario.n_pe > scenario.chip.n_pe:
        raise PlacementError(scenario.n_pe, scenario.chip.n_pe, scenario.chip.name)
    firmwares = []
    for pe in range(scenario.n_pe):
        firmware = make_firmware(scenario, workload, scenario.n_pe, pe)
        sram = scenario.chip.pe.sram
        if sram.check == "strict" and firmware.layout.n_bytes > sram.variable_bytes:
            raise SramOverflowError(
                pe,
                "data",
                firmware.layout.n_bytes,
                sram.variable_bytes,
                _what_would_fit(scenario, workload),
            )
        firmwares.append(firmware)
    return firmwares


def _what_would_fit(scenario: Scenario, workload: Workload) -> str:
    """The fewest PEs over which the firmware fits, by bisection: more PEs never need more each."""

    def fits(n_pe: int) -> bool:
        n_bytes = make_firmware(scenario, workload, n_pe, 0).layout.n_bytes
        return n_bytes <= scenario.chip.pe.sram.variable_bytes

    low, high = scenario.n_pe, scenario.chip.n_pe
    relaxed = "set chip.pe.sram.check=relaxed to run it all the same"
    if low == high or not fits(high):
        return f"even {high} PEs (the whole chip) are too few: use a smaller network or {relaxed}"
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    return f"spread it over {high} or more PEs, use a smaller network, or {relaxed}"


def _frames(workload: Workload) -> list[Frame]:
    return [Frame(values, sample.target) for sample in workload.samples for values in sample.values]


def _described(
    scenario: Scenario, workload: Workload, firmwares: Sequence[Firmware]
) -> dict[str, Any]:
    """What a reader of the trace needs to know of the run, as plain JSON."""
    costs = firmwares[0].costs
    return {
        "scenario": scenario.model_dump(mode="json", exclude_none=True),
        "workload": {
            "digest": workload.digest(),
            "samples": [sample.name for sample in workload.samples],
            "targets": [sample.target for sample in workload.samples],
            "classes": list(workload.classes),
            "notes": list(workload.notes),
            "n_timesteps": workload.n_timesteps,
            "n_in": workload.n_in,
        },
        "costs": costs.model_dump(mode="json") if costs else None,
        "sizes": [dict(firmware.sizes) for firmware in firmwares],
        "layouts": [[list(variable) for variable in firmware.layout] for firmware in firmwares],
    }
