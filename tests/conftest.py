"""Runs that many tests look at and none changes, made once per process."""

import pytest

from spinn2sim import load_scenario, simulate
from spinn2sim.elaboration import scenario_workload


@pytest.fixture(scope="session")
def utterance():
    """One embedded utterance as the paper's network gets it."""
    return scenario_workload(load_scenario(preset="paper-12pe"))


@pytest.fixture(scope="session")
def paper_trace(utterance):
    """The paper's network on 12 PEs."""
    return simulate(load_scenario(preset="paper-12pe"), utterance)


@pytest.fixture(scope="session")
def small_trace(utterance):
    """The paper's network on one PE."""
    return simulate(load_scenario(preset="paper-1pe"), utterance)


@pytest.fixture(autouse=True)
def _capable_terminal(monkeypatch):
    """Tests that pretend to be a terminal mean one with colours, whatever the caller's is."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
