"""Numbers with a unit and a range: ``150MHz``, ``32KB``, ``50Mbit/s``, ``10ms``, ``4`` flits.

A field is declared as ``Annotated[int, Within(1, 64, "flit")]`` or ``Annotated[int, FREQUENCY]``. A
quantity is stored as a whole number of its base unit (Hz, ns, B, bit/s) and read with exact
arithmetic, so nothing is rounded; a value that is not whole in the base unit is refused. A message
about a range names both its ends.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidatorFunctionWrapHandler
from pydantic_core import CoreSchema, core_schema

# A comma stands between thousands only, so that 1,5MHz is refused, not read as 15 MHz. Lengths are
# bounded because the exact value of 1e999999999 would fill the memory.
_NUMBER = re.compile(
    r"""\s* (?P<number>
            [+-]? (?: [0-9]{1,3} (?: [,_][0-9]{3} ){1,6} | [0-9]{1,20} )
            (?: \.[0-9]{1,40} )? (?: [eE][+-]?[0-9]{1,2} )?
        )
        \s* (?P<unit> \S* ) \s*""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Within:
    """A number from *low* to *high* (both allowed), in *unit*."""

    low: float
    high: float
    unit: str

    def check(self, what: str, value: Any, read: ValidatorFunctionWrapHandler) -> Any:
        """*value* as *what*, a kind of number that *read* understands, if it is in range."""
        try:
            if isinstance(value, bool):  # YAML reads ``yes`` as one, Python takes it for 1
                raise ValueError  # noqa: TRY004, TRY301 - pydantic, too, raises one here
            number = read(value)
        except ValueError:
            raise ValueError(f"expected {what}, {self._range()}") from None
        if not self.low <= number <= self.high:
            raise ValueError(self._range())
        return number

    def _range(self) -> str:
        unit = f" {self.unit}" if self.unit != "1" else ""
        return f"accepted range is {self.low:,} to {self.high:,}{unit}"

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        schema = handler(source)
        what = "a whole number" if schema["type"] == "int" else "a number"
        return core_schema.no_info_wrap_validator_function(partial(self.check, what), schema)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "minimum": self.low, "maximum": self.high, "unit": self.unit}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A physical quantity: a whole number of its base unit, or text with a unit."""

    name: str
    base: str
    units: Mapping[str, int] = field(hash=False)  # so that a field may be a quantity or None
    """How many of the base unit each unit is."""
    low: int
    high: int
    example: str

    def parse(self, value: Any) -> int:
        """*value* in the base unit.

        :raises ValueError: it is no such quantity; says what is.
        """
        match = _NUMBER.fullmatch(str(value))
        if match is None or (match["unit"] and match["unit"] not in self.units):
            raise ValueError(self._expected())
        number = Fraction(match["number"].replace(",", "").replace("_", ""))
        exact = number * self.units.get(match["unit"], 1)
        if exact.denominator != 1 or not self.low <= exact <= self.high:
            raise ValueError(self._expected())
        return exact.numerator

    def text(self, value: int) -> str:
        """*value*, in the base unit, as a user would write it: in the largest unit that divides."""
        n, unit = max((n, unit) for unit, n in self.units.items() if value % n == 0)
        return f"{value // n:,}{unit}"

    def _expected(self) -> str:
        return (
            f"expected a {self.name} such as {self.example}, accepted range is {self.low:,} to "
            f"{self.high:,} {self.base}"
        )

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.parse, handler(source))

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {
            "type": ["integer", "string"],
            "unit": self.base,
            "minimum": self.low,
            "maximum": self.high,
            "examples": [self.example],
        }


def _decades(**exponents: int) -> dict[str, int]:
    return {unit: int(10**exponent) for unit, exponent in exponents.items()}


FREQUENCY = Quantity(
    "clock rate", "Hz", _decades(Hz=0, kHz=3, MHz=6, GHz=9), 1_000, 10**10, "150MHz"
)
DURATION = Quantity("duration", "ns", _decades(ns=0, us=3, ms=6, s=9), 0, 10**12, "30us")
BIT_RATE = Quantity(
    "bit rate",
    "bit/s",
    {f"{prefix}bit/s": factor for prefix, factor in _decades(k=3, M=6, G=9).items()} | {"bit/s": 1},
    1_000,
    10**13,
    "50Mbit/s",
)
MEMORY = Quantity(
    "memory size",
    "B",
    {"B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3},
    0,
    2**40,
    "96KB",
)
