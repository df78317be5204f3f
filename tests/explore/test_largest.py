"""Limits: the largest network, found with few runs, the same as by many, and confirmed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinn2sim.explore.largest import largest, limits
from spinn2sim.explore.variant import Variant
from spinn2sim.feasibility import MAX_N_REC, largest_network
from tests.explore.sweeps import scenario


@given(
    limit=st.integers(0, MAX_N_REC + 10),
    guess=st.floats(1, 2 * MAX_N_REC),
    n_pe=st.integers(1, 152),
)
def test_it_finds_the_limit_from_any_guess(limit, guess, n_pe):
    tried = []

    def excess(n):
        tried.append(n)
        return n - limit

    found = largest(excess, guess, n_pe)
    if limit < n_pe:
        assert found is None
    else:
        assert found == min(limit, MAX_N_REC)
        assert found == MAX_N_REC or {found, found + 1} <= set(tried)
    assert len(tried) == len(set(tried)) < 60


@given(limit=st.integers(12, 2000), error=st.floats(0.9, 1.1))
def test_a_good_guess_takes_few_runs(limit, error):
    tried = []

    def excess(n):  # what the busiest of 12 PEs takes: steps of a neuron, each of 1,000 cycles
        tried.append(n)
        return 1000 * (-(-n // 12) + -limit // 12) + n - limit

    assert largest(excess, limit * error, 12) == limit
    assert len(tried) < 30


def test_a_guess_that_is_right_takes_two_runs():
    tried = []
    assert largest(lambda n: tried.append(n) or n - 24, 24.7, 12) == 24
    assert tried == [24, 25]


@pytest.mark.parametrize(
    "overrides",
    [("chip.pe.clock=65MHz",), ("chip.pe.clock=300MHz",), ("n_pe=3", "parameters.n_rec=30")],
)
def test_it_agrees_with_check(overrides):
    wanted = scenario(*overrides)
    found, expected = limits(wanted, Variant()), largest_network(wanted)
    assert found["n_rec_time"] == expected.time
    assert found["n_rec_time_without_update"] == expected.time_without_update
    assert found["n_rec_memory"] == expected.memory
    assert found["n_rec_limit"] == expected.both
    assert found["n_rec_confirmed"] is True


def test_where_not_even_a_neuron_fits_there_is_no_limit():
    found = limits(scenario("chip.pe.clock=100kHz"), Variant())
    assert (found["n_rec_limit"], found["limited_by"]) == (None, "time")
    assert found["n_rec_confirmed"] is None


def test_a_slow_host_tells_only_in_whole_samples():
    """Two steps see nothing of a host that falls behind; the confirmation does."""
    found = limits(scenario("host.write_rate=200kbit/s", "chip.pe.clock=300MHz"), Variant())
    assert found["n_rec_limit"] is None


@pytest.mark.parametrize(
    ("mhz", "by_hand", "without_update"), [(65, 50, 53), (150, 88, 96), (300, 137, 149)]
)
def test_a_single_core_is_near_the_paper_s_own_arithmetic_and_never_at_76(
    mhz, by_hand, without_update
):
    """t.single: 100 cycles per synapse give 50, 88 and 137; alone, a core pays no spikes or sync,
    and its synapse costs 84 cycles with 816 for each neuron."""
    budget = mhz * 10_000
    assert max(n for n in range(1, 200) if 100 * n * (n + 80) <= budget) == by_hand
    found = limits(scenario(f"chip.pe.clock={mhz}MHz"), Variant())
    assert found["n_rec_time_without_update"] == without_update
    assert found["n_rec_memory"] == 24
    assert 76 not in found.values()
