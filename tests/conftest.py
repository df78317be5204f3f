"""Runs that many tests look at and none changes, made once per process."""

import pytest

from spinn2sim import load_scenario, simulate


@pytest.fixture(scope="session")
def paper_trace():
    """The paper's network on 12 PEs, one embedded utterance."""
    return simulate(load_scenario(preset="paper-12pe"))


@pytest.fixture(scope="session")
def small_trace():
    """The paper's network on one PE, one embedded utterance."""
    return simulate(load_scenario(preset="paper-1pe"))
