"""Start-up and simulation are told apart by when simulated time starts."""

import json
import time
from pathlib import Path

import pytest

from spinn2sim.command_line import StopWatch


def test_start_up_ends_with_the_first_progress(monkeypatch):
    clock, used = iter([10.0, 13.0, 15.0]), iter([1.0, 2.5, 3.0])
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    monkeypatch.setattr(time, "process_time", lambda: next(used))
    shares = []
    with StopWatch(shares.append) as watch:
        watch(0.0)
        watch(0.5)
    assert shares == [0.0, 0.5]
    assert (watch.start_up_s, watch.wall_s) == (3.0, 2.0)
    assert watch.cpu_s == 0.5


def test_a_simulation_that_tells_no_progress_is_all_simulation(monkeypatch):
    clock = iter([10.0, 15.0])
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    with StopWatch(lambda _: None) as watch:
        pass
    assert (watch.start_up_s, watch.wall_s) == (0.0, 5.0)


@pytest.mark.parametrize("timing", ["simpy", "compiled"])
def test_time_starts_when_all_pes_have_their_arrays(cli, monkeypatch, timing):
    import spinn2sim.elaboration
    import spinn2sim.recording
    import spinn2sim.sim

    elaborate = spinn2sim.elaboration.elaborate

    def slow(*arguments):
        time.sleep(0.3)
        return elaborate(*arguments)

    for module in (spinn2sim.sim, spinn2sim.recording):
        monkeypatch.setattr(module, "elaborate", slow)
    options = ("--set", "n_pe=2", "--timing", timing, "--out", "run")
    assert cli("run", "--preset", "paper-12pe", "--set", "parameters.n_rec=20", *options)[0] == 0
    provenance = json.loads(Path("run/provenance.json").read_text())
    assert provenance["start_up_s"] > 0.3
    assert 0 < provenance["wall_s"] < provenance["start_up_s"]
    assert provenance["cpu_s"] > 0
