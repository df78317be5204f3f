"""How full receive FIFOs got, and when they first were so full."""

import pytest

from spinn2sim.report.peaks import FifoPeak, fifo_peaks, seconds_since_release
from spinn2sim.report.traffic import traffic
from tests.report.traces import PERIOD, Story


def story():
    story = Story(n_pe=2).rows("steps", (0, 0, 100, 100, 150), (1, 0, 130, 130, 150))
    story.recorder.rows["pes"] = [(0, 9, 9, 0, 0, 5, -1, 0), (1, 9, 9, 0, 0, 0, -1, 0)]
    story.rows("links", (0, 9, 2), (1, 9, 3))
    story.meta["links"] = ["inject PE 0", "eject PE 1"]
    return story


def test_a_peak_is_dated_from_the_first_release():
    found = fifo_peaks(story().rows("fifo_peaks", (0, 350)).trace())
    assert found == (FifoPeak(0, 5, pytest.approx(250e-6)), FifoPeak(1, 0, None))
    assert found[1].as_dict() == {"pe": 1, "n_events": 0, "first_s": None}


def test_the_queue_of_a_link_is_dated_by_its_own_row():
    links = traffic(story().rows("queue_peaks", (1, 104)).trace()).links
    assert [(link.queue_peak, link.queue_peak_s) for link in links] == [
        (2, None),
        (3, pytest.approx(4e-6)),
    ]


def test_nothing_is_before_the_first_release():
    assert seconds_since_release(story().trace(), [99, 100, 102]) == pytest.approx([0, 0, 2e-6])
    assert seconds_since_release(Story().trace(), [PERIOD]) == pytest.approx([1e-3])
