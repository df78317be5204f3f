"""A small trace with rows in every kind of table."""

import numpy as np
import pytest

from spinn2sim.trace import Cause, Recorder

META = {
    "ticks_per_second": 3_900_000_000,
    "period": 39_000_000,
    "scenario": {"n_pe": 2, "chip": {"pe": {"clock": 65_000_000}}},
}


def record():
    """A recorder with a few rows; no refills and no DMA."""
    recorder = Recorder()
    recorder.rows["steps"] += [(0, 0, 0, 60, 600), (1, 0, 0, 120, 900)]
    recorder.rows["links"].append((0, 3, 2))
    recorder.rows["pes"].append((0, 4, 3, 1, 0, 2, 77, 512))
    recorder.work(0, 0, 60, (("z", 5, "step"), ("update", 7, "sample")))
    recorder.work(1, 0, 120, (("z", 5, "step"),))
    recorder.work(0, 1, 660, (("z", 5, "step"), ("update", 7, "sample")))
    recorder.wait(0, 0, Cause.SYNC, 600, 700)
    recorder.wait(0, 0, Cause.TIMER, 700, 700)
    recorder.send(0, 0, 610, [9, 4], spikes=True)
    recorder.send(1, 0, 910, [8], spikes=False)
    recorder.log(0, 0, "loss", 0.5)
    recorder.log(1, 0, "accuracy", 1)
    recorder.log(0, 1, "loss", 0.25)
    return recorder


def arrays():
    return {
        "0/w": np.arange(6, dtype=np.float32).reshape(2, 3),
        "0/count": np.array([7], np.int64),
        "10/w": np.zeros((0, 3), np.float32),
    }


@pytest.fixture
def trace():
    return record().freeze(META, arrays())


@pytest.fixture
def recorded():
    """Record the same trace anew."""
    return lambda: record().freeze(META, arrays())
