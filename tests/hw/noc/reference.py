"""The rules of the NoC model, cycle by cycle, router by router, in the plainest Python."""

from collections import Counter, defaultdict, deque

RX, FLAG0, FLAG1, DMA = range(4)


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


class ReferenceNoc:
    """Links are named ("inject", pe), ("mesh", here, there) and ("eject", pe)."""

    def __init__(self, chip, n_pe, ticks_per_cycle):
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
        self.first_loss = {}
        self.arrivals = []

    # --- where things are -------------------------------------------------------------------

    def home(self, pe):
        return self.chip.qpes[pe // self.chip.pes_per_qpe]

    def occupancy(self, link):
        per_kind = {"inject": "inject_cycles", "mesh": "link_cycles", "eject": "eject_cycles"}
        return getattr(self.noc, per_kind[link[0]])

    def latency(self, link):
        per_kind = {"inject": "inject_cycles", "mesh": "hop_cycles", "eject": "eject_cycles"}
        return getattr(self.noc, per_kind[link[0]])

    def capacity(self, link):
        return self.noc.fifo_flits + self.latency(link)

    def ports(self, link):
        """Input ports of the router that *link* leaves, in order of their turns."""
        if link[0] == "inject":
            return ["transmit queue"]
        n_local = self.chip.pes_per_qpe
        return ["from -x", "from +x", "from -y", "from +y", *range(n_local)]

    def port_fed_by(self, link):
        if link[0] == "inject":
            return link[1] % self.chip.pes_per_qpe
        _, (x0, y0), (x1, y1) = link
        if x1 != x0:
            return "from -x" if x1 > x0 else "from +x"
        return "from -y" if y1 > y0 else "from +y"

    def next_link(self, here, pe):
        x, y = here
        to_x, to_y = self.home(pe)
        if to_x != x:
            return ("mesh", here, (x + 1 if to_x > x else x - 1, y))
        if to_y != y:
            return ("mesh", here, (x, y + 1 if to_y > y else y - 1))
        return ("eject", pe)

    # --- what PEs do ------------------------------------------------------------------------

    def send(self, source, targets, kind, n_packets, *, at, tags, spacing=0, parity=0):
        for k in range(n_packets):
            entry = -(-(at + k * spacing) // self.ticks_per_cycle) + 1
            if self.noc.multicast == "tree":
                groups = [targets]
            else:
                homes = sorted({pe // self.chip.pes_per_qpe for pe in targets})
                groups = [[p for p in targets if p // self.chip.pes_per_qpe == h] for h in homes]
            for group in groups:
                packet = Packet(tags[k], source, list(group), kind, parity)
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
                self.waiting["inject", pe]["transmit queue"].append(packet)
        for link, packet in self.landing.pop(self.cycle, []):
            if link[0] == "eject":
                self.deliver(link[1], packet)
            else:
                self.fork(link, packet)
        for link, queues in self.waiting.items():
            n_waiting = sum(len(queue) for queue in queues.values())
            self.peak_waiting[link] = max(self.peak_waiting[link], n_waiting)
        used_before = dict(self.used_slots)
        for link in list(self.waiting):
            has_slot = link[0] == "eject" or used_before.get(link, 0) < self.capacity(link)
            if self.busy_until[link] <= self.cycle and has_slot:
                self.grant(link)

    def fork(self, link, packet):
        here = self.home(link[1]) if link[0] == "inject" else link[2]
        branches = defaultdict(list)
        for pe in packet.targets:
            branches[self.next_link(here, pe)].append(pe)
        packet.slot, packet.branches_left = link, len(branches)
        for out, targets in branches.items():
            branch = Packet(packet.tag, packet.source, targets, packet.kind, packet.parity)
            branch.parent = packet
            self.waiting[out][self.port_fed_by(link)].append(branch)

    def grant(self, link):
        ports = self.ports(link)
        first = ports.index(self.last_port[link]) + 1 if link in self.last_port else 0
        for port in ports[first:] + ports[:first]:
            queue = self.waiting[link][port]
            if queue and not self.is_stalled(link, queue[0]):
                break
        else:
            return
        packet = queue.popleft()
        self.last_port[link] = port
        self.busy_until[link] = self.cycle + self.occupancy(link)
        self.flits[link] += 1
        self.landing[self.cycle + self.latency(link)].append((link, packet))
        if link[0] == "eject":
            self.rx_under_way[link[1]] += packet.kind == RX
        else:
            self.used_slots[link] += 1
        if link[0] != "inject":
            packet.parent.branches_left -= 1
            if packet.parent.branches_left == 0:
                self.used_slots[packet.parent.slot] -= 1

    def is_stalled(self, link, packet):
        if link[0] != "eject" or packet.kind != RX or self.comms.overflow != "stall":
            return False
        pe = link[1]
        return len(self.fifo[pe]) + self.rx_under_way[pe] >= self.comms.fifo_events

    def deliver(self, pe, packet):
        if packet.kind == RX:
            self.rx_under_way[pe] -= 1
            if len(self.fifo[pe]) == self.comms.fifo_events:
                self.first_loss.setdefault(pe, self.cycle * self.ticks_per_cycle)
                if self.comms.overflow == "drop":
                    self.dropped[pe] += 1
                    return
                assert self.comms.overflow == "overwrite"
                self.fifo[pe].pop(0)
                self.overwritten[pe] += 1
            self.fifo[pe].append(packet)
            self.peak_fifo[pe] = max(self.peak_fifo[pe], len(self.fifo[pe]))
        self.delivered[pe] += 1
        self.count[packet.source if packet.kind == DMA else pe, packet.kind] += 1
        self.arrivals.append((packet.tag, pe, self.cycle))
