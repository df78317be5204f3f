"""A packet to one PE alone."""

import pytest

from spinn2sim.errors import FirmwareError
from spinn2sim.firmware import PEContext, WorkloadShape
from spinn2sim.recording import record
from spinn2sim.replay import time_programs
from tests.hw.machine import (
    HOP,
    TO_NEIGHBOUR,
    answers,
    answers_untimed,
    happenings,
    rows,
    run,
    scenario_of,
    workload_of,
)

TO_ONE = [
    [("send", 2, 7), ("send", 1, 8), ("send", 2, 9)],
    [("receive", 1)],
    [("receive", 2)],
    [],
    [],
]


def test_only_its_target_gets_it():
    trace = run(TO_ONE)
    assert answers(trace)[1:] == [[1, 8], [2, 7, 9], [], []]
    assert answers_untimed(TO_ONE)[1:] == [[1, 8], [2, 7, 9], [], []]
    delivered = [row.packets_delivered for row in rows(trace, "pes")]
    assert delivered == [0, 1, 2, 0, 0]


def test_it_is_sent_but_is_no_spike():
    trace = run(TO_ONE)
    assert [row.n_packets for row in rows(trace, "sends", pe=0)] == [1, 1, 1]
    assert not rows(trace, "spikes")


@pytest.mark.parametrize(("target", "flight"), [(1, TO_NEIGHBOUR), (4, TO_NEIGHBOUR + HOP)])
def test_it_takes_the_way_of_any_packet(target, flight):
    programs = [[("compute", "work", 100), ("send", target, 7)], *([[]] * 4)]
    programs[target] = [("receive", 1), ("compute", "work", 1)]
    (work,) = rows(run(programs), "work", pe=target)
    assert work.start == 100 + flight


def test_it_waits_for_a_barrier_as_a_multicast_does():
    programs = [
        [("send", 1, 7), ("multicast", (3,)), ("barrier",)],
        [("barrier",)],
        [("barrier",)],
    ]
    expected = [[0], [2, 3, 7], [1, 3]]
    assert answers(run(programs)) == expected
    assert answers_untimed(programs) == expected


def test_the_compiled_machine_does_the_same():
    scenario, workload = scenario_of(n_pe=5, programs=TO_ONE), workload_of()
    trace = time_programs(scenario, workload, record(scenario, workload))
    assert happenings(trace) == happenings(run(TO_ONE))


@pytest.mark.parametrize(("to", "key"), [(0, 1), (2, 1), (-1, 1), (1, -1), (1, 1 << 32)])
def test_what_no_machine_could_send_is_refused(to, key):
    pe = PEContext(0, 2, 1, WorkloadShape(1, 1, 1, 1), 5)
    with pytest.raises(FirmwareError, match=f"packet with key {key} to PE {to}"):
        pe.send(to, key)
