"""The use of DRAM, in words and figures."""

import pytest

from spinn2sim import load_scenario
from spinn2sim.report.dram import dram_use
from tests.report.traces import Story

CHIP = ("chip.dram.size_bytes=1MB", "chip.dram.rate=1Mbit/s", "chip.dram.latency=1us")


def test_of_a_run_without_dram_there_is_nothing_to_say():
    assert dram_use(Story(n_pe=1).step(0, 0, 300).trace()) is None


def test_blocks_of_the_time_steps_count_and_the_busiest_chip_binds():
    """A time step of 1 ms, in which a channel moves 125 B."""
    story = Story(*CHIP, n_pe=2).step(0, 0, 300).step(1, 0, 300)
    story.rows("dram", (0, 1, 0, 0, 9, 30), (1, 0, 0, 999, 9, 20), (1, 0, 0, -1, 9, 99))
    story.rows("dram", (1, 0, 0, 1_000, 9, 77))
    found = dram_use(story.trace())
    assert (found.n_blocks, found.n_bytes) == (2, 50)
    assert found.utilisation == pytest.approx(50 / 125)
    assert str(found) == "2 blocks, 50 B; channel taken 40.0% of the time"


def test_each_chip_has_its_channel():
    machine = load_scenario(preset="paper-12pe", machine="spinnaker2-board")
    per_chip = machine.board.pes_per_chip(machine.chip)
    story = Story(n_pe=1).step(0, 0, 300)
    story.rows("dram", (0, 1, 0, 0, 9, 30), (per_chip, 1, 0, 0, 9, 100), (1, 1, 0, 0, 9, 60))
    scenario = story.meta["scenario"]
    dumped = machine.model_dump(mode="json", exclude_none=True)
    scenario["board"] = dumped["board"]
    scenario["chip"] = {**dumped["chip"], "dram": {**dumped["chip"]["dram"], "rate": 1_000_000}}
    assert dram_use(story.trace()).utilisation == pytest.approx(100 / 125)
