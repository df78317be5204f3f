"""Real workers: processes that compute, die, are killed, and listen to nobody outside."""

import json
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import psutil
import pytest
from dask import config

from spinn2sim.errors import WorkersError
from spinn2sim.explore.cluster import Workers, Workforce, local_cluster
from spinn2sim.explore.pool import DaskPool
from spinn2sim.explore.run import run_plan, run_points
from spinn2sim.explore.store import Store
from tests.explore.sweeps import answer, plan

ROOT = Path(__file__).parents[2]

N_REC = {"parameters.n_rec": {"low": 2, "high": 61}}


def doubled(points, _version):
    """In place of ``work``: quick answers, and the death of a worker at a point of 13 neurons."""
    if any(point.scenario.parameters["n_rec"] == 13 for point in points):
        psutil.Process().kill()
    return [
        answer(point.key, wall_s=0.001, n=2 * point.scenario.parameters["n_rec"])
        for point in points
    ]


@pytest.fixture(scope="module")
def client():
    # A second death of a worker is no accident: the fewer a test waits for the better.
    with config.set({"distributed.scheduler.allowed-failures": 0}), local_cluster(2) as client:
        yield client


@pytest.mark.usefixtures("client")
def test_the_local_cluster_listens_on_loopback_only():
    processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
    listening = [
        connection.laddr.ip
        for process in processes
        for connection in process.net_connections()
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(listening) >= 3, "a scheduler and two workers"
    assert set(listening) == {"127.0.0.1"}


def test_two_workers_give_the_answers_of_this_process(client, tmp_path):
    points = list(plan().points().values())
    here = {}
    with Workforce(Workers(1)) as alone:
        here = run_points(points, alone.pool(), Store(tmp_path / "a"), lambda *_: None)
    there = run_points(points, DaskPool(client), Store(tmp_path / "b"), lambda *_: None)
    assert {key: found.outputs for key, found in there.items()} == {
        key: found.outputs for key, found in here.items()
    }


def test_digests_do_not_depend_on_the_number_of_workers(client, tmp_path):
    """Of whole runs with faults and performance levels; a digest is over all that happened."""
    faults = {"dma": {"probability": 0.05}, "host": {"probability": 0.5, "delay": [0, 10**6]}}
    clocks = {"chip.pe.clock": "300MHz", "chip.pe.dvfs": "race_to_idle"}
    whole = plan(
        base={"preset": "paper-12pe", "machine": "spinnaker2", "set": {"faults": faults, **clocks}},
        axes=[{"grid": {"n_pe": [2, 3], "parameters.n_rec": [8], "faults.seed": [1, 2]}}],
        fidelities=["simulate"],
    )
    points = list(whole.points().values())
    digests = []
    with Workforce(Workers(1)) as alone:
        for place, pool in (("one", alone.pool()), ("two", DaskPool(client))):
            found = run_points(points, pool, Store(tmp_path / place), lambda *_: None)
            digests.append({key: each.outputs["digest"] for key, each in found.items()})
    assert digests[0] == digests[1]
    assert len(set(digests[0].values())) == 4


@pytest.mark.slow
def test_a_point_that_kills_its_workers_fails_and_the_others_of_its_chunk_do_not(
    client, tmp_path, monkeypatch
):
    monkeypatch.setattr("spinn2sim.explore.pool.work", doubled)
    found = run_points(
        list(plan(axes=[{"grid": N_REC}]).points().values()),
        DaskPool(client),
        Store(tmp_path),
        lambda *_: None,
    )
    failed = [each for each in found.values() if each.status == "failed"]
    assert len(found) == 60
    assert [each.error for each in failed] == ["its workers died, perhaps of too little memory"]
    assert not failed[0].lasting
    done = sorted(each.outputs["n"] for each in found.values() if each.status == "done")
    assert done == [2 * n for n in range(2, 62) if n != 13]


def test_workers_with_other_code_are_refused(client, monkeypatch):
    monkeypatch.setattr("spinn2sim.explore.pool.code_version", lambda _: "another")
    with pytest.raises(WorkersError, match=r"the sweep was begun with another; install the same"):
        list(DaskPool(client).answers(list(plan().points().values())))


def test_a_scheduler_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setattr("spinn2sim.explore.cluster.CONNECT_S", 1)
    workforce = Workforce(Workers(scheduler="tcp://127.0.0.1:9"))
    with pytest.raises(WorkersError, match="start one with `dask scheduler`"):
        workforce.pool()


def dask(*arguments):
    command = [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]]
    return subprocess.Popen(  # noqa: S603 - our own command line
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


@pytest.fixture
def scheduler(tmp_path):
    """A scheduler and two workers, each a process of its own; their address and the workers."""
    file = tmp_path / "scheduler.json"
    local = ("--host", "127.0.0.1")
    processes = [
        dask(
            "dask_scheduler", *local, "--port", "0", "--no-dashboard", "--scheduler-file", str(file)
        )
    ]
    wait_until(file.exists)
    address = json.loads(file.read_text())["address"]
    processes += [
        dask("dask_worker", address, *local, "--nthreads", "1", "--no-nanny", "--no-dashboard")
        for _ in range(2)
    ]
    yield address, processes[1:]
    for process in processes:
        process.kill()
        process.wait()


def wait_until(holds, seconds=60):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.slow
def test_a_worker_that_is_killed_midway_costs_no_point(scheduler, tmp_path):
    """A real scheduler and two workers as separate processes; one of them dies of SIGKILL."""
    address, workers = scheduler
    told, killed = count(), []

    def kill_one(at):
        next(told)
        if at.n_done >= 10 and not killed:
            workers[0].send_signal(signal.SIGKILL)
            workers[0].wait()
            killed.append(at.n_done)

    whole = plan(axes=[{"grid": N_REC}])
    table = run_plan(
        whole, tmp_path / "out", Store(tmp_path / "points"), Workers(scheduler=address), kill_one
    )
    assert killed
    assert killed[0] < 60, "the sweep was over before"
    assert table["status"].to_list() == ["done"] * 60
    assert table["parameters.n_rec"].to_list() == list(range(2, 62))
    assert table["point"].n_unique() == 60
    assert workers[1].poll() is None
