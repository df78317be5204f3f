"""Beats of DMA between chips: bytes in whole beats, times the links that they cross."""

import pytest

from spinn2sim import load_scenario, simulate
from spinn2sim.hw.noc.between_chips import beats_between_chips
from spinn2sim.report import energy
from tests.hw.machine import scenario_of, workload_of
from tests.minibatch.machine import BOARD

NINE = load_scenario(preset="paper-12pe", machine="spinnaker2-board")
PER_CHIP = 144


@pytest.mark.parametrize(
    ("target", "n_links"),
    [
        (1, 0),  # On its own chip.
        (PER_CHIP, 1),  # East.
        (3 * PER_CHIP, 1),  # North.
        (4 * PER_CHIP, 1),  # Both at once, by the diagonal.
        (5 * PER_CHIP, 2),  # The diagonal, then east.
        (8 * PER_CHIP + 47, 1),  # Back by the diagonal, around the torus.
    ],
)
def test_beats_count_once_for_each_link_between_chips(target, n_links):
    for n_bytes, n_beats in ((0, 0), (1, 1), (16, 1), (17, 2), (1_600, 100)):
        found = beats_between_chips(NINE.chip, NINE.board, [(0, target, n_bytes)])
        assert found == n_links * n_beats
    assert beats_between_chips(NINE.chip, None, [(0, target, 1_600)]) == 0


def test_transfers_add_up():
    transfers = [(0, PER_CHIP, 16), (5, 2 * PER_CHIP, 160), (PER_CHIP, 0, 32), (3, 4, 64)]
    assert beats_between_chips(NINE.chip, NINE.board, transfers) == 1 + 10 + 2


@pytest.mark.parametrize("timing", ["simpy", "compiled"])
def test_both_machines_count_the_bits_of_beats_and_of_other_packets(timing):
    """PE 0 writes 100 B to the next chip and 60 B on its own; a flag of each PE crosses once."""
    programs = [[] for _ in range(20)]
    write = [("dma_write", 16, "x", 100, 100), ("dma_write", 1, "x", 100, 60), ("wait_dma",)]
    programs[0] = [*write, ("barrier",)]
    programs[1:] = [[("barrier",)]] * 19
    wanted = scenario_of(*BOARD, "power.link_bit_pj=2", n_pe=20, programs=programs)
    trace = simulate(wanted, workload_of(), timing=timing)
    assert trace.timed_by == timing
    assert trace.tables["chip_beats"]["n_beats"].tolist() == [7]
    # A flag is a packet for each QPE: of 16 PEs for the one over there, of 4 for the four here.
    assert energy(trace).n_link_bits == 7 * 192 + (16 * 1 + 4 * 4) * 96
