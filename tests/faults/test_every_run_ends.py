"""Faults alone and in pairs: every run ends in a report or a named error, every packet is known of.

``experiments/faults.py`` does the same a thousand times.
"""

import json
import signal
from dataclasses import replace
from itertools import combinations_with_replacement
from unittest.mock import patch

import pytest

from spinn2sim import simulate
from spinn2sim.errors import DeadlockError, FirmwareError
from spinn2sim.hw.chip import Chip
from spinn2sim.hw.noc import NocStats
from spinn2sim.report import summarise
from tests.faults.network import FAULTS, merged, scenario, workload

#: A run takes about 0.1 s.
PATIENCE_S = 60
PAIRS = list(combinations_with_replacement(FAULTS, 2))


@pytest.fixture(autouse=True)
def _patience():
    def hangs(*_):
        pytest.fail(f"the run has not ended in {PATIENCE_S} s")

    before = signal.signal(signal.SIGALRM, hangs)
    signal.alarm(PATIENCE_S)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def ends(faults, seed):
    """Whether the run ends in a report (else in a named error); the NoC's counts at its end."""
    noted = []
    with patch.object(Chip, "_assert_conserved", side_effect=noted.append):
        try:
            trace = simulate(scenario(**faults, seed=seed), workload())
        except (DeadlockError, FirmwareError):
            return False, noted
    json.dumps(summarise(trace).as_dict(), allow_nan=False)
    return True, noted


def all_end(pair, seeds):
    for seed in seeds:
        _, (stats,) = ends(merged(*pair), seed)
        assert stats.is_conserved


@pytest.mark.parametrize("pair", PAIRS, ids=" + ".join)
def test_a_run_with_one_or_two_faults_ends(pair):
    all_end(pair, range(1))


@pytest.mark.slow
@pytest.mark.parametrize("pair", PAIRS, ids=" + ".join)
def test_1_000_runs_end(pair):
    all_end(pair, range(1, 1 + -(-1_000 // len(PAIRS))))


def test_some_runs_survive_and_some_do_not():
    found = [ends(FAULTS["packet loss"], seed)[0] for seed in range(8)]
    assert {True, False} == set(found)


# The law is checked by the simulator itself


@pytest.mark.parametrize("faults", [{}, FAULTS["dead PE"]], ids=["report", "error"])
def test_a_packet_that_is_not_accounted_for_is_caught_however_the_run_ends(faults):
    with (
        patch.object(NocStats, "is_conserved", property(lambda _: False)),
        pytest.raises(AssertionError, match="packets x targets = delivered"),
    ):
        simulate(scenario(**faults), workload())


@pytest.mark.parametrize(
    "part", ["n_expected", "n_delivered", "n_lost", "n_timed_out", "n_dropped", "n_in_flight"]
)
def test_the_law_notices_one_packet_more_in_any_part(part):
    _, (stats,) = ends(merged("packet loss", "bit error"), 3)
    assert stats.is_conserved
    count = getattr(stats, part)
    more = count + 1 if isinstance(count, int) else (count[0] + 1, *count[1:])
    assert not replace(stats, **{part: more}).is_conserved
