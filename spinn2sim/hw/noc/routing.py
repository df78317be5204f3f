"""Routing tables of the event routers: from who sends to whom, to masked keys on each chip.

A packet carries the key of its multicast: chip, PE and number of the multicast in the high bits;
which neuron fired is in the low ones, which no entry looks at. An entry matches a key if key & mask
is its own key. A packet that no entry matches goes straight on, out of the link opposite to the one
it came by; a table leaves out what so does.

Entries never overlap, so their order means nothing. They are made as few as two exact rules allow:
keys next to each other with one route become one prefix, unless a key that goes elsewhere lies
between them; and two entries with one route that differ in a single bit become one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from spinn2sim.errors import RoutingTableError
from spinn2sim.hw.noc.torus import Torus

KEY_BITS = 32


@dataclass(frozen=True, slots=True)
class Multicast:
    """Packets of one PE for the same targets."""

    source: int
    targets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """Where a chip sends a packet: to links of its own, by direction, and to PEs."""

    links: frozenset[int]
    pes: frozenset[int]


@dataclass(frozen=True, slots=True)
class Entry:
    """A masked key and its route."""

    key: int
    mask: int
    route: Route


class RoutingTable:
    """The multicast table of one chip."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)
        self._by_mask: dict[int, dict[int, Entry]] = {}
        for entry in self.entries:
            self._by_mask.setdefault(entry.mask, {})[entry.key] = entry

    def lookup(self, key: int) -> Route | None:
        """The route of *key*; None: straight on."""
        for mask, entries in self._by_mask.items():
            if (entry := entries.get(key & mask)) is not None:
                return entry.route
        return None


class RoutingTables:
    """Tables of all chips of *torus* for *multicasts*.

    chip_of: by PE, the chip it is on. :raises RoutingTableError: one has more than *max_entries*.
    """

    def __init__(
        self,
        torus: Torus,
        chip_of: Sequence[int],
        multicasts: Iterable[Multicast],
        max_entries: int,
    ) -> None:
        self.multicasts = tuple(dict.fromkeys(multicasts))
        self._torus, self._chip_of = torus, chip_of
        self.keys = dict(zip(self.multicasts, _keys(self.multicasts), strict=True))
        """First key of each multicast, its neuron bits 0."""
        wanted: list[dict[int, Route | None]] = [{} for _ in torus.chips]
        for multicast, key in self.keys.items():
            for chip, route in self._wanted(multicast):
                wanted[chip][key] = route
        self.tables = tuple(RoutingTable(minimised(routes)) for routes in wanted)
        for position, table in zip(torus.chips, self.tables, strict=True):
            if len(table.entries) > max_entries:
                raise RoutingTableError(position, len(table.entries), max_entries)

    def _wanted(self, multicast: Multicast) -> Iterable[tuple[int, Route | None]]:
        """Route on each chip that the packet meets; None where it goes straight on by itself."""
        links: dict[int, set[int]] = {}
        pes: dict[int, set[int]] = {}
        came: dict[int, int] = {}
        start = self._chip_of[multicast.source]
        for target in multicast.targets:
            end = self._chip_of[target]
            if end not in pes:
                chip = start
                for direction in self._torus.path(start, end):
                    links.setdefault(chip, set()).add(direction)
                    chip = self._torus.ahead(chip, direction)
                    came[chip] = direction
            pes.setdefault(end, set()).add(target)
        for chip in dict.fromkeys((*links, *pes)):
            route = Route(frozenset(links.get(chip, ())), frozenset(pes.get(chip, ())))
            straight = chip in came and route == Route(frozenset({came[chip]}), frozenset())
            yield chip, None if straight else route


def _keys(multicasts: Sequence[Multicast]) -> Iterable[int]:
    """A key for each: source in the high bits, then which of its multicasts it is, then zeros."""
    numbers: dict[int, int] = {}
    placed = []
    for multicast in multicasts:
        number = numbers.get(multicast.source, 0)
        numbers[multicast.source] = number + 1
        placed.append((multicast.source, number))
    number_bits = max(max(numbers.values(), default=1) - 1, 0).bit_length()
    source_bits = max(numbers, default=0).bit_length()
    assert source_bits + number_bits <= KEY_BITS, "more multicasts than keys"
    neuron_bits = KEY_BITS - source_bits - number_bits
    return [(source << number_bits | number) << neuron_bits for source, number in placed]


def minimised(routes: Mapping[int, Route | None]) -> list[Entry]:
    """Entries that give each key its route, and match no key whose route is None."""
    keys = sorted(routes)
    found: list[Entry] = []
    # Slices of the keys that agree in all bits above *bit*.
    waiting = [(0, len(keys), KEY_BITS)]
    while waiting:
        first, last, bit = waiting.pop()
        if first == last:
            continue
        slice_routes = {routes[key] for key in keys[first:last]}
        route = routes[keys[first]]
        if len(slice_routes) == 1:
            if route is not None:
                mask = ((1 << KEY_BITS) - 1) >> bit << bit
                found.append(Entry(keys[first] & mask, mask, route))
            continue
        middle = first
        while middle < last and not keys[middle] >> (bit - 1) & 1:
            middle += 1
        waiting += [(middle, last, bit - 1), (first, middle, bit - 1)]
    return _merged(found)


def _merged(entries: list[Entry]) -> list[Entry]:
    """Pairs of one route and mask that differ in one bit become one, until there is none."""
    before = len(entries) + 1
    while len(entries) < before:
        before = len(entries)
        for bit in range(KEY_BITS):
            entries = _merged_by_bit(entries, 1 << bit)
    return entries


def _merged_by_bit(entries: list[Entry], bit: int) -> list[Entry]:
    pairs: dict[tuple[int, int, Route], list[Entry]] = {}
    for entry in entries:
        pairs.setdefault((entry.key & ~bit, entry.mask, entry.route), []).append(entry)
    return [
        pair[0] if len(pair) == 1 else Entry(key, mask & ~bit, route)
        for (key, mask, route), pair in pairs.items()
    ]
