"""The rules of the NoC model, cycle by cycle, router by router, in the plainest Python."""

import math
from collections import Counter, defaultdict, deque

from tests.hw.noc.reference_map import DMA, RX, ReferenceMap


class Packet:
    """One copy of a packet on its way to ``targets``."""

    def __init__(self, tag, source, targets, kind, parity):
        self.tag = tag
        self.source = source
        self.targets = targets
        self.kind = kind
        self.parity = parity
        self.slot = None  # link whose input FIFO this copy occupies
        self.branches_left = 0
        self.n_chips_behind = 0
        self.is_routed = False  # is for the event router of each chip
        self.is_looked_up = False  # has passed the one of this chip
        self.is_lost = False
        self.heads_since = None

    def branch(self, targets):
        copy = Packet(self.tag, self.source, targets, self.kind, self.parity)
        copy.parent = self
        copy.n_chips_behind = self.n_chips_behind
        copy.is_routed, copy.is_looked_up = self.is_routed, self.is_looked_up
        return copy


def hashed(salt, number):
    """SplitMix64, 62 bits of it."""
    whole = 2**64 - 1
    x = (salt + number * 0x9E3779B97F4A7C15) & whole
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & whole
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB & whole
    return (x ^ (x >> 31)) & (2**62 - 1)


class ReferenceNoc:
    """Packets on the links of a ``ReferenceMap``, which names them."""

    def __init__(self, chip, n_pe, ticks_per_cycle, *, board=None, faults=None, numbers=None):
        self.map, self.faults = ReferenceMap(chip, board), faults
        self.numbers = numbers  # of the links, by name
        self.ticks_per_unit = ticks_per_cycle // self.map.cycle_units
        self.timed_out, self.resent, self.lost = Counter(), Counter(), Counter()
        self.first = {}
        self.n_lost = self.n_timed_out = 0
        self.chip, self.noc, self.comms = chip, chip.noc, chip.comms
        self.n_pe = n_pe
        self.ticks_per_cycle = ticks_per_cycle
        self.cycle = 0
        self.handed = [[] for _ in range(n_pe)]  # (cycle of entry, packet), by cycle
        self.landing = defaultdict(list)  # cycle: (link, packet)
        # waiting[link][port] = packets, oldest first
        self.waiting = defaultdict(lambda: defaultdict(deque))
        self.busy_until = Counter()
        self.used_slots = Counter()
        self.last_port = {}
        self.fifo = [[] for _ in range(n_pe)]
        self.rx_under_way = Counter()
        self.count = Counter()
        self.sent, self.expected, self.delivered = Counter(), Counter(), Counter()
        self.dropped, self.overwritten, self.flits = Counter(), Counter(), Counter()
        self.peak_waiting, self.peak_fifo = Counter(), Counter()
        self.peak_waiting_at, self.peak_fifo_at = {}, {}  # ticks
        self.first_loss = {}
        self.arrivals = []

    # --- what PEs do ------------------------------------------------------------------------

    def send(self, source, targets, kind, at, tags, *, spacing=0, parity=0):
        for k in range(len(tags)):
            entry = -(-(at + k * spacing) // self.ticks_per_cycle) + 1
            entry *= self.map.cycle_units
            if self.noc.multicast != "per_qpe":
                groups = [targets]
            else:
                homes = sorted({pe // self.chip.pes_per_qpe for pe in targets})
                groups = [[p for p in targets if p // self.chip.pes_per_qpe == h] for h in homes]
            for group in groups:
                packet = Packet(tags[k], source, list(group), kind, parity)
                packet.is_routed = self.map.router is not None and len(targets) > 1
                self.handed[source].append((entry, packet))
                self.sent[source] += 1
                self.expected.update(group)
        self.handed[source].sort(key=lambda handed: handed[0])  # stable

    def take(self, pe, parity=None, at_most=None):
        chosen = [p for p in self.fifo[pe] if parity is None or p.parity == parity]
        chosen = chosen[:at_most]
        self.fifo[pe] = [p for p in self.fifo[pe] if p not in chosen]
        return [p.tag for p in chosen]

    # --- time -------------------------------------------------------------------------------

    def is_idle(self):
        return (
            not any(self.handed)
            and not self.landing
            and not any(queue for ports in self.waiting.values() for queue in ports.values())
        )

    def advance(self, last_cycle):
        """Every cycle up to *last_cycle*."""
        while self.cycle < last_cycle:
            self.step()

    def step(self):
        self.cycle += 1
        for pe in range(self.n_pe):
            while self.handed[pe] and self.handed[pe][0][0] == self.cycle:
                packet = self.handed[pe].pop(0)[1]
                packet.parent = None
                self.queue(("inject", pe), "transmit queue", packet)
        freed = []
        for link, packet in self.landing.pop(self.cycle, []):
            if packet.is_lost:
                self.lost[link] += 1
                self.first.setdefault(("lost", self.map.name_of(link)), self.cycle)
                self.n_lost += len(packet.targets)
                freed.append(link)
            elif link[0] == "eject":
                self.deliver(link[1], packet)
            else:
                self.fork(link, packet)
        for link, queues in self.waiting.items():
            n_waiting = sum(len(queue) for queue in queues.values())
            if n_waiting > self.peak_waiting[link]:
                self.peak_waiting[link] = n_waiting
                self.peak_waiting_at[link] = self.cycle * self.ticks_per_unit
        used_before = dict(self.used_slots)
        for link in freed:  # from the next cycle on
            self.used_slots[link] -= 1
        for link in list(self.waiting):
            has_slot = link[0] == "eject" or used_before.get(link, 0) < self.map.capacity(link)
            on_edge = self.cycle % self.map.period(link) == 0
            if self.busy_until[link] <= self.cycle and has_slot and on_edge:
                self.grant(link)
        self.drop_those_who_wait_too_long()

    def queue(self, link, port, packet):
        if not self.waiting[link][port]:
            packet.heads_since = self.cycle
        self.waiting[link][port].append(packet)

    def unqueue(self, link, port):
        queue = self.waiting[link][port]
        packet = queue.popleft()
        if queue:
            queue[0].heads_since = self.cycle
        if packet.parent is not None:
            packet.parent.branches_left -= 1
            if packet.parent.branches_left == 0:
                self.used_slots[packet.parent.slot] -= 1
        return packet

    def drop_those_who_wait_too_long(self):
        for link, queues in self.waiting.items():
            for port, queue in queues.items():
                if not queue or queue[0].parent is None:
                    continue
                waits = self.cycle - queue[0].heads_since
                if waits >= self.map.patience(queue[0].parent.slot):
                    packet = self.unqueue(link, port)
                    self.timed_out[link] += 1
                    self.first.setdefault(("dropped", self.map.name_of(link)), self.cycle)
                    self.n_timed_out += len(packet.targets)

    def fork(self, link, packet):
        match link[0]:
            case "inject":
                chip, here = self.map.home(link[1])
            case "mesh":
                chip, here = link[1], link[3]
            case "chip":
                chip, here = self.map.ahead(*link[1:]), self.map.enters(link)
                packet.n_chips_behind += 1
                packet.is_looked_up = False
            case "lookup":
                chip, here = link[1], None
                packet.is_looked_up = True
        branches = defaultdict(list)
        for pe in packet.targets:
            branches[self.map.next_link(chip, here, packet, pe)].append(pe)
        packet.slot, packet.branches_left = link, len(branches)
        for out, targets in branches.items():
            self.queue(out, self.map.port_fed_by(link), packet.branch(targets))

    def grant(self, link):
        ports = self.map.ports(link)
        first = ports.index(self.last_port[link]) + 1 if link in self.last_port else 0
        for port in ports[first:] + ports[:first]:
            queue = self.waiting[link][port]
            if queue and not self.is_stalled(link, queue[0]):
                break
        else:
            return
        packet = self.unqueue(link, port)
        self.last_port[link] = port
        self.flits[link] += 1
        busy = self.map.occupancy(link, packet.kind)
        delay = self.mishap(link, packet, busy)
        self.busy_until[link] = self.cycle + busy + delay
        self.landing[self.cycle + self.map.latency(link) + delay].append((link, packet))
        if link[0] == "eject":
            self.rx_under_way[link[1]] += packet.kind == RX
        else:
            self.used_slots[link] += 1

    def mishap(self, link, packet, busy):
        """Cycles that *packet* is sent again on *link*."""
        faults = self.faults
        if faults is None or link[0] not in {"mesh", "chip"}:
            return 0
        salt = hashed(faults.seed, self.numbers[self.map.name_of(link)])
        first = (self.flits[link] - 1) * (faults.max_resends + 2)
        chance = faults.noc_loss if link[0] == "mesh" else faults.chip_loss
        packet.is_lost = hashed(salt, first) < chance * 2**62
        if link[0] == "mesh":
            return 0
        bits = self.noc.packet_bits - (0 if packet.kind == DMA else self.noc.payload_bits)
        bits = math.ceil(bits / self.map.board.packet_bits) * self.map.board.packet_bits
        wrong = 1 - (1 - faults.bit_error) ** bits
        draws = [
            hashed(salt, first + 1 + k) < int(wrong * 2**62) for k in range(faults.max_resends + 1)
        ]
        n_wrong = draws.index(False) if False in draws else len(draws)
        packet.is_lost |= n_wrong == len(draws)
        n_resent = min(n_wrong, faults.max_resends)
        self.resent[link] += n_resent
        if n_resent:
            self.first.setdefault(("resent", self.map.name_of(link)), self.cycle)
        return n_resent * (busy + 2 * self.map.latency(link))

    def is_stalled(self, link, packet):
        if link[0] != "eject" or packet.kind != RX or self.comms.overflow != "stall":
            return False
        pe = link[1]
        return len(self.fifo[pe]) + self.rx_under_way[pe] >= self.comms.fifo_events

    def deliver(self, pe, packet):
        if packet.kind == RX:
            self.rx_under_way[pe] -= 1
            if len(self.fifo[pe]) == self.comms.fifo_events:
                self.first_loss.setdefault(pe, self.cycle * self.ticks_per_unit)
                if self.comms.overflow == "drop":
                    self.dropped[pe] += 1
                    return
                assert self.comms.overflow == "overwrite"
                self.fifo[pe].pop(0)
                self.overwritten[pe] += 1
            self.fifo[pe].append(packet)
            if len(self.fifo[pe]) > self.peak_fifo[pe]:
                self.peak_fifo[pe] = len(self.fifo[pe])
                self.peak_fifo_at[pe] = self.cycle * self.ticks_per_unit
        self.delivered[pe] += 1
        self.count[packet.source if packet.kind == DMA else pe, packet.kind] += 1
        self.arrivals.append((packet.tag, pe, self.cycle))
