"""The memory of whole windows: what it holds of multicast trees."""

import numpy as np

from spinn2sim.hw.noc.fast import layout as fast
from spinn2sim.hw.noc.memory import Memory
from spinn2sim.hw.noc.pool import Pool, fits
from spinn2sim.hw.noc.topology import Topology
from tests.hw.noc.meshes import SPINNAKER2, chip_of

N_PE = 4 * len(SPINNAKER2)


def wired(qpes=SPINNAKER2, pes_per_qpe=4, **noc):
    chip = chip_of(qpes, pes_per_qpe, **noc)
    topology = Topology(chip, len(qpes) * pes_per_qpe)
    return topology, Pool(
        Memory(topology, chip, ticks_per_cycle=1, record_arrivals=False), topology
    )


def ends(topology):
    """By link of the mesh, the router to which it leads: as the names of links say."""
    names = [link.name.partition("->") for link in topology.links]
    begins = {name[0]: router for name, router in zip(names, topology.routers, strict=True)}
    return [begins.get(name[2]) for name in names]


def reached(pool, topology, router, fork):
    """PEs that a packet reaches at *router* and behind, which comes there with *fork*."""
    pes, going, leads_to = [], [(router, fork)], ends(topology)
    while going:
        router, fork = going.pop()
        onward = fork >> fast.ONWARD_SHIFT
        leaving = [link for link, left in enumerate(topology.routers) if left == router]
        links = [link for link in leaving if link < topology.eject(0)]
        own = [link - topology.eject(0) for link in leaving if link >= topology.eject(0)]
        pes += [pe for place, pe in enumerate(own) if fork >> place & 1]
        for place, link in enumerate(links):
            if fork >> fast.LINK_SET_SHIFT + place & 1:
                going.append((leads_to[link], int(pool.numbers[onward])))
                onward += 1
    return sorted(pes)


def test_each_fork_leads_to_the_targets_of_its_multicast():
    topology, pool = wired()
    rng = np.random.default_rng(1)
    for source in rng.choice(N_PE, 12, replace=False).tolist():
        targets = sorted(rng.choice(N_PE, int(rng.integers(1, N_PE)), replace=False).tolist())
        n_roots, rows = topology.trees(source, targets)
        assert n_roots == 1
        fork = int(pool.numbers[pool.add(rows, n_roots)])
        router = topology.routers[topology.eject(source)]
        assert reached(pool, topology, router, fork) == targets


def test_trees_share_what_they_have_in_common():
    topology, pool = wired()
    before = len(np.trim_zeros(pool.numbers, "b"))
    n_forks = 0
    for source in range(N_PE):
        n_roots, rows = topology.trees(source, [pe for pe in range(N_PE) if pe != source])
        pool.add(rows, n_roots)
        n_forks += np.count_nonzero(rows[:, 2])
    n_written = len(np.trim_zeros(pool.numbers, "b")) - before
    assert n_forks > 5_000
    assert n_written < n_forks / 5


def test_a_router_with_more_pes_than_there_are_bits_for_does_not_fit():
    square = ((0, 0), (1, 0))
    assert fits(Topology(chip_of(square, fast.PE_SET_BITS - 4), 2 * (fast.PE_SET_BITS - 4)))
    assert not fits(Topology(chip_of(square, fast.PE_SET_BITS + 1), 2 * (fast.PE_SET_BITS + 1)))
