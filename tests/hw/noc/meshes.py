"""Chips and traffic for the tests of the NoC."""

from dataclasses import dataclass, field

import numpy as np

from spinn2sim.hw.noc import PacketKind
from spinn2sim.hw.noc.faults import LinkFaults
from spinn2sim.spec.board import BoardSpec
from spinn2sim.spec.chip import ChipSpec, CommsSpec, DmaSpec, NocSpec, PESpec, SramSpec

SPINNAKER2_HOLES = {(4, 3), (4, 4), (7, 3), (7, 4)}
SPINNAKER2 = tuple(
    (x, y) for x in range(1, 8) for y in range(1, 7) if (x, y) not in SPINNAKER2_HOLES
)
SQUARE = ((0, 0), (1, 0), (0, 1), (1, 1))
ROW = ((0, 0), (1, 0), (2, 0), (3, 0))


def chip_of(
    qpes=SQUARE, pes_per_qpe=4, *, fifo_events=1024, overflow="drop", event_router=None, **noc
):
    """A chip; *noc* overrides fields of its NocSpec."""
    mesh = {
        "clock": 1_000_000,
        "hop_cycles": 5,
        "link_cycles": 1,
        "packet_bits": 192,
        "payload_bits": 128,
        "fifo_flits": 4,
        "inject_cycles": 4,
        "eject_cycles": 4,
        "multicast": "tree",
    }
    sram = SramSpec(
        code_bytes=32_768,
        data_bytes=98_304,
        reserved_bytes=24_576,
        banks=4,
        neighbour_read_cycles=4,
        neighbour_write_cycles=1,
    )
    pe = PESpec(
        clock=1_000_000,
        interrupt_entry_cycles=12,
        wake_cycles=10,
        interrupt_exit_cycles=10,
        sram=sram,
    )
    return ChipSpec(
        name="test",
        qpes=qpes,
        pes_per_qpe=pes_per_qpe,
        pe=pe,
        noc=NocSpec(**{**mesh, **noc}),
        event_router=event_router,
        comms=CommsSpec(fifo_events=fifo_events, overflow=overflow, crossing_cycles=2),
        dma=DmaSpec(beat_bits=128, cycles_per_beat=2, setup_cycles=60, completion_cycles=52),
    )


@dataclass(frozen=True)
class Send:
    """Arguments of one ``send``."""

    source: int
    targets: tuple
    kind: PacketKind
    at: int
    tags: list = field(repr=False)
    spacing: int
    parity: int

    def to(self, noc):
        noc.send(
            self.source,
            self.targets,
            self.kind,
            at=self.at,
            tags=self.tags,
            spacing=self.spacing,
            parity=self.parity,
        )


@dataclass(frozen=True)
class Take:
    """Arguments of one ``take``."""

    pe: int
    at: int
    parity: int | None
    at_most: int | None


@dataclass(frozen=True)
class Pattern:
    """Random traffic on a random mesh."""

    chip: ChipSpec
    n_pe: int
    ticks_per_cycle: int
    sends: list
    takes: list
    board: BoardSpec | None = None
    faults: LinkFaults | None = None


def random_pattern(seed):
    """Bursts that meet: up to 10 PEs, all within some 40 cycles, so that links are contended."""
    rng = np.random.default_rng(seed)
    width, height = rng.integers(1, 5), rng.integers(1, 4)
    qpes = [(int(x) + 2, int(y) + 1) for x in range(width) for y in range(height)]
    rng.shuffle(qpes)
    qpes = qpes[: max(1, len(qpes) - int(rng.integers(0, 3)))]
    chip = chip_of(
        tuple(map(tuple, qpes)),
        int(rng.integers(1, 5)),
        fifo_events=int(rng.integers(1, 7)) if rng.random() < 0.6 else 64,
        overflow=str(rng.choice(["drop", "overwrite", "stall"])),
        hop_cycles=int(rng.integers(1, 7)),
        link_cycles=int(rng.integers(1, 5)),
        fifo_flits=int(rng.integers(1, 9)),
        inject_cycles=int(rng.integers(1, 5)),
        eject_cycles=int(rng.integers(1, 7)),
        multicast=str(rng.choice(["tree", "per_qpe"])),
    )
    n_pe = int(rng.integers(1, min(chip.n_pe, 10) + 1))
    ticks_per_cycle = int(rng.choice([1, 3, 13]))
    sends = random_sends(rng, n_pe, ticks_per_cycle)
    return Pattern(chip, n_pe, ticks_per_cycle, sends, random_takes(rng, n_pe, ticks_per_cycle))


def random_sends(rng, n_pe, ticks_per_cycle):
    """Up to three bursts of each PE, to random others and perhaps itself."""
    sends, n_tags = [], 0
    for source in range(n_pe):
        at = 0
        for _ in range(rng.integers(0, 4)):
            at += int(rng.integers(0, 20 * ticks_per_cycle))
            n_packets = int(rng.integers(1, 9))
            spacing = int(rng.choice([0, 0, 1, ticks_per_cycle, 9 * ticks_per_cycle]))
            n_targets = int(rng.integers(1, n_pe + 1))
            targets = tuple(rng.choice(n_pe, n_targets, replace=False).tolist())
            kind = PacketKind(rng.choice(4, p=[0.7, 0.1, 0.1, 0.1]))
            tags = list(range(n_tags, n_tags + n_packets))
            n_tags += n_packets
            parity = int(rng.integers(0, 2))
            sends.append(Send(source, targets, kind, at, tags, spacing, parity))
    return sends


def random_takes(rng, n_pe, ticks_per_cycle):
    """Takes at random times, in order."""
    takes = [
        Take(
            int(rng.integers(0, n_pe)),
            int(rng.integers(0, 150 * ticks_per_cycle)),
            [None, 0, 1][rng.integers(0, 3)],
            [None, 1, 3][rng.integers(0, 3)],
        )
        for _ in range(rng.integers(0, 30))
    ]
    return sorted(takes, key=lambda take: take.at)
