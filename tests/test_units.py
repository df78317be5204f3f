"""Time is exact: what a clock counts and what a timebase ticks always agree."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinn2sim.errors import TimebaseError
from spinn2sim.units import MAX_TICK_RATE, Clock, Timebase

HOUR_S = 3_600

clocks = st.builds(Clock, st.just(1), st.integers(1, 10**6))
ticks = st.integers(0, 10**18)
megahertz = st.lists(st.integers(1, 400).map(lambda n: n * 10**6), min_size=1, max_size=3)


# Clock


@given(clocks, ticks)
def test_cycles_become_ticks_and_come_back(clock, cycles):
    assert clock.cycles(clock.ticks(cycles)) == cycles


@given(clocks, ticks)
def test_only_whole_cycles_have_elapsed(clock, now):
    assert clock.ticks(clock.cycles(now)) <= now < clock.ticks(clock.cycles(now) + 1)


@given(clocks, ticks)
def test_the_edge_is_the_first_one_at_or_after(clock, now):
    edge = clock.edge(now)
    assert edge % clock.ticks_per_cycle == 0
    assert now <= edge < now + clock.ticks_per_cycle


# Timebase


def test_65_and_300_mhz_make_ticks_of_3_9_ghz():
    timebase = Timebase.for_clocks(65_000_000, 300_000_000)
    assert timebase == Timebase(3_900_000_000)
    assert timebase.clock(65_000_000) == Clock(65_000_000, 60)
    assert timebase.clock(300_000_000) == Clock(300_000_000, 13)


def test_ten_milliseconds_are_exact():
    timebase = Timebase.for_clocks(65_000_000, 300_000_000)
    assert timebase.ticks(Fraction(1, 100)) == 39_000_000
    assert timebase.clock(65_000_000).cycles(39_000_000) == 650_000
    assert timebase.seconds(39_000_000) == 0.01


@given(megahertz)
def test_every_clock_has_whole_ticks_and_no_slower_rate_would_do(rates):
    timebase = Timebase.for_clocks(*rates)
    assert all(rate * timebase.clock(rate).ticks_per_cycle == timebase.hz for rate in rates)
    periods = [timebase.clock(rate).ticks_per_cycle for rate in rates]
    assert math.gcd(*periods) == 1


@given(st.fractions(0, 10**6), megahertz)
def test_seconds_become_the_first_tick_at_or_after(seconds, rates):
    timebase = Timebase.for_clocks(*rates)
    found = timebase.ticks(seconds)
    assert Fraction(found - 1, timebase.hz) < seconds <= Fraction(found, timebase.hz)


def test_a_clock_that_the_timebase_was_not_made_for_is_a_programming_error():
    with pytest.raises(AssertionError, match="a 7 Hz clock has no whole number of 10 Hz ticks"):
        Timebase(10).clock(7)


# The limit


def test_an_hour_at_the_limit_fits_a_column_of_64_bits():
    assert HOUR_S * MAX_TICK_RATE < 2**63


def test_a_rate_at_the_limit_is_accepted():
    assert Timebase.for_clocks(MAX_TICK_RATE).hz == MAX_TICK_RATE


def test_a_rate_beyond_the_limit_is_refused_and_every_clock_is_named_once():
    with pytest.raises(TimebaseError) as refused:
        Timebase.for_clocks(300_000_007, 65_000_001, 1_000_000, 65_000_001)
    assert str(refused.value) == (
        "clocks 1000000 Hz, 65000001 Hz, 300000007 Hz have a least common multiple of 1.95e+22 Hz, "
        "above the limit of 1e+15 Hz for exact time; use rates in whole kHz or MHz"
    )


def test_the_first_rate_beyond_the_limit_is_refused():
    with pytest.raises(TimebaseError):
        Timebase.for_clocks(MAX_TICK_RATE + 1)
