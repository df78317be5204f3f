"""The programs of an application op by op, without a clock: what they do, not when.

Each program runs until it must wait for another; then the next one runs. What the machine would
decide by time (who is early, whose DMA has come) is decided here by PE number: a race. Without one,
the machine gives every program the same answers, as long as no packet is lost.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from spinn2sim.errors import DeadlockError, FirmwareError
from spinn2sim.firmware import ops
from spinn2sim.firmware.contract import Runs, start

Note = Callable[[ops.Op[Any]], None]

#: Of what a PE of an application writes or shares: PE and name.
Place = tuple[int, str]


class Endless(Exception):  # noqa: N818 - an outcome, not an error
    """A program issues more ops than it may without waiting for the timer, or waits for ever."""


class Race(Exception):  # noqa: N818 - an outcome, not an error
    """The answer of an op may depend on time."""


class UsesDram(Race):
    """Nothing that only a clock could tell, but only the SimPy machine has a clock for it."""


class Execution:
    """The programs of *firmwares*, one per PE, on the input *frames* of consecutive time steps.

    *notes* are called with each op of their PE as it is issued. Without *max_ops*, the most that a
    program may issue in a time step, it has to end by itself; *max_timesteps* it may wait for.
    *progress* is told the time steps that PE 0 has begun.
    """

    def __init__(
        self,
        firmwares: Sequence[Runs],
        frames: Sequence[ops.Frame],
        notes: Sequence[Note],
        *,
        max_ops: float = float("inf"),
        max_timesteps: float = float("inf"),
        may_race: bool = True,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.frames, self.max_ops, self.max_timesteps = frames, max_ops, max_timesteps
        self.may_race, self.progress = may_race, progress
        self.n_barriers = 0
        self.words_read: list[list[int]] = [[] for _ in firmwares]
        """By PE, the words of each variable that it read from a neighbour."""
        self.packets = _Packets(len(firmwares))
        self._memory = _Memory(self)
        self._pes = [
            _PE(self, pe, start(firmware, pe), note, self._memory)
            for pe, (firmware, note) in enumerate(zip(firmwares, notes, strict=True))
        ]

    def run(self) -> None:
        """Run all programs to their ends.

        :raises DeadlockError: all that have not ended wait for each other.
        :raises Endless: one never ends.
        :raises Race: there is one, and there may not.
        """
        while running := [pe for pe in self._pes if not pe.halted]:
            progress = [pe.run() for pe in running]
            if not self._pass_barrier() and not any(progress):
                waiting = tuple((pe.pe, *pe.waits()) for pe in running)
                raise DeadlockError(waiting, len(self._pes) - len(running), len(self._pes))

    @property
    def n_timesteps(self) -> tuple[int, ...]:
        """Time steps that each program has waited for."""
        return tuple(pe.timestep for pe in self._pes)

    def race(self, what: str) -> None:
        """An answer may depend on time."""
        if not self.may_race:
            raise Race(what)

    def _pass_barrier(self) -> bool:
        """Let all PEs pass if all are at the barrier."""
        if not all(type(pe.op) is ops.Barrier for pe in self._pes):
            return False
        self.n_barriers += 1
        for pe, inbox in zip(self._pes, self.packets.take_all(), strict=True):
            pe.answer, pe.op = inbox, None
        return True


class _PE:
    """A program, what it waits for, and what others have left for it."""

    def __init__(
        self, whole: Execution, pe: int, program: ops.Program, note: Note, memory: _Memory
    ) -> None:
        self.whole, self.pe, self.memory = whole, pe, memory
        self._send, self._note = program.send, note
        self.op: ops.Op[Any] | None = None
        """What it waits in."""
        self.answer: Any = None
        self.halted = False
        self.timestep = self._n_frames = self._n_ops = 0

    def run(self) -> bool:
        """Run until the program ends or has to wait; whether it got anywhere."""
        if self.op is not None:
            if not self._execute(self.op):
                return False
            self.op = None
        send, note, frames, packets = self._send, self._note, self.whole.frames, self.whole.packets
        compute, multicast = ops.Compute, ops.Multicast  # looked up once, not for each op
        answer, n_ops, max_ops = self.answer, self._n_ops, self.whole.max_ops
        op: Any  # told apart by type(), which is faster than isinstance()
        self.answer = None
        while True:
            try:
                op = send(answer)
            except StopIteration:
                self.halted = True
                return True
            note(op)
            answer, kind = None, type(op)
            n_ops += 1
            if kind is compute or kind is multicast:
                if n_ops > max_ops:
                    raise Endless
                if kind is multicast and op.keys:
                    packets.send(self.pe, op.keys, op.payloads)
            elif kind is ops.WaitTimer:
                answer, n_ops = self._begin_timestep(), 0
            elif kind is ops.ReadInput and self._n_frames < len(frames):
                answer, self._n_frames = frames[self._n_frames], self._n_frames + 1
            else:
                self._n_ops = n_ops
                if kind is ops.Barrier or not self._execute(op):
                    self.op = op
                    return True
                answer, self.answer = self.answer, None

    def _begin_timestep(self) -> int:
        """The time step that the timer opens."""
        opened, self.timestep = self.timestep, self.timestep + 1
        if self.timestep > self.whole.max_timesteps:
            raise Endless
        if self.pe == 0 and self.whole.progress is not None:
            self.whole.progress(self.timestep)
        return opened

    def _execute(self, op: ops.Op[Any]) -> bool:
        """Do *op* and set its answer; False if it has to wait."""
        self.answer = None
        if self._n_ops > self.whole.max_ops:
            raise Endless
        match op:
            case ops.Send(to, key):
                self.whole.packets.send_to(to, key)
            case ops.Barrier() | ops.ReadInput():
                return False
            case ops.Receive(n_packets):
                if self.whole.packets.n_waiting(self.pe) < n_packets:
                    return False
                self.whole.race(f"PE {self.pe} takes packets in the order of their arrival")
                self.answer = self.whole.packets.take(self.pe, n_packets)
            case ops.DmaWrite():
                self.memory.begin(self.pe, op)
            case ops.WaitDma():
                self.memory.complete(self.pe)
            case ops.DramWrite() | ops.DramRead():
                if not self.whole.may_race:
                    raise UsesDram(f"PE {self.pe} uses DRAM, which is for the SimPy machine")
                self.memory.stream(self.pe, op)
            case ops.TakeDma(name):
                self.answer = self.memory.take(self.pe, name)
            case ops.Share(name, payload, n_words):
                self.memory.share(self.pe, name, payload, n_words)
            case ops.ReadNeighbour(neighbour, name):
                self.answer = self.memory.read(self.pe, neighbour, name)
            case ops.SetLevel() | ops.ChoosePolicy() | ops.Log():
                pass
            case _:
                raise FirmwareError(self.pe, f"{op!r} is not an op", "yield ops of PEContext only")
        return True

    def waits(self) -> tuple[str, float, str]:
        """The op it waits in, since when (there is no time) and what is missing."""
        match self.op:
            case ops.Barrier():
                return "barrier", 0.0, "the sync flags of other PEs"
            case ops.Receive(n_packets):
                missing = n_packets - self.whole.packets.n_waiting(self.pe)
                return "receive", 0.0, f"{missing} more packets"
            case _:
                return "read_input", 0.0, "input after its end"


class _Packets:
    """The packets sent since the last barrier: multicasts for all PEs but their source, and others.

    Packets for one PE alone are taken before multicasts; which are older, only a clock could tell.
    """

    def __init__(self, n_pe: int) -> None:
        self._sources: list[int] = []
        self._keys: list[int] = []
        self._payloads: dict[int, tuple[float, ...]] = {}
        """Of the packets, by place, that bring any."""
        self._n_seen = [0] * n_pe
        """By PE: the packets before have been taken, or are its own."""
        self._alone: defaultdict[int, deque[int]] = defaultdict(deque)
        """By PE: the keys of packets that are for it alone."""

    def send(self, source: int, keys: Sequence[int], payloads: Sequence[tuple[float, ...]]) -> None:
        """A packet for each of *keys*."""
        for place, words in enumerate(payloads, len(self._keys)):
            if words:
                self._payloads[place] = words
        self._sources += [source] * len(keys)
        self._keys += keys

    def send_to(self, pe: int, key: int) -> None:
        """A packet for *pe* alone."""
        self._alone[pe].append(key)

    def n_waiting(self, pe: int) -> int:
        """Packets in the receive FIFO of *pe*."""
        waiting = self._sources[self._n_seen[pe] :]
        return len(waiting) - waiting.count(pe) + len(self._alone[pe])

    def take(self, pe: int, n_packets: int) -> ops.Inbox:
        """The oldest *n_packets* of the receive FIFO of *pe*."""
        alone = [self._alone[pe].popleft() for _ in range(min(n_packets, len(self._alone[pe])))]
        places: list[int] = []
        while len(alone) + len(places) < n_packets:
            place, self._n_seen[pe] = self._n_seen[pe], self._n_seen[pe] + 1
            if self._sources[place] != pe:
                places.append(place)
        keys = np.array(alone + [self._keys[place] for place in places], np.int64)
        return ops.make_inbox(pe, keys, self._brought(places))

    def take_all(self) -> list[ops.Inbox]:
        """All packets that wait, by PE."""
        if any(self._alone.values()):
            return [self.take(pe, self.n_waiting(pe)) for pe in range(len(self._n_seen))]
        if not self._keys:
            return [ops.EMPTY_INBOX] * len(self._n_seen)
        keys, n_pe = np.array(self._keys), len(self._n_seen)
        order = np.argsort(keys, kind="stable")
        # (n_pe, n_packets), packets in order of key: which PE gets which.
        gets = np.array(self._sources)[order] != np.arange(n_pe)[:, None]
        if any(self._n_seen):
            gets &= order >= np.array(self._n_seen)[:, None]
        if self._payloads:
            inboxes = [
                ops.make_inbox(pe, keys[places], self._brought(places.tolist()))
                for pe, places in enumerate(np.sort(order[row]) for row in gets)
            ]
        else:
            taken = np.broadcast_to(keys[order], gets.shape)[gets]
            ends = np.cumsum(gets.sum(axis=1)).tolist()
            inboxes = [
                ops.Inbox(taken[first:end], ops.NO_PAYLOADS)
                for first, end in zip([0, *ends], ends, strict=False)
            ]
        self._sources, self._keys, self._payloads = [], [], {}
        self._n_seen = [0] * n_pe
        return inboxes

    def _brought(self, places: Sequence[int]) -> list[tuple[int, tuple[float, ...]]]:
        return [(self._keys[k], self._payloads[k]) for k in places if k in self._payloads]


class _Memory:
    """What PEs write into each other's SRAM and share with their neighbours.

    Two PEs that use one variable without a barrier between them depend on time, if one writes.
    """

    def __init__(self, whole: Execution) -> None:
        self._whole = whole
        self._open: defaultdict[int, list[ops.DmaWrite]] = defaultdict(list)
        self._written: defaultdict[Place, dict[int, tuple[int, Any]]] = defaultdict(dict)
        self._taken: dict[Place, int] = {}
        self._in_dram: dict[Place, Any] = {}
        self._streamed: defaultdict[int, list[tuple[str, Any]]] = defaultdict(list)
        self._own: dict[Place, Any] = {}
        """What a PE has read from DRAM and not taken yet."""
        self._shared: dict[Place, tuple[int, Any, int]] = {}
        self._read: dict[Place, int] = {}

    def begin(self, pe: int, write: ops.DmaWrite) -> None:
        """*pe* starts a DMA."""
        self._open[pe].append(write)
        if self._taken.get((write.to, write.name)) == self._whole.n_barriers:
            self._race(f"a DMA of PE {pe}", write.to, write.name)

    def stream(self, pe: int, op: ops.DramWrite | ops.DramRead) -> None:
        """*pe* starts a DMA to or from DRAM."""
        if isinstance(op, ops.DramWrite):
            self._in_dram[pe, op.name] = op.payload
        elif (pe, op.name) in self._in_dram:
            self._streamed[pe].append((op.name, self._in_dram[pe, op.name]))
        else:
            raise FirmwareError(pe, f"reads {op.name!r} from DRAM", "write it there first")

    def complete(self, pe: int) -> None:
        """What *pe* has started is written."""
        for name, payload in self._streamed.pop(pe, ()):
            self._own[pe, name] = payload
        for write in self._open.pop(pe, ()):
            self._written[write.to, write.name][pe] = self._whole.n_barriers, write.payload

    def take(self, pe: int, name: str) -> dict[int, Any]:
        """What others have written under *name* into the SRAM of *pe*, by PE."""
        now, written = self._whole.n_barriers, self._written.pop((pe, name), {})
        self._taken[pe, name] = now
        under_way = (write for writes in self._open.values() for write in writes)
        # Looked for only if it is forbidden: there may be thousands under way.
        if not self._whole.may_race and (
            any(when == now for when, _ in written.values())
            or any((write.to, write.name) == (pe, name) for write in under_way)
        ):
            self._race("a DMA", pe, name)
        found = {writer: payload for writer, (_, payload) in written.items()}
        if (pe, name) in self._own:
            found[pe] = self._own.pop((pe, name))
        return dict(sorted(found.items()))

    def share(self, pe: int, name: str, payload: Any, n_words: int) -> None:
        """*pe* lets its neighbours read *payload*."""
        self._shared[pe, name] = self._whole.n_barriers, payload, n_words
        if self._read.get((pe, name)) == self._whole.n_barriers:
            self._race("sharing", pe, name)

    def read(self, pe: int, neighbour: int, name: str) -> Any:
        """What *neighbour* shares under *name*."""
        place = neighbour, name
        if place not in self._shared:
            problem = f"PE {neighbour} shares no {name!r}"
            raise FirmwareError(pe, problem, "share it before a barrier")
        when, payload, n_words = self._shared[place]
        self._read[place] = self._whole.n_barriers
        if when == self._whole.n_barriers:
            self._race("sharing", neighbour, name)
        self._whole.words_read[pe].append(n_words)
        return payload

    def _race(self, what: str, pe: int, name: str) -> None:
        self._whole.race(f"no barrier between {what} and a use of {name!r} of PE {pe}")
