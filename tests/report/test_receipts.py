"""Receipts: when the others took what was sent, as far as their waits tell."""

from spinn2sim.report.receipts import Receipt, receipts
from spinn2sim.report.window import Window
from tests.report.traces import PERIOD, Story


def story():
    return (
        Story(n_pe=3, n_timesteps=2)
        .send(0, 0, 10, n_packets=2)
        .wait(0, 0, "sync", 20, 50)
        .wait(1, 0, "sync", 5, 45)
        .wait(2, 0, "packets", 8, 60)
    )


def test_the_others_have_it_when_they_end_their_wait_for_packets():
    assert list(receipts(story().trace())) == [
        Receipt(0, 0, 10, 2, 1, 45),
        Receipt(0, 0, 10, 2, 2, 60),
    ]


def test_a_wait_that_ended_before_the_sending_or_for_another_reason_receives_nothing():
    trace = story().wait(1, 0, "sync", 1, 4).wait(1, 0, "dma", 11, 12).trace()
    assert [found.received for found in receipts(trace)] == [45, 60]


def test_a_wait_of_another_time_step_receives_nothing():
    trace = Story(n_timesteps=2).send(0, 0, 10).wait(1, 1, "sync", 5, 45).trace()
    assert list(receipts(trace)) == []


def test_sends_come_in_order_of_time_and_within_the_window():
    trace = (
        Story(n_timesteps=2)
        .send(1, 1, 7)
        .send(0, 0, 10)
        .wait(1, 0, "sync", 5, 45)
        .wait(0, 1, "sync", 5, 45)
        .trace()
    )
    assert [found.sent for found in receipts(trace)] == [10, PERIOD + 7]
    assert [found.sent for found in receipts(trace, Window(0, 11))] == [10]
    assert list(receipts(trace, Window(0, 10))) == []
