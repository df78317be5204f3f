"""What a run says of its progress while it lasts."""

import numpy as np
import pytest

from spinn2sim import simulate
from tests.hw.machine import scenario_of, workload_of


def shares(n_timesteps):
    """The shares of the time steps that a run of two PEs tells."""
    programs = [[("wait_timer",), ("barrier",)] * n_timesteps] * 2
    scenario, seen = scenario_of(n_pe=2, programs=programs), []
    simulate(scenario, workload_of(n_timesteps), progress=seen.append, timing="simpy")
    return seen


def test_progress_is_told_now_and_then_up_to_the_end():
    found = shares(200)
    assert found == sorted(found)
    assert 0 <= found[0] < 0.2
    assert 0.8 < found[-1] <= 1
    assert max(np.diff(found)) < 0.3


def test_a_longer_run_tells_more_often():
    assert len(shares(400)) == pytest.approx(2 * len(shares(200)), abs=1)
