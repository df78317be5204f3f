"""Where the links of the reference network are, how fast they are, and which one is next.

Links are named ("inject", pe), ("mesh", chip, here, there), ("chip", chip, direction),
("lookup", chip) and ("eject", pe); chips by their position on the torus.
"""

import math
from fractions import Fraction
from itertools import product

RX, FLAG0, FLAG1, DMA = range(4)


class ReferenceMap:
    """Of a *chip* or of a *board* of them; times are in units of the clocks of mesh and router."""

    # To the next chip, and the order in which a path prefers its last step.
    DIRECTIONS = ((1, 0), (1, 1), (0, 1), (-1, 0), (-1, -1), (0, -1))
    LAST = (2, 5, 0, 3, 1, 4)

    def __init__(self, chip, board):
        self.chip, self.noc, self.board = chip, chip.noc, board
        self.width, self.height = board.size if board else (1, 1)
        self.router = chip.event_router if chip.noc.multicast == "event_router" else None
        hz = math.lcm(chip.noc.clock, self.router.clock) if self.router else chip.noc.clock
        self.cycle_units = hz // chip.noc.clock
        self.router_units = hz // self.router.clock if self.router else 1
        self.chip_paths = {}

    def home(self, pe):
        """Chip and position."""
        on_chip = self.chip.n_pe if self.board is None else self.board.pes_per_chip(self.chip)
        chip = divmod(pe // on_chip, self.width)[::-1]
        return chip, self.chip.qpes[pe % on_chip // self.chip.pes_per_qpe]

    def ahead(self, chip, direction):
        dx, dy = self.DIRECTIONS[direction]
        return (chip[0] + dx) % self.width, (chip[1] + dy) % self.height

    def name_of(self, link):
        if link[0] in {"inject", "eject"}:
            return f"{link[0]} PE {link[1]}"
        x, y = link[1]
        if link[0] == "chip":
            compass = ("E", "NE", "N", "W", "SW", "S")[link[2]]
            return "chip-link ({},{}) {} ({},{})".format(x, y, compass, *self.ahead(*link[1:]))
        prefix = f"chip ({x},{y}) " if self.board else ""
        if link[0] == "lookup":
            return prefix + "event router"
        return prefix + "({},{})->({},{})".format(*link[2], *link[3])

    def chip_path(self, start, end):
        """Of the shortest paths, the one whose last step is preferred, then the one before it..."""
        if (start, end) in self.chip_paths:
            return self.chip_paths[start, end]
        for n_steps in range(8):
            found = []
            for steps in product(self.LAST, repeat=n_steps):
                at = start
                for step in steps:
                    at = self.ahead(at, step)
                if at == end:
                    found.append(steps)
            if found:
                ranked = {tuple(map(self.LAST.index, steps[::-1])): steps for steps in found}
                self.chip_paths[start, end] = ranked[min(ranked)]
                return ranked[min(ranked)]
        raise AssertionError

    def occupancy(self, link, kind=RX):
        if link[0] == "lookup":
            return self.router.packet_cycles * self.router_units
        if link[0] == "chip":
            bits = self.noc.packet_bits
            if kind != DMA:
                bits -= self.noc.payload_bits
            n_packets = math.ceil(bits / self.board.packet_bits)
            seconds = Fraction(n_packets * self.board.packet_bits, self.board.rate)
            return math.ceil(seconds * self.noc.clock) * self.cycle_units
        per_kind = {"inject": "inject_cycles", "mesh": "link_cycles", "eject": "eject_cycles"}
        return getattr(self.noc, per_kind[link[0]]) * self.cycle_units

    def latency(self, link):
        if link[0] == "lookup":
            return self.router.lookup_cycles * self.router_units
        if link[0] == "chip":
            seconds = Fraction(self.board.latency, 10**9)
            return math.ceil(seconds * self.noc.clock) * self.cycle_units
        per_kind = {"inject": "inject_cycles", "mesh": "hop_cycles", "eject": "eject_cycles"}
        return getattr(self.noc, per_kind[link[0]]) * self.cycle_units

    def period(self, link):
        return self.router_units if link[0] == "lookup" else self.cycle_units

    def patience(self, link):
        if link[0] == "lookup":
            return self.router.drop_cycles * self.router_units
        return self.board.drop_cycles * self.cycle_units if link[0] == "chip" else math.inf

    @property
    def longest_patience(self):
        kinds = ([("lookup",)] if self.router else []) + ([("chip",)] if self.board else [])
        return max((self.patience(kind) for kind in kinds), default=0)

    def capacity(self, link):
        return self.noc.fifo_flits + self.latency(link) // self.period(link)

    def places(self):
        return self.router.positions if self.router else ()

    def leaves(self, link):
        """Position of the router that *link* leaves."""
        match link[0]:
            case "mesh":
                return link[2]
            case "chip":
                return self.board.ports[link[2]]
            case "lookup":
                return self.places()[0]
            case "eject":
                return self.home(link[1])[1]

    def enters(self, link):
        """Position of the router that *link* enters."""
        match link[0]:
            case "inject":
                return self.home(link[1])[1]
            case "mesh":
                return link[3]
            case "chip":
                return self.board.ports[(link[2] + 3) % 6]
            case "lookup":
                return self.places()[0]

    def ports(self, link):
        """Input ports of the router that *link* leaves, in order of their turns."""
        if link[0] == "inject":
            return ["transmit queue"]
        one = ["from -x", "from +x", "from -y", "from +y", *range(self.chip.pes_per_qpe)]
        if self.board:
            one += [f"chip link {direction}" for direction in range(6)]
        n = len(self.places()) if self.leaves(link) in self.places() else 1
        return [(place, port) for place in range(n) for port in one]

    def port_fed_by(self, link):
        position = self.enters(link)
        place = self.places().index(position) if position in self.places() else 0
        return place, self.side(link)

    def side(self, link):
        match link[0]:
            case "inject":
                return link[1] % self.chip.pes_per_qpe
            case "lookup":
                return 0
            case "chip":
                return f"chip link {(link[2] + 3) % 6}"
        _, _, (x0, y0), (x1, y1) = link
        if x1 != x0:
            return "from -x" if x1 > x0 else "from +x"
        return "from -y" if y1 > y0 else "from +y"

    def place_near(self, position):
        def distance(place):
            return abs(place[0] - position[0]) + abs(place[1] - position[1])

        return min(self.places(), key=distance)

    def next_link(self, chip, here, packet, pe):
        """*here* is None for a packet that comes out of the event router."""
        to_chip, goal = self.home(pe)
        last = ("eject", pe)
        if packet.is_routed and not packet.is_looked_up:
            goal, last = self.place_near(here), ("lookup", chip)
        elif chip != to_chip:
            path = self.chip_path(self.home(packet.source)[0], to_chip)
            direction = path[packet.n_chips_behind]
            goal, last = self.board.ports[direction], ("chip", chip, direction)
        x, y = here if here is not None else self.place_near(goal)
        to_x, to_y = goal
        if to_x != x:
            return ("mesh", chip, (x, y), (x + 1 if to_x > x else x - 1, y))
        if to_y != y:
            return ("mesh", chip, (x, y), (x, y + 1 if to_y > y else y - 1))
        return last
