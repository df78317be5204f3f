"""From a scenario to the firmware of each PE, checked against the chip before time starts."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from numpy.typing import NDArray

from spinn2sim.errors import (
    FirmwareNotFoundError,
    PlacementError,
    Spinn2SimError,
    SramOverflowError,
)
from spinn2sim.firmware import (
    FarCycles,
    Firmware,
    FirmwareClass,
    Frame,
    Levels,
    PEContext,
    WorkloadShape,
)
from spinn2sim.hw.lending import Lending, lend, refuse_too_much
from spinn2sim.spec import Scenario
from spinn2sim.spec.scenario import TIMER_REFERENCE_NS
from spinn2sim.units import Timebase
from spinn2sim.validated import nearest, validate
from spinn2sim.workload import FeatureSettings, Workload, load_workload

#: With the timers' reference in the timebase, a time step is a whole number of ticks.
TIMER_REFERENCE_HZ = 10**9 // TIMER_REFERENCE_NS


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
    except Exception as error:  # noqa: BLE001 - importing runs the user's code
        raise FirmwareNotFoundError(path, _import_problem(module_name, error)) from None
    found = getattr(module, name, None)
    if found is None:
        classes = [key for key, value in vars(module).items() if hasattr(value, "Parameters")]
        reason = f"module {module_name!r} has no {name!r}{nearest(name, classes)}"
        raise FirmwareNotFoundError(path, reason)
    _refuse_incomplete(path, found, ("Parameters", "main", "readout"))
    firmware_class: FirmwareClass = found
    return firmware_class


def _import_problem(module_name: str, error: Exception) -> str:
    parents = [module_name.rsplit(".", n)[0] for n in range(module_name.count(".") + 1)]
    if isinstance(error, ModuleNotFoundError) and error.name in parents:
        return f"there is no module {error.name!r}; expected package.module:Class"
    return f"module {module_name!r} cannot be imported: {type(error).__name__}: {error}"


def _refuse_incomplete(path: str, part: object, names: tuple[str, ...]) -> None:
    """:raises FirmwareNotFoundError: *part* of the firmware *path* lacks one of *names*."""
    missing = [name for name in names if not hasattr(part, name)]
    if missing:
        _, _, name = path.partition(":")
        raise FirmwareNotFoundError(path, f"{name} is no firmware: it lacks {', '.join(missing)}")


def make_firmware(scenario: Scenario, workload: Workload, n_pe: int, pe: int) -> Firmware:
    """The firmware of PE *pe* of *n_pe*, its arrays allocated.

    :raises FirmwareNotFoundError: it cannot be loaded or is no firmware.
    :raises SpecError: its parameters cannot be used.
    """
    return _maker(scenario, workload)(n_pe, pe)


def _maker(scenario: Scenario, workload: Workload) -> Callable[[int, int], Firmware]:
    """``make_firmware`` for any number of PEs and any PE, with all that is the same for them."""
    firmware_class = load_firmware(scenario.firmware)
    shape = WorkloadShape(
        workload.n_samples, workload.n_timesteps, workload.n_in, len(workload.classes)
    )
    sram = scenario.chip.pe.sram
    far = FarCycles(sram.neighbour_read_cycles, sram.neighbour_write_cycles)
    steps_per_buffer = scenario.host.steps_per_buffer
    n_groups = scenario.batch.groups if scenario.batch else 1
    levels = _levels_of(scenario)

    def make(n_pe: int, pe: int) -> Firmware:
        # Its own for each PE: what they consist of may be changed.
        parameters = validate(firmware_class.Parameters, scenario.parameters, "parameters")
        context = PEContext(pe, n_pe, scenario.seed, shape, steps_per_buffer, far, n_groups, levels)
        firmware = firmware_class(parameters, context)
        _refuse_incomplete(scenario.firmware, firmware, ("layout", "costs", "sizes"))
        return firmware

    return make


def _levels_of(scenario: Scenario) -> Levels:
    """The performance levels of a PE, and what keeps firmware from choosing, if it does not."""
    pe, names = scenario.chip.pe, tuple(level.name for level in scenario.power.levels)
    if pe.dvfs == "firmware":
        return Levels(names)
    if pe.dvfs_switch is None:
        taken = f"chip {scenario.chip.name!r} cannot switch"
        return Levels(names, taken, "use the preset spinnaker2, with chip.pe.dvfs=firmware")
    remedy = "set chip.pe.dvfs=firmware, or let the program do without"
    return Levels(names, f"chip.pe.dvfs = {pe.dvfs} decides", remedy)


def elaborate(scenario: Scenario, workload: Workload) -> list[Firmware]:
    """The firmware of each PE, checked against the chip before time starts.

    :raises PlacementError: more PEs than the chip has.
    :raises SramOverflowError: a PE's arrays do not fit; says what would.
    """
    if scenario.n_pe > scenario.capacity:
        raise PlacementError(scenario.n_pe, scenario.capacity, scenario.chip.name)
    firmwares, make, sram = [], _maker(scenario, workload), scenario.chip.pe.sram
    for pe in range(scenario.n_pe):
        firmware = make(scenario.n_pe, pe)
        if sram.check == "strict" and firmware.layout.n_bytes > sram.variable_bytes:
            raise SramOverflowError(
                pe,
                "data",
                firmware.layout.n_bytes,
                sram.variable_bytes,
                _what_would_fit(scenario, workload),
            )
        firmwares.append(firmware)
    if (lending := lending_of(scenario, firmwares)) and scenario.chip.pe.sram.check == "strict":
        refuse_too_much(lending)
    return firmwares


def lending_of(scenario: Scenario, firmwares: Sequence[Firmware]) -> Lending | None:
    """Where the far arrays of *firmwares*, those of PE 0, 1, ..., lie; None if there are none.

    :raises SramOverflowError: nobody lends memory to a PE that has such arrays.
    """
    layouts = {pe: each.layout for pe, each in enumerate(firmwares) if each.layout.far}
    return lend(layouts, scenario.n_pe, scenario.chip) if layouts else None


def _what_would_fit(scenario: Scenario, workload: Workload) -> str:
    """The fewest PEs over which the firmware fits, by bisection.

    More PEs need no more each, but for the few bytes that one of them may gather from the others.
    """
    capacity, make = scenario.chip.pe.sram.variable_bytes, _maker(scenario, workload)

    def most_bytes(n_pe: int) -> int | None:
        """What the PE with most arrays needs; None if the firmware takes no so many PEs."""
        try:
            return max(make(n_pe, pe).layout.n_bytes for pe in range(n_pe))
        except Spinn2SimError:
            return None

    too_few, enough = scenario.n_pe, scenario.capacity + 1
    while enough - too_few > 1:
        n_pe = (too_few + enough) // 2
        needed = most_bytes(n_pe)
        if needed is not None and needed > capacity:
            too_few = n_pe
        else:
            enough = n_pe
    relaxed = "set chip.pe.sram.check=relaxed to run it all the same"
    if enough > scenario.capacity or most_bytes(enough) is None:
        limit = "the whole chip" if too_few == scenario.capacity else "the most it can use"
        return f"even {too_few} PEs ({limit}) are too few: use a smaller network or {relaxed}"
    return f"spread it over {enough} or more PEs, use a smaller network, or {relaxed}"


def frames_of(workload: Workload) -> list[Frame]:
    """The time steps of all samples, one after the other."""
    return [Frame(values, sample.target) for sample in workload.samples for values in sample.values]


def timebase_of(scenario: Scenario) -> Timebase:
    """The tick of a run of *scenario*."""
    chip, levels = scenario.chip, scenario.power.levels
    rates = [level.max_clock for level in levels] if chip.pe.dvfs != "fixed" else [chip.pe.clock]
    if chip.routed_by is not None:
        rates.append(chip.routed_by.clock)
    return Timebase.for_clocks(*rates, chip.noc.clock, TIMER_REFERENCE_HZ)


def readout_of(firmwares: Sequence[Firmware]) -> dict[str, NDArray[Any]]:
    """What the host reads out of all PEs when the run is over, by PE and name."""
    return {
        f"{pe}/{name}": array
        for pe, firmware in enumerate(firmwares)
        for name, array in firmware.readout().items()
    }


def described(
    scenario: Scenario,
    workload: Workload,
    firmwares: Sequence[Firmware],
    *,
    links: Sequence[str],
    weights: str | None,
) -> dict[str, Any]:
    """What a reader of the trace needs to know of the run, as plain JSON.

    *links* are the names of the NoC's links; *weights* the digest of those that it began with.
    """
    costs, timebase = firmwares[0].costs, timebase_of(scenario)
    lending = lending_of(scenario, firmwares)
    lent = {"lent": _lent(lending)} if lending else {}
    return {
        "ticks_per_second": timebase.hz,
        "period": timebase.ticks(Fraction(scenario.timestep, 10**9)),
        "links": list(links),
        "weights": weights,
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
        "layouts": [
            [[name, dtype, list(shape), *rest] for name, dtype, shape, *rest in firmware.layout]
            for firmware in firmwares
        ],
        **lent,
    }


def _lent(lending: Lending) -> dict[str, Any]:
    holder = [[pe, name, lender] for (pe, name), lender in lending.holder.items()]
    return {"capacity": lending.capacity, "holder": holder}
