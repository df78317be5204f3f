"""A table of cycles: each function of a firmware at each size.

A firmware takes its sizes at run time, by ``firmware_setup``, which fills its arrays from a seed.
The functions are then called in the given order, once each, in the state that the ones before have
left: what depends on the data, as the number of spikes, depends on that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, NamedTuple, Self

from spinn2sim.arm.elf import Elf
from spinn2sim.arm.machine import Machine
from spinn2sim.arm.measurement import Measurement
from spinn2sim.errors import EmulationError, SpecError

SETUP = "firmware_setup"
#: The sizes of a firmware, in the order of the arguments of ``firmware_setup``: own neurons of the
#: PE, inputs, recurrent neurons of the network, outputs.
SYMBOLS = ("L", "I", "R", "O")

_LARGEST_FLOAT = (2 - 2**-23) * 2.0**127

_CALL = re.compile(r"(?P<function>[A-Za-z_][\w.$]*)\s*(?:\((?P<arguments>[^()]*)\))?")


class Call(NamedTuple):
    """A function and what it is given."""

    function: str
    arguments: tuple[float, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """``dot`` or ``scale(64, 0.5)``: whole numbers are integers, others floats.

        :raises SpecError: it is neither.
        """
        match = _CALL.fullmatch(text.strip())
        if match is None:
            raise SpecError(f"function {text!r}", ("expected a name, or a call as scale(64, 0.5)",))
        parts = [part.strip() for part in (match["arguments"] or "").split(",")]
        try:
            arguments = tuple(_number(part) for part in parts if part)
        except ValueError as error:
            raise SpecError(f"function {text!r}", (str(error),)) from None
        return cls(match["function"], arguments)


@dataclass(frozen=True, slots=True)
class Row:
    """One function at one size."""

    sizes: Mapping[str, int]
    """By symbol; empty if the firmware has none."""
    measurement: Measurement

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"sizes": dict(self.sizes), **self.measurement.as_dict()}


@dataclass(frozen=True, slots=True)
class MeasuredTable:
    """What was measured, and on what."""

    elf: str
    sha256: str
    build: str | None
    """The compiler and its flags, if the firmware states them."""
    timing: str
    rows: tuple[Row, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "elf": self.elf,
            "sha256": self.sha256,
            "build": self.build,
            "timing": self.timing,
            "rows": [row.as_dict() for row in self.rows],
        }


def measure(
    machine: Machine,
    functions: Sequence[str] = (),
    sizes: Sequence[Mapping[str, int]] = (),
    *,
    seed: int = 1,
) -> MeasuredTable:
    """Cycles of *functions* at each of *sizes*, in memory that starts anew with each size.

    functions: as ``Call.parse`` reads them; none are those that the firmware declares.
    sizes: a number for each of ``SYMBOLS``; none means that ``firmware_setup`` is not called, and
        that *functions* are named if there is one.

    :raises SpecError: no functions, a call that cannot be read, or sizes that are not those.
    :raises SymbolError: there is no such function.
    :raises EmulationError: a function cannot be run to its end, or the sizes are too large.
    """
    elf = machine.elf
    calls = [Call.parse(text) for text in functions or _declared(elf)]
    for call in calls:
        elf.function(call.function)
    if not (functions or sizes) and SETUP in elf.symbols:
        problem = f"the firmware fills its arrays by {SETUP}; say which, as L=10,I=80,R=120,O=12"
        raise SpecError("sizes", (problem,))
    rows: list[Row] = []
    for size in sizes or ({},):
        machine.reset()
        if size:
            _set_up(machine, size, seed)
        rows += [Row(size, machine.call(call.function, *call.arguments)) for call in calls]
    return MeasuredTable(elf.path, elf.sha256, elf.build, machine.timing.name, tuple(rows))


def _declared(elf: Elf) -> tuple[str, ...]:
    labels = elf.labels
    if labels is None or not (*labels.step, *labels.sample):
        problem = "the firmware does not declare its functions (firmware_labels); name them"
        raise SpecError("functions", (problem,))
    return (*labels.step, *labels.sample)


def _set_up(machine: Machine, sizes: Mapping[str, int], seed: int) -> None:
    if set(sizes) != set(SYMBOLS):
        problem = f"expected a number for each of {', '.join(SYMBOLS)}, as L=10,I=80,R=120,O=12"
        raise SpecError(f"sizes {_shown(sizes)}", (problem,))
    result = machine.call(SETUP, *(sizes[symbol] for symbol in SYMBOLS), seed).int_result
    if result:
        problem = f"refuses the sizes {_shown(sizes)} (it returns {result})"
        raise EmulationError(SETUP, problem, "use smaller ones, or build it with larger arrays")


def _shown(sizes: Mapping[str, int]) -> str:
    return ",".join(f"{symbol}={number}" for symbol, number in sizes.items())


def _number(text: str) -> float:
    """A whole number, in any base that C has, or a float; each in 32 bits."""
    try:
        whole = int(text, 0)
    except ValueError:
        number = float(text)
        if isfinite(number) and abs(number) > _LARGEST_FLOAT:
            raise ValueError(f"{text} does not fit a 32-bit float") from None
        return number
    if not -(2**31) <= whole < 2**32:
        raise ValueError(f"{text} does not fit 32 bits")
    return whole
