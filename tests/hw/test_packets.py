"""The record of a run's packets, and the same packets through the network alone."""

from collections import Counter

import numpy as np
import pytest

from spinn2sim import simulate
from spinn2sim.elaboration import timebase_of
from spinn2sim.errors import SpecError, Spinn2SimError
from spinn2sim.hw.noc import PacketKind
from spinn2sim.hw.packet_replay import PACKETS_PER_VISIT, replay_packets
from spinn2sim.trace import PACKET_KINDS
from tests.faults.network import scenario, workload
from tests.hw.machine import APART, rows, scenario_of, workload_of


@pytest.fixture(scope="module")
def learning():
    """The small e-prop network: spikes, words of the error, flags, DMA."""
    wanted = scenario()
    return wanted, simulate(wanted, workload(), packets=True)


def test_the_record_says_who_sent_what_to_whom_and_when_it_came():
    """To the next QPE: synchroniser 1, inject 4, hop 5, eject 4; one tick is one cycle."""
    wanted = scenario_of(*APART, n_pe=2, programs=[[("multicast", [7, 9])], []])
    trace = simulate(wanted, workload_of(), packets=True)
    sent = rows(trace, "sends")[0].at
    assert [tuple(row) for row in rows(trace, "packets")] == [
        (0, 0, 1, PacketKind.RX, 7, sent, sent + 14),
        (1, 0, 1, PacketKind.RX, 9, sent, sent + 18),
    ]


def test_recording_changes_nothing_else_and_is_in_no_other_run(learning):
    wanted, recorded = learning
    plain = simulate(wanted, workload())
    assert not plain.tables["packets"]["packet"].size
    for name, columns in plain.tables.items():
        if name != "packets":
            for column, values in columns.items():
                assert np.array_equal(values, recorded.tables[name][column]), (name, column)
    assert all(np.array_equal(recorded.arrays[name], plain.arrays[name]) for name in plain.arrays)
    assert recorded.timed_by == "simpy: packets are recorded"


def test_every_delivery_that_was_due_is_a_row_and_every_kind_occurs(learning):
    _, trace = learning
    packets, pes = trace.tables["packets"], trace.tables["pes"]
    due = Counter(packets["target"].tolist())
    assert [due[pe] for pe in range(12)] == pes["packets_expected"].tolist()
    came = Counter(packets["target"][packets["arrived"] >= 0].tolist())
    assert [came[pe] for pe in range(12)] == pes["packets_delivered"].tolist()
    assert set(packets["kind"].tolist()) == set(range(len(PACKET_KINDS)))


@pytest.mark.parametrize("room", [2, 100, 5_000])
def test_a_record_that_is_full_is_put_aside_and_nothing_is_missing(learning, monkeypatch, room):
    wanted, trace = learning
    monkeypatch.setattr("spinn2sim.hw.noc.memory.MIN_ARRIVALS", room)
    again = simulate(wanted, workload(), packets=True)
    assert bool(again.windows.no_record) == (room < 200)  # A window brings 165 and more.
    assert again.digest() == trace.digest()


def test_kinds_of_packets_have_the_names_of_the_hardware():
    names = {PacketKind.RX: "multicast", PacketKind.FLAG0: "flag0", PacketKind.FLAG1: "flag1"}
    names[PacketKind.DMA] = "dma"
    assert tuple(names[kind] for kind in PacketKind) == PACKET_KINDS


def test_the_packets_arrive_at_the_same_ticks_in_the_network_alone(learning):
    wanted, trace = learning
    packets = trace.tables["packets"]
    assert len(np.unique(packets["packet"])) > 2 * PACKETS_PER_VISIT
    again = replay_packets(wanted, trace.timebase, packets)
    assert np.array_equal(again, packets["arrived"])


def test_a_packet_sent_a_cycle_later_arrives_at_another_time(learning):
    wanted, trace = learning
    packets = dict(trace.tables["packets"])
    packets["sent"] = packets["sent"] + (packets["packet"] == 5)
    assert not np.array_equal(replay_packets(wanted, trace.timebase, packets), packets["arrived"])


def test_a_replay_loses_and_sends_again_what_the_run_did():
    found = set()
    for seed in range(6):
        faults = {"chip_links": {"loss": 0.0001, "bit_error": 0.0005}, "seed": seed}
        wanted = scenario(**faults)
        trace = simulate_or_none(wanted)
        if trace is None:
            continue
        packets = trace.tables["packets"]
        again = replay_packets(wanted, timebase_of(wanted), packets)
        assert np.array_equal(again, packets["arrived"])
        found |= set(trace.tables["mishaps"]["mishap"].tolist())
    assert found


def simulate_or_none(wanted):
    """The trace, if the run can do with what it has lost."""
    try:
        return simulate(wanted, workload(1), packets=True)
    except Spinn2SimError:
        return None


def test_the_reference_network_does_not_record():
    with pytest.raises(SpecError) as error:
        simulate(scenario(), workload(1), timing="hop", packets=True)
    assert str(error.value) == "timing hop: it does not record packets; use --timing simpy"
