"""What is kept of networks from one run to the next, and that it does not show."""

import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest

from spinn2sim import load_scenario
from spinn2sim.elaboration import TIMER_REFERENCE_HZ, scenario_workload, timebase_of
from spinn2sim.hw.replay import Networks, replay
from spinn2sim.hw.replay import networks as networks_of_replay
from spinn2sim.hw.replay.networks import Kind, Room
from spinn2sim.recording import record

ROOM = Room(10, 10)


def kind_of(scenario, targets):
    n_pe = scenario.n_pe
    clock = timebase_of(scenario).clock(scenario.chip.noc.clock)
    return Kind(scenario.chip, None, n_pe, clock, np.array(targets, np.bool_).tobytes())


def two_pes(*overrides):
    scenario = load_scenario(preset="paper-12pe", overrides=["n_pe=2", *overrides])
    return kind_of(scenario, np.eye(2))


def replayed(networks):
    scenario = load_scenario(preset="paper-12pe", overrides=["workload.n_samples=1"])
    workload, timebase = scenario_workload(scenario), timebase_of(scenario)
    found = replay(
        scenario,
        record(scenario, workload).programs,
        timebase=timebase,
        timer_reference=timebase.clock(TIMER_REFERENCE_HZ),
        n_frames=workload.n_timesteps,
        n_in=workload.n_in,
        networks=networks,
    )
    assert found is not None
    return found


def test_a_run_on_a_network_that_was_used_before_is_the_same():
    networks = Networks()
    first, again, alone = replayed(networks), replayed(networks), replayed(Networks())
    for found in (again, alone):
        assert found.noc == first.noc
        assert found.windows == first.windows
        for table in ("work", "steps", "waits", "refills", "dma", "op_times"):
            assert np.array_equal(getattr(found, table), getattr(first, table))


def test_a_network_is_kept_and_as_new_when_it_is_taken_again():
    networks, kind = Networks(), two_pes()
    network = networks.take(kind, ROOM)
    unused = network.noc.memory.block.copy()
    network.noc.memory.block += 1
    network.noc.windows.counts += 1
    networks.put(kind, network)
    assert networks.take(kind, ROOM) is network
    assert np.array_equal(network.noc.memory.block, unused)
    assert not network.noc.windows.counts.any()


def test_a_network_is_for_one_run_at_a_time():
    networks, kind = Networks(), two_pes()
    networks.put(kind, networks.take(kind, ROOM))
    assert networks.take(kind, ROOM) is not networks.take(kind, ROOM)


def test_a_network_with_too_little_room_is_not_taken_again():
    networks, kind = Networks(), two_pes()
    for room in (Room(11, 10), Room(10, 11)):
        networks.put(kind, networks.take(kind, ROOM))
        assert networks.take(kind, room).room == room


def test_networks_of_another_kind_are_not_mixed_up():
    networks = Networks()
    slow = networks.take(two_pes("chip.noc.hop_cycles=9"), ROOM)
    networks.put(two_pes("chip.noc.hop_cycles=9"), slow)
    assert networks.take(two_pes(), ROOM) is not slow
    assert networks.take(two_pes("chip.noc.hop_cycles=9"), ROOM) is slow


def test_the_network_used_longest_ago_makes_room():
    kinds = [two_pes(f"chip.noc.hop_cycles={n}") for n in (9, 10, 11)]
    n_bytes = Networks().take(kinds[0], ROOM).n_bytes
    networks = Networks(2 * n_bytes)
    taken = [networks.take(kind, ROOM) for kind in kinds]
    for kind, network in zip(kinds, taken, strict=True):
        networks.put(kind, network)
    again = [networks.take(kind, ROOM) for kind in kinds]
    assert [now is before for now, before in zip(again, taken, strict=True)] == [False, True, True]


def test_a_network_that_is_too_large_to_keep_drives_no_other_out():
    networks, small, large = Networks(2**20), two_pes(), two_pes("chip.noc.hop_cycles=9")
    kept, dropped = networks.take(small, ROOM), networks.take(large, Room(10**5, 10))
    assert kept.n_bytes < 2**20 < dropped.n_bytes
    networks.put(small, kept)
    networks.put(large, dropped)
    assert networks.take(small, ROOM) is kept
    assert networks.take(large, ROOM) is not dropped


def test_targets_are_those_that_the_programs_send_to():
    overrides = ["workload.n_samples=1", "n_pe=4", "parameters.n_rec=12"]
    scenario = load_scenario(preset="paper-12pe", overrides=overrides)
    targets = record(scenario, scenario_workload(scenario)).programs.survey().targets
    # Spikes to all others, and partial outputs to PE 0.
    expected = np.eye(4, dtype=np.bool_)
    expected[1:, 0] = True
    assert np.array_equal(targets, expected)


@pytest.fixture
def hasty_threads():
    """The interpreter changes threads as often as it can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty_threads")
def test_runs_in_several_threads_do_not_get_in_each_others_way(monkeypatch):
    """Each has the network that it has taken for itself; what does not fit is dropped once."""

    def made(_kind, room):
        return SimpleNamespace(n_bytes=10, room=room, rewind=lambda: None, users=0)

    def run(first):
        for k in range(first, first + 8_000):
            network = networks.take(k * 3 % 23, ROOM)
            network.users += 1
            most.append(network.users)
            network.users -= 1
            networks.put(k * 3 % 23, network)

    monkeypatch.setattr(networks_of_replay, "Network", made)
    networks, most = Networks(50), []
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(run, range(4)))
    assert max(most) == 1
