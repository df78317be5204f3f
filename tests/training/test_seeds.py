"""Several seeds in processes: the same as one by one, and what becomes of their errors."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from spinn2sim.errors import ProcessLostError, SpecError
from spinn2sim.training.checkpoint import LAST, load_checkpoint
from spinn2sim.training.job import Report
from spinn2sim.training.seeds import divided, train_all, train_each
from tests.training.samples import SILENT, job_of, last_state, same_state, without_speed
from tests.training.scripted import DiesForSeed2, FailsForSeed2, Scripted, ScriptedParameters

SEEDS = (1, 2, 3)
ALONE = {"n_workers": 1, "report": SILENT}


def jobs_in(folder, seeds=SEEDS, **given):
    return [job_of(folder / f"seed-{seed}", seed=seed, **given) for seed in seeds]


def test_seeds_in_parallel_equal_seeds_one_by_one(tmp_path):
    noted = {1: [], 2: []}
    outcomes = {}
    for n_workers, histories in noted.items():
        report = Report(progress=lambda _: None, history=histories.append)
        jobs = jobs_in(tmp_path / str(n_workers), seeds=(1, 2))
        outcomes[n_workers] = train_all(jobs, n_workers=n_workers, report=report)
    assert [outcome.seed for outcome in outcomes[2]] == [1, 2]
    assert [o.confusion for o in outcomes[1]] == [o.confusion for o in outcomes[2]]
    for seed in (1, 2):
        one, other = (last_state(tmp_path / n / f"seed-{seed}") for n in ("1", "2"))
        assert same_state(one, other)
    histories = [sorted(map(tuple, map(without_speed, found))) for found in noted.values()]
    assert histories[0] == histories[1]


def test_seeds_differ(tmp_path):
    train_all(jobs_in(tmp_path, n_epochs=1), n_workers=1, report=SILENT)
    states = [last_state(tmp_path / f"seed-{seed}") for seed in SEEDS]
    assert not same_state(states[0], states[1])


@pytest.mark.parametrize("n_workers", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_a_seed_that_fails_does_not_stop_the_others(tmp_path, n_workers):
    jobs = jobs_in(tmp_path, firmware_class=FailsForSeed2, n_epochs=1)
    outcomes, failed = divided(jobs, train_each(jobs, n_workers=n_workers, report=SILENT))
    assert [outcome.seed for outcome in outcomes] == [1, 3]
    assert {seed: str(error) for seed, error in failed.items()} == {2: "seed 2: is not liked"}
    assert load_checkpoint(tmp_path / "seed-1" / LAST).epoch == 2
    assert load_checkpoint(tmp_path / "seed-3" / LAST).epoch == 2


def test_who_wants_all_outcomes_or_none_gets_the_first_error_when_the_others_are_done(tmp_path):
    with pytest.raises(SpecError) as error:
        train_all(jobs_in(tmp_path, firmware_class=FailsForSeed2, n_epochs=1), **ALONE)
    assert str(error.value) == "seed 2: is not liked"
    assert load_checkpoint(tmp_path / "seed-3" / LAST).epoch == 2


@pytest.mark.slow
def test_a_process_that_is_killed_is_missed(tmp_path):
    jobs = jobs_in(tmp_path, firmware_class=DiesForSeed2, n_epochs=1)
    _, error, _ = train_each(jobs, n_workers=2, report=SILENT)
    assert isinstance(error, ProcessLostError)
    assert str(error) == (
        "seed 2: its process ended with exit code -9 (-9 is often too little memory); go on with "
        "--resume and fewer --workers"
    )
    assert load_checkpoint(tmp_path / "seed-3" / LAST).epoch == 2


@pytest.mark.slow
def test_an_error_of_the_caller_ends_the_processes(tmp_path):
    def stop(_):
        raise KeyboardInterrupt

    told = ScriptedParameters(right=(1,) * 10**4)
    jobs = jobs_in(tmp_path, firmware_class=Scripted, parameters=told, n_epochs=10**4)
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        train_all(jobs, n_workers=3, report=Report(progress=stop, history=lambda _: None))
    assert time.monotonic() - began < 30


PARENT = """
import sys
from pathlib import Path
from spinn2sim.training.seeds import train_all
from tests.training.samples import SILENT
from tests.training.scripted import SlowEprop
from tests.training.test_seeds import jobs_in

if __name__ == "__main__":
    jobs = jobs_in(Path(sys.argv[1]), firmware_class=SlowEprop, n_epochs=10**6)
    train_all(jobs, n_workers=3, report=SILENT)
"""


@pytest.mark.slow
def test_processes_end_when_their_parent_is_killed(tmp_path):
    command = [sys.executable, "-c", PARENT, str(tmp_path)]
    path = {"PYTHONPATH": str(Path(__file__).parents[2])}
    parent = subprocess.Popen(command, env=os.environ | path)  # noqa: S603 - our own program
    lasts = [tmp_path / f"seed-{seed}" / LAST for seed in SEEDS]
    while not all(last.exists() for last in lasts):
        assert parent.poll() is None
        time.sleep(0.05)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    time.sleep(2)
    before = [last.stat().st_mtime_ns for last in lasts]
    time.sleep(1)
    assert [last.stat().st_mtime_ns for last in lasts] == before
