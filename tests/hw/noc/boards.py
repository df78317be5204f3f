"""Boards and traffic for the tests of the NoC over many chips."""

import math
from dataclasses import replace

import numpy as np

from spinn2sim.hw.noc.faults import LinkFaults
from spinn2sim.spec.board import BoardSpec
from spinn2sim.spec.chip import EventRouterSpec
from tests.hw.noc.meshes import Pattern, chip_of, random_sends, random_takes

#: Of the NoC in these tests, so that a cycle takes a microsecond.
NOC_HZ = 1_000_000


def board_of(size=(3, 1), *, outline="rectangle", ports=((0, 0),) * 6, **fields):
    """A board; *fields* override those of its BoardSpec."""
    usual = {
        "system_pes": 0,
        "placement": "packed",
        "packet_bits": 96,
        "rate": 96 * NOC_HZ // 5,
        "rate_between_boards": 96 * NOC_HZ // 15,
        "latency": 24_000,
        "drop_cycles": 1_000,
    }
    return BoardSpec(outline=outline, size=size, ports=ports, **{**usual, **fields})


def event_router_of(*positions, clock=NOC_HZ, **fields):
    """An event router; *fields* override those of its spec."""
    usual = {"lookup_cycles": 6, "packet_cycles": 1, "table_entries": 16_384, "drop_cycles": 50}
    return EventRouterSpec(positions=positions, clock=clock, **{**usual, **fields})


def random_board_pattern(seed):
    """Bursts over up to nine small chips, half of them through event routers, a third faulty."""
    rng = np.random.default_rng([seed, 1])
    width, height = int(rng.integers(1, 4)), int(rng.integers(2, 4))
    cells = [(x, y) for x in range(width) for y in range(height)]
    n_places = int(rng.integers(1, 3))
    inner = [cells[k] for k in rng.permutation(range(1, len(cells) - 1))]
    places, more = inner[:n_places], inner[n_places:][: int(rng.integers(0, 2))]
    qpes = (cells[0], cells[-1], *more)
    routed = bool(places) and rng.random() < 0.6
    router = event_router_of(
        *places,
        clock=int(NOC_HZ * rng.choice([1, 1.5, 2, 0.75])),
        lookup_cycles=int(rng.integers(1, 7)),
        packet_cycles=int(rng.integers(1, 4)),
        drop_cycles=int(rng.choice([3, 10, 50])),
    )
    chip = chip_of(
        qpes,
        int(rng.integers(1, 3)),
        fifo_events=int(rng.integers(1, 7)) if rng.random() < 0.3 else 64,
        overflow=str(rng.choice(["drop", "overwrite", "stall"])),
        event_router=router if routed else None,
        hop_cycles=int(rng.integers(1, 7)),
        link_cycles=int(rng.integers(1, 3)),
        fifo_flits=int(rng.integers(1, 5)),
        inject_cycles=int(rng.integers(1, 5)),
        eject_cycles=int(rng.integers(1, 5)),
        multicast="event_router" if routed else str(rng.choice(["tree", "per_qpe"])),
    )
    size = (int(rng.integers(1, 4)), int(rng.integers(1, 4)))
    board = board_of(
        size,
        ports=[cells[k] for k in rng.integers(0, len(cells), 6)],
        rate=96 * NOC_HZ // int(rng.integers(1, 8)),
        latency=1_000 * int(rng.integers(1, 30)),
        drop_cycles=int(rng.choice([2, 20, 60])),
    )
    faults = LinkFaults(
        seed=seed,
        noc_loss=float(rng.choice([0, 0.1])),
        chip_loss=float(rng.choice([0, 0.1])),
        bit_error=float(rng.choice([0, 0.004, 0.004])),
        max_resends=int(rng.integers(0, 4)),
    )
    n_pe = int(min(board.capacity(chip), rng.integers(2, 13)))
    units = math.lcm(NOC_HZ, router.clock) // NOC_HZ if routed else 1
    ticks_per_cycle = units * int(rng.choice([1, 3]))
    sends = random_sends(rng, n_pe, ticks_per_cycle)
    takes = random_takes(rng, n_pe, ticks_per_cycle)
    whole = Pattern(chip, n_pe, ticks_per_cycle, sends, takes, board)
    return replace(whole, faults=faults) if rng.random() < 0.5 else whole
