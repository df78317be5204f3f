"""Energy against numbers computed by hand from facts/hardware.md and facts/paper.md."""

import pytest

from spinn2sim import load_scenario
from spinn2sim.report import energy
from spinn2sim.report.actions import reference_tables
from spinn2sim.report.power import power_report
from spinn2sim.trace import Mishap
from tests.report.traces import Story


def busy_chip(n_pe=12, mhz=150, n_steps=1):
    """All PEs work all the time."""
    cycles = mhz * 1_000
    story = Story(n_pe=n_pe, clock=mhz * 1_000_000)
    for pe in range(n_pe):
        for timestep in range(n_steps):
            story.step(pe, timestep, cycles, ("a", cycles))
    return story.trace()


def test_12_pes_busy_all_the_time_at_150_mhz_draw_103_milliwatts():
    """75.2 + 12 x 1.054 + 12 x 150e6 x 8.30e-9 = 75.2 + 12.648 + 14.94 = 102.788 mW."""
    found = energy(busy_chip(n_steps=3))
    assert found.duration_s == pytest.approx(0.003)
    assert found.chip_j / found.duration_s == pytest.approx(0.102788, rel=1e-9)


def test_the_same_for_the_586_hours_of_the_paper_is_217_kilojoules():
    found = energy(busy_chip())
    assert found.chip_j / found.duration_s * (586 * 3600 + 27 * 60) == pytest.approx(
        217e3, rel=0.01
    )


def test_the_papers_model_gives_its_25_9_milliwatts_whether_busy_or_not():
    """21.59 uW/MHz x 100 MHz x 12 = 25.908 mW."""
    story = Story(n_pe=12, clock=100_000_000)
    for pe in range(12):
        story.step(pe, 0, 0)
    found = energy(story.trace())
    assert found.by_model()["paper"] / found.duration_s == pytest.approx(0.025908, rel=1e-9)


def test_a_pe_that_sleeps_costs_no_cycles():
    story = Story(n_pe=2, clock=150_000_000).step(0, 0, 0).step(1, 0, 1_000, ("a", 1_000))
    found = energy(story.trace())
    assert found.n_cycles == 1_000
    assert found.cycles_j == pytest.approx(1_000 * 8.30e-12)
    assert found.sleep_j == pytest.approx(2 * 1.054e-3 * 1e-3)
    assert found.baseline_j == pytest.approx(75.2e-3 * 1e-3)


@pytest.mark.parametrize(
    ("mhz", "level", "cycle_pj"),
    [
        (65, "0.5 V", 8.30),
        (150, "0.5 V", 8.30),
        (151, "0.8 V", 14.98),
        (300, "0.8 V", 14.98),
        (301, "0.8 V, beyond its highest clock: extrapolated", 14.98),
    ],
)
def test_the_lowest_level_that_allows_the_clock_is_used(mhz, level, cycle_pj):
    found = energy(busy_chip(n_pe=1, mhz=mhz))
    assert found.level == level
    assert found.cycles_j == pytest.approx(mhz * 1_000 * cycle_pj * 1e-12)


def test_only_links_between_routers_count_as_hops():
    story = Story(n_pe=2).step(0, 0, 0)
    story.rows("links", (0, 100, 0), (1, 20, 0), (2, 3, 0), (3, 100, 0))
    names = ["inject PE 0", "(0,0)->(1,0)", "(1,0)->(0,0)", "eject PE 0"]
    found = energy(story.trace(links=names))
    assert found.n_flit_hops == 23
    assert found.noc_j == pytest.approx(23 * 10e-12)


#: Nine chips.
BOARD = load_scenario(
    preset="spinnaker2-board", overrides=("name=story", "n_pe=1", "firmware=a:B", "timestep=1ms")
)


def on_board(*links, mishaps=()):
    """A run on it that did nothing but load *links*: (name, flits)."""
    story = Story(n_pe=1).step(0, 0, 0)
    story.rows("links", *((k, flits, 0) for k, (_, flits) in enumerate(links)))
    meta = BOARD.model_dump(mode="json", exclude_none=True)
    meta["chip"]["pe"]["clock"] = meta["chip"]["noc"]["clock"] = 1_000_000
    story.rows("mishaps", *mishaps)
    return story.trace(scenario=meta, links=[name for name, _ in links])


LINKS = (
    ("chip-link (0,0) E (1,0)", 100),
    ("chip (0,0) (1,0)->(2,0)", 7),
    ("board-link (1,0) W (0,0)", 20),
    ("chip (0,0) event router", 9),
)


def test_every_chip_of_a_board_is_on():
    found = energy(on_board(*LINKS))
    assert found.baseline_j == pytest.approx(9 * 75.2e-3 * 1e-3)
    assert power_report(on_board(*LINKS)).baseline_mw == pytest.approx(9 * 75.2)


def test_packets_between_chips_cost_their_bits_and_the_mesh_its_hops():
    """A packet takes 96 bits at 2 pJ each; a hop of the mesh 10 pJ."""
    found = energy(on_board(*LINKS))
    assert (found.n_link_bits, found.n_flit_hops) == (120 * 96, 7)
    assert found.link_j == pytest.approx(120 * 96 * 2e-12)
    assert found.noc_j == pytest.approx(7 * 10e-12)


def test_a_packet_that_is_sent_again_costs_again_and_a_lost_one_costs_no_more():
    mishaps = ((Mishap.RESENT, 0, 5, 3), (Mishap.LOST, 0, 5, 50), (Mishap.TIMED_OUT, 2, 5, 40))
    assert energy(on_board(*LINKS, mishaps=mishaps)).n_link_bits == 123 * 96


def test_bits_between_chips_are_an_action_of_boards_alone():
    board, chip = (
        {row.action: row.energy_pj for row in reference_tables(trace)[0].rows}
        for trace in (on_board(*LINKS), busy_chip())
    )
    assert board["link.bit"] == 2
    assert "link.bit" not in chip


def test_the_chip_model_is_the_sum_of_its_parts():
    whole = energy(on_board(*LINKS))
    assert whole.link_j > 0
    assert whole.chip_j == pytest.approx(
        whole.baseline_j + whole.sleep_j + whole.cycles_j + whole.noc_j + whole.link_j
    )
    found = energy(busy_chip())
    parts = found.baseline_j + found.sleep_j + found.cycles_j + found.noc_j + found.link_j
    assert found.by_model() == {"chip": parts, "paper": found.paper_j}


def test_time_runs_to_the_last_deadline_or_to_the_end_if_that_is_later():
    in_time = Story(n_pe=1).step(0, 0, 100).step(0, 1, 100)
    late = Story(n_pe=1).step(0, 0, 100).step(0, 1, 2_500)
    assert energy(in_time.trace()).duration_s == pytest.approx(0.002)
    assert energy(late.trace()).duration_s == pytest.approx(0.0035)


def test_a_run_without_steps_takes_no_energy():
    found = energy(Story().trace())
    assert (found.duration_s, found.chip_j, found.paper_j) == (0, 0, 0)
