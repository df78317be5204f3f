"""Traffic of traces made by hand: the host's load, the links, what was lost."""

import pytest

from spinn2sim.report import traffic
from tests.report.traces import PERIOD, Story


def with_refills(*spans):
    """A run of 1,000 ticks with refills from start to stop."""
    rows = [(0, block, 0, start, stop, 80) for block, (start, stop) in enumerate(spans)]
    return Story(n_pe=1).step(0, 0, PERIOD).rows("refills", *rows).trace()


@pytest.mark.parametrize(
    ("spans", "share"),
    [
        ([], 0),
        ([(100, 350)], 0.25),
        ([(100, 200), (300, 400)], 0.2),
        ([(-500, -100)], 0),  # before the first release
        ([(-500, 100)], 0.1),  # the part after it
        ([(-500, 100), (50, 200)], 0.2),  # the next one is already on the wire
        ([(100, 300), (200, 400), (250, 350)], 0.3),
        ([(900, 1_300)], 0.1),  # the run is over
        ([(0, 1_000)], 1),
    ],
)
def test_the_host_is_busy_while_a_refill_is_under_way(spans, share):
    found = traffic(with_refills(*spans))
    assert found.host_utilisation == pytest.approx(share)
    assert found.n_refills == len(spans)


def test_in_a_run_that_takes_no_time_nothing_is_busy():
    story = Story(n_pe=1).rows("steps", (0, 0, 5_000, 5_000, 5_000))
    assert traffic(story.rows("refills", (0, 0, 0, 0, 9, 64)).trace()).host_utilisation == 0


def test_the_order_in_which_refills_are_noted_does_not_matter():
    spans = [(100, 300), (200, 400), (600, 700)]
    assert traffic(with_refills(*spans[::-1])).host_utilisation == pytest.approx(0.4)


def test_a_link_is_used_for_the_cycles_that_a_flit_occupies_it():
    overrides = (
        "chip.noc.inject_cycles=5",
        "chip.noc.link_cycles=2",
        "chip.noc.eject_cycles=3",
        "chip.noc.hop_cycles=9",
    )
    story = Story(*overrides, n_pe=1).step(0, 0, PERIOD)
    story.rows("links", (0, 10, 1), (1, 10, 4), (2, 10, 0))
    found = traffic(story.trace(links=["inject PE 0", "(0,0)->(1,0)", "eject PE 0"]))
    assert [(link.name, link.n_flits, link.queue_peak) for link in found.links] == [
        ("inject PE 0", 10, 1),
        ("(0,0)->(1,0)", 10, 4),
        ("eject PE 0", 10, 0),
    ]
    assert [link.utilisation for link in found.links] == pytest.approx([0.05, 0.02, 0.03])
    assert found.noc_utilisation == pytest.approx(0.05)


def test_links_count_noc_cycles_not_pe_cycles():
    story = Story("chip.noc.clock=500kHz", "chip.noc.link_cycles=1", n_pe=1).step(0, 0, PERIOD)
    story.rows("links", (0, 10, 1))
    found = traffic(story.trace(links=["(0,0)->(1,0)"]))
    assert found.noc_utilisation == pytest.approx(10 / 500)


def test_packets_are_added_up_over_pes():
    story = Story(n_pe=2).step(0, 0, 10).send(0, 0, 1, 3).send(1, 0, 2, 2)
    story.recorder.rows["pes"] = [(0, 9, 7, 2, 1, 5, -1, 0), (1, 4, 4, 0, 2, 3, -1, 0)]
    found = traffic(story.trace())
    assert found.packets_sent == 5
    assert (found.packets_expected, found.packets_delivered) == (13, 11)
    assert (found.packets_dropped, found.packets_overwritten) == (2, 3)
    assert found.fifo_peak == 5


def test_a_pe_alone_sends_nothing():
    assert traffic(Story(n_pe=1).step(0, 0, 10).send(0, 0, 1, 3).trace()).packets_sent == 0


def test_a_run_without_steps_and_links_has_no_load():
    found = traffic(Story().trace())
    assert (found.host_utilisation, found.noc_utilisation) == (0, 0)
