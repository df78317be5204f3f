"""A real process that is killed or interrupted in the middle, and goes on."""

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from spinn2sim.errors import CheckpointError, MissingFileError
from spinn2sim.training.checkpoint import LAST, load_checkpoint
from tests.training.samples import last_state, same_state, without_speed

NETWORK = Path(__file__).with_name("network.yaml")
ROOT = Path(__file__).parents[2]


def command(*arguments):
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "tests.training.command", "train", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def begun(folder, *options):
    fixed = ("--epochs", 3, "--checkpoint-every", 5, "--data", "synthetic", "--out", folder)
    return command(NETWORK, *fixed, *options)


def finished(process):
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "run"
    finished(begun(folder))
    return folder / "seed-1"


def wait_for(process, seed, epoch, n):
    """Until *process* has saved *seed* at sample *n* of *epoch*, or later."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()[1]
        try:
            checkpoint = load_checkpoint(seed / LAST)
        except (MissingFileError, CheckpointError):
            time.sleep(0.01)
            continue
        if (checkpoint.epoch, checkpoint.tally.n) >= (epoch, n):
            return
        time.sleep(0.002)
    raise TimeoutError


SLOW = pytest.mark.slow


@pytest.mark.parametrize("at", [(2, 20), pytest.param((1, 15), marks=SLOW)])
def test_killed_in_the_middle_and_resumed_it_ends_with_the_same_weights(tmp_path, whole, at):
    process = begun(tmp_path / "run")
    wait_for(process, tmp_path / "run" / "seed-1", *at)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert load_checkpoint(tmp_path / "run" / "seed-1" / LAST).epoch < 4
    finished(command("--resume", tmp_path / "run"))
    assert same_state(last_state(tmp_path / "run" / "seed-1"), last_state(whole))
    histories = [load_checkpoint(f / LAST).history for f in (tmp_path / "run" / "seed-1", whole)]
    assert without_speed(histories[0]) == without_speed(histories[1])
    rows = list(csv.DictReader((tmp_path / "run" / "metrics.csv").read_text().splitlines()))
    assert [(row["seed"], row["epoch"]) for row in rows] == [("1", "1"), ("1", "2"), ("1", "3")]


@pytest.mark.parametrize("seeds", [1, pytest.param(2, marks=SLOW)])
def test_ctrl_c_ends_it_in_one_line_that_says_how_to_go_on(tmp_path, whole, seeds):
    process = begun(tmp_path / "run", "--seeds", seeds, "--workers", seeds)
    wait_for(process, tmp_path / "run" / "seed-1", 2, 5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    assert err.splitlines() == [
        f"to go on: spinn2sim train --resume {tmp_path / 'run'}",
        "interrupted",
    ]
    if seeds == 2:
        finished(command("--resume", tmp_path / "run"))
        assert same_state(last_state(tmp_path / "run" / "seed-1"), last_state(whole))
