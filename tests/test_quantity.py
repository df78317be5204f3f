"""Numbers with a unit: what is read, what is refused, and nothing is rounded."""

from fractions import Fraction
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinn2sim.errors import SpecError
from spinn2sim.quantity import BIT_RATE, DURATION, FREQUENCY, MEMORY, Within
from spinn2sim.validated import Validated, validate

CLOCK_RATE = "expected a clock rate such as 150MHz, accepted range is 1,000 to 10,000,000,000 Hz"

FLITS = "expected a whole number, accepted range is 1 to 1,000 flit"


class Machine(Validated):
    clock: Annotated[int, FREQUENCY] = 1_000
    flits: Annotated[int, Within(1, 1_000, "flit")] = 1
    power: Annotated[float, Within(0, 1_000, "mW")] = 0.0
    seed: Annotated[int, Within(0, 7, "1")] = 0


def refusal(**content):
    with pytest.raises(SpecError) as refused:
        validate(Machine, content, "m")
    return str(refused.value)


# What is read


@pytest.mark.parametrize(
    ("quantity", "text", "value"),
    [
        (FREQUENCY, "150MHz", 150_000_000),
        (FREQUENCY, " 65 MHz ", 65_000_000),
        (FREQUENCY, 65_000_000, 65_000_000),
        (FREQUENCY, "65000000", 65_000_000),
        (FREQUENCY, 65e6, 65_000_000),
        (FREQUENCY, "1.5GHz", 1_500_000_000),
        (FREQUENCY, "65e6Hz", 65_000_000),
        (FREQUENCY, "0.065e+3MHz", 65_000_000),
        (FREQUENCY, "65,000kHz", 65_000_000),
        (FREQUENCY, "65_000_000", 65_000_000),
        (FREQUENCY, "+1kHz", 1_000),
        (DURATION, "7ns", 7),
        (DURATION, "30us", 30_000),
        (DURATION, "10ms", 10_000_000),
        (DURATION, "2s", 2_000_000_000),
        (DURATION, "0s", 0),
        (BIT_RATE, "50Mbit/s", 50_000_000),
        (BIT_RATE, "5kbit/s", 5_000),
        (BIT_RATE, "1Gbit/s", 1_000_000_000),
        (BIT_RATE, "9600bit/s", 9_600),
        (MEMORY, "12B", 12),
        (MEMORY, "96KB", 98_304),
        (MEMORY, "2MB", 2_097_152),
        (MEMORY, "1GB", 1_073_741_824),
    ],
)
def test_a_quantity_is_stored_in_its_base_unit(quantity, text, value):
    found = quantity.parse(text)
    assert (found, type(found)) == (value, int)


@pytest.mark.parametrize("text", ["0.3us", "0.1us", "1.1us", "16.1us", "4.35us", "0.000000001s"])
def test_a_decimal_is_read_exactly_where_floats_are_off(text):
    number, unit = (text[:-2], 1_000) if text.endswith("us") else (text[:-1], 10**9)
    assert DURATION.parse(text) == Fraction(number) * unit


@given(st.integers(0, 10**12))
def test_every_duration_can_be_written_in_seconds(nanoseconds):
    assert DURATION.parse(f"{nanoseconds // 10**9}.{nanoseconds % 10**9:09}s") == nanoseconds


@given(st.integers(1_000, 10**10))
def test_every_clock_rate_can_be_written_with_thousands_apart(hz):
    assert FREQUENCY.parse(f"{hz:,} Hz") == FREQUENCY.parse(f"{hz:_}Hz") == hz


# What is refused


@pytest.mark.parametrize(
    "value",
    [
        "150mhz",
        "150 M Hz",
        "MHz",
        "",
        "1.5.5MHz",
        ".5GHz",
        "0x10MHz",
        "nan",
        "1000.1Hz",
        "0.1Hz",
        1_000.5,
        -65_000_000,
        "-65MHz",
        999,
        "999Hz",
        "10.000000001GHz",
        float("nan"),
        float("inf"),
        [150_000_000],
    ],
)
def test_what_is_no_clock_rate_is_refused_with_an_example_and_the_range(value):
    assert refusal(clock=value) == f"m: clock = {value!r}: {CLOCK_RATE}"


def test_a_truth_value_or_nothing_is_no_clock_rate():
    assert refusal(clock=True) == f"m: clock = true: {CLOCK_RATE}"
    assert refusal(clock=None) == f"m: clock = nothing: {CLOCK_RATE}"


@pytest.mark.parametrize("text", ["1,5MHz", "15,00MHz", "1,0000Hz", "1__000Hz", "1,000,Hz"])
def test_a_comma_or_underscore_stands_between_thousands_only(text):
    assert refusal(clock=text) == f"m: clock = {text!r}: {CLOCK_RATE}"


@pytest.mark.parametrize("text", ["1e999999999", "1e-999999999", "1e100", "1" * 21])
def test_a_number_too_long_to_be_meant_is_refused_at_once(text):
    assert refusal(clock=text) == f"m: clock = {text!r}: {CLOCK_RATE}"


def test_a_fraction_too_small_for_a_float_is_still_a_fraction():
    with pytest.raises(ValueError, match="expected a duration such as 30us"):
        DURATION.parse("0.3000000000000000000000000000000001us")


def test_both_ends_of_a_quantitys_range_are_accepted():
    for quantity in (FREQUENCY, DURATION, BIT_RATE, MEMORY):
        assert quantity.parse(quantity.low) == quantity.low
        assert quantity.parse(quantity.high) == quantity.high


@pytest.mark.parametrize(
    ("quantity", "message"),
    [
        (DURATION, "expected a duration such as 30us, accepted range is 0 to 1,000,000,000,000 ns"),
        (
            BIT_RATE,
            (
                "expected a bit rate such as 50Mbit/s, accepted range is 1,000 to "
                "10,000,000,000,000 bit/s"
            ),
        ),
        (
            MEMORY,
            "expected a memory size such as 96KB, accepted range is 0 to 1,099,511,627,776 B",
        ),
    ],
)
def test_one_beyond_the_end_of_the_range_is_refused(quantity, message):
    for value in (quantity.low - 1, quantity.high + 1):
        with pytest.raises(ValueError, match="accepted range") as refused:
            quantity.parse(value)
        assert str(refused.value) == message


def test_the_example_in_each_message_is_accepted():
    for quantity in (FREQUENCY, DURATION, BIT_RATE, MEMORY):
        assert quantity.low < quantity.parse(quantity.example) < quantity.high


@pytest.mark.parametrize(
    ("quantity", "value", "text"),
    [
        (DURATION, 0, "0s"),
        (DURATION, 999, "999ns"),
        (DURATION, 3_000_000, "3ms"),
        (DURATION, 1_500_000, "1,500us"),
        (FREQUENCY, 150_000_000, "150MHz"),
        (MEMORY, 98_304, "96KB"),
    ],
)
def test_a_quantity_is_written_in_the_largest_unit_that_leaves_it_whole(quantity, value, text):
    assert quantity.text(value) == text
    assert quantity.parse(text) == value


# Within


@pytest.mark.parametrize("flits", [1, 1_000])
def test_both_ends_of_a_range_are_accepted(flits):
    assert validate(Machine, {"flits": flits}, "m").flits == flits


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"flits": 0}, "flits = 0: accepted range is 1 to 1,000 flit"),
        ({"flits": 1_001}, "flits = 1001: accepted range is 1 to 1,000 flit"),
        ({"power": -0.5}, "power = -0.5: accepted range is 0 to 1,000 mW"),
        ({"power": 1_000.5}, "power = 1000.5: accepted range is 0 to 1,000 mW"),
        ({"power": float("nan")}, "power = nan: accepted range is 0 to 1,000 mW"),
        ({"seed": 8}, "seed = 8: accepted range is 0 to 7"),
        ({"flits": True}, f"flits = true: {FLITS}"),
        ({"power": False}, "power = false: expected a number, accepted range is 0 to 1,000 mW"),
        ({"flits": None}, f"flits = nothing: {FLITS}"),
        ({"flits": "four"}, f"flits = 'four': {FLITS}"),
        ({"flits": 1.5}, f"flits = 1.5: {FLITS}"),
        ({"flits": float("inf")}, f"flits = inf: {FLITS}"),
        ({"power": "a lot"}, "power = 'a lot': expected a number, accepted range is 0 to 1,000 mW"),
    ],
)
def test_what_is_out_of_range_or_no_number_is_refused(content, message):
    assert refusal(**content) == f"m: {message}"


# The JSON schema


def test_the_schema_gives_range_and_unit():
    fields = Machine.model_json_schema()["properties"]
    assert fields["flits"] == {
        "type": "integer",
        "title": "Flits",
        "default": 1,
        "minimum": 1,
        "maximum": 1_000,
        "unit": "flit",
    }
    assert fields["clock"] == {
        "type": ["integer", "string"],
        "title": "Clock",
        "default": 1_000,
        "minimum": 1_000,
        "maximum": 10**10,
        "unit": "Hz",
        "examples": ["150MHz"],
    }
