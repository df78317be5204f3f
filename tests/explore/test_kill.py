"""A sweep of the command line that is killed with SIGKILL, run again, and compared."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import psutil
import pytest

from spinn2sim.explore.folder import POINTS, PROVENANCE
from spinn2sim.explore.run import sweep
from tests.explore.sweeps import write

ROOT = Path(__file__).parents[2]

AXES = [{"grid": {"parameters.n_rec": {"low": 10, "high": 49}, "chip.pe.clock": ["65MHz", "1GHz"]}}]


def start(path, tmp_path, name, workers):
    code = (
        "import spinn2sim.cli as cli, spinn2sim.explore.run as run; run.FLUSH_S = 0.1; cli.main()"
    )
    arguments = ["sweep", path, "--out", tmp_path / name, "--store", tmp_path / f"{name}-points"]
    return subprocess.Popen(  # noqa: S603 - our own command line
        [sys.executable, "-c", code, *map(str, arguments), "--workers", str(workers), "--json"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    out, error = process.communicate(timeout=300)
    assert process.returncode == 0, error
    return json.loads(out)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_a_killed_sweep_ends_in_the_table_of_one_that_was_not(tmp_path, workers):
    path = write(tmp_path / "sweep.yaml", axes=AXES)
    whole = sweep(path, workers=1, out=tmp_path / "whole", store=tmp_path / "whole-points")

    killed = start(path, tmp_path, "killed", workers)
    points = tmp_path / "killed-points"
    while not (points.is_dir() and len(list(points.glob("*.parquet"))) >= 2):
        assert killed.poll() is None, killed.stderr.read()
        time.sleep(0.01)
    time.sleep(random.uniform(0, 0.3))  # noqa: S311 - any moment
    children = psutil.Process(killed.pid).children(recursive=True)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert not (tmp_path / "killed" / POINTS).exists()

    again = finish(start(path, tmp_path, "killed", workers))
    assert 0 < again["n_computed"] < 80, "what was kept is not computed again"
    table = pl.read_parquet(tmp_path / "killed" / POINTS)
    assert table.equals(whole)
    assert table["point"].n_unique() == len(table) == 80

    sweep(path, workers=1, out=tmp_path / "killed", store=points)
    about = json.loads((tmp_path / "killed" / PROVENANCE).read_text())
    assert (about["finished"], about["n_computed"]) == (True, 0)
    _, alive = psutil.wait_procs(children, timeout=30)
    assert alive == [], "workers end with the process that started them"
