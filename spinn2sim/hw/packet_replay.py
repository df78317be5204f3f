"""The packets of a run sent through the network again, alone: no cores, no host, no SimPy."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from spinn2sim.hw.noc import Noc, PacketKind
from spinn2sim.hw.parts import Parts
from spinn2sim.spec import Scenario
from spinn2sim.trace import Recorder
from spinn2sim.units import Timebase

#: Packets between two visits to all receive FIFOs, which then are empty.
PACKETS_PER_VISIT = 128

Columns = Mapping[str, Any]


def replay_packets(scenario: Scenario, timebase: Timebase, packets: Columns) -> list[int]:
    """Ticks at which *packets*, the trace's table, arrive in the network of *scenario* alone.

    One for each row, -1 where nothing arrives. Faults of links strike as in the run. Receive FIFOs
    are never full here, because nobody knows when the cores took what: of a run that dropped
    packets there, or held them back, the answer differs.
    """
    parts = Parts(scenario, timebase, Recorder())
    chip = parts.chip_spec()
    comms = chip.comms.with_changes(overflow="overwrite")
    noc = parts.noc(
        by_hop=False,
        chip=chip.with_changes(comms=comms),
        n_pe=scenario.n_pe,
        clock=timebase.clock(chip.noc.clock),
        board=scenario.board,
        record_arrivals=True,
    )
    assert isinstance(noc, Noc), "only the reference network is another"
    per_cycle = timebase.clock(chip.noc.clock).ticks_per_cycle
    rows = _rows_of(packets)
    # Packets that enter the network in one cycle keep the order in which they were sent.
    order = sorted(rows, key=lambda number: (-(-rows[number][2] // per_cycle), number))
    for place, number in enumerate(order):
        source, kind, sent, targets = rows[number]
        if place and place % PACKETS_PER_VISIT == 0:
            now = (-(-sent // per_cycle) - 1) * per_cycle
            noc.advance(now)
            for pe in range(scenario.n_pe):
                noc.take(pe, now)
        noc.send(source, tuple(targets), PacketKind(kind), sent, [number])
    noc.advance(math.inf)
    arrived = {
        (number, pe): cycle * noc.ticks_per_unit for number, pe, cycle in noc.arrivals().tolist()
    }
    keys = zip(packets["packet"].tolist(), packets["target"].tolist(), strict=True)
    return [arrived.get(key, -1) for key in keys]


def _rows_of(packets: Columns) -> dict[int, tuple[int, int, int, list[int]]]:
    """Source, kind, tick and targets of each packet, by its number."""
    found: dict[int, tuple[int, int, int, list[int]]] = {}
    names = ("packet", "source", "kind", "sent", "target")
    for number, source, kind, sent, target in zip(
        *(packets[name].tolist() for name in names), strict=True
    ):
        found.setdefault(number, (source, kind, sent, []))[3].append(target)
    return found
