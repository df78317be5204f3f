"""Attempts of a DMA transfer, with a network that only notes them."""

import numpy as np
import pytest

from spinn2sim import load_scenario
from spinn2sim.hw.faults.dma import FaultyDma
from spinn2sim.spec import FaultsSpec
from spinn2sim.trace import Fault, Recorder
from spinn2sim.units import Clock, Hz


class Network:
    """When each transfer was sent, and how many beats it had."""

    def __init__(self):
        self.sent = []

    def send(self, _source, _targets, _kind, at, tags, **_):
        self.sent.append((at, len(tags)))


def dma(max_retries, draws):
    """A DMA whose attempts fail with the probability 0.5, as *draws* say."""
    recorder, network = Recorder(), Network()
    spec = load_scenario(preset="paper-12pe").chip.dma
    found = FaultyDma(
        pe=3,
        spec=spec,
        clock=Clock(Hz(1_000_000), 2),
        noc=network,
        faults=FaultsSpec(dma={"probability": 0.5, "max_retries": max_retries}).dma,
        draws=type("Draws", (), {"random": staticmethod(iter(draws).__next__)}),
        recorder=recorder,
    )
    return found, network, recorder.rows["faults"]


#: Of 64 bytes: 4 beats, each 2 cycles of 2 ticks.
N_BEATS, TOOK = 4, 16


@pytest.mark.parametrize("n_failed", [0, 1, 2, 3])
def test_each_attempt_that_fails_is_a_transfer_before_the_one_that_succeeds(n_failed):
    found, network, faults = dma(3, [0.1] * n_failed + [0.5])
    found.start(1, "x", None, 64, 100)
    assert network.sent == [(100 + TOOK * k, N_BEATS) for k in range(n_failed + 1)]
    out = 100 + TOOK * (n_failed + 1)
    assert faults == ([(Fault.DMA_RETRY, 3, out, n_failed)] if n_failed else [])
    assert found.n_beats_sent == N_BEATS * (n_failed + 1)
    assert (found.missing, found.open[0].started) == ("beats to arrive", out - TOOK)


@pytest.mark.parametrize(
    ("max_retries", "attempts"), [(0, "1 attempt"), (1, "2 attempts"), (2, "3 attempts")]
)
def test_after_its_last_attempt_a_transfer_waits_for_a_beat_that_never_comes(max_retries, attempts):
    found, network, faults = dma(max_retries, [0.0] * (max_retries + 1))
    found.start(1, "x", None, 64, 0)
    assert network.sent == [(TOOK * k, N_BEATS) for k in range(max_retries + 1)]
    out = TOOK * (max_retries + 1)
    retries = [(Fault.DMA_RETRY, 3, out, max_retries)] if max_retries else []
    assert faults == [*retries, (Fault.DMA_FAILURE, 3, out, 1)]
    assert found.n_beats_sent == N_BEATS * (max_retries + 1) + 1
    assert found.missing == f"a DMA of 64 B to PE 1, given up after {attempts}"


def test_attempts_fail_as_often_as_the_probability_says():
    found, _, faults = dma(1_000, np.random.default_rng(1).random(10_000))
    for _ in range(1_000):
        found.start(1, "x", None, 64, 0)
    # As many failures as successes, within four standard deviations of the sum.
    assert sum(amount for *_, amount in faults) == pytest.approx(1_000, abs=4 * 2_000**0.5)
