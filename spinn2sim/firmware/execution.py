"""The programs of an application op by op, without a clock: what they do, not when.

Each program runs until it must wait for another; then the next one runs. What the machine would
decide by time (who is early, whose DMA has come) is decided here by PE number: a race. Without one,
the machine gives every program the same answers, as long as no packet is lost.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Sequence
from itertools import repeat
from typing import Any, NamedTuple

from spinn2sim.errors import DeadlockError, FirmwareError
from spinn2sim.firmware import ops
from spinn2sim.firmware.contract import Runs, start
from spinn2sim.firmware.packets import Packets

#: More ops or time steps than any program comes to.
UNLIMITED = sys.maxsize

#: How far a program came before it had to wait: nowhere, to a barrier, to another op, to its end.
_NOWHERE, _MEETING, _SOMEWHERE, _HALTED = range(4)

#: The ops that most programs consist of.
_OFTEN = ops.Compute, ops.Multicast, ops.WaitTimer, ops.Barrier

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
        max_ops: int = UNLIMITED,
        max_timesteps: int = UNLIMITED,
        may_race: bool = True,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        terms = _Terms(frames, max_ops, max_timesteps, may_race)
        self._packets, self._memory = Packets(len(firmwares)), _Memory(len(firmwares), terms)
        self._pes = [
            _PE(pe, terms, self._packets, self._memory, progress if pe == 0 else None)
            for pe in range(len(firmwares))
        ]
        programs = [start(firmware, pe) for pe, firmware in enumerate(firmwares)]
        self._steps = [
            pe.run(program, note).send
            for pe, program, note in zip(self._pes, programs, notes, strict=True)
        ]

    def run(self) -> None:
        """Run all programs to their ends.

        :raises DeadlockError: all that have not ended wait for each other.
        :raises Endless: one never ends.
        :raises Race: there is one, and there may not.
        """
        running, n_met = self._steps, 0
        answers: Iterable[ops.Inbox | None] = repeat(None)
        while running:
            came = [step(answer) for step, answer in zip(running, answers, strict=False)]
            n_met += came.count(_MEETING)
            answers = repeat(None)
            if n_met == len(self._pes):
                answers, n_met = self._packets.take_all(), 0
                self._memory.n_barriers += 1
            elif _HALTED in came:
                running = [step for step, to in zip(running, came, strict=True) if to != _HALTED]
            elif not any(came):
                waiting = tuple((pe.pe, *pe.waits()) for pe in self._pes if not pe.halted)
                raise DeadlockError(waiting, len(self._pes) - len(running), len(self._pes))

    @property
    def n_timesteps(self) -> tuple[int, ...]:
        """Time steps that each program has waited for."""
        return tuple(pe.timestep for pe in self._pes)

    @property
    def words_read(self) -> Sequence[Sequence[int]]:
        """By PE, the words of each variable that it read from a neighbour."""
        return self._memory.words_read


class _Terms(NamedTuple):
    """What holds for all programs."""

    frames: Sequence[ops.Frame]
    max_ops: int
    max_timesteps: int
    may_race: bool

    def race(self, what: str) -> None:
        """An answer may depend on time."""
        if not self.may_race:
            raise Race(what)


class _PE:
    """A program, what it waits for, and what others have left for it."""

    def __init__(
        self,
        pe: int,
        terms: _Terms,
        packets: Packets,
        memory: _Memory,
        progress: Callable[[int], None] | None,
    ) -> None:
        self.pe, self.terms, self.packets, self.memory = pe, terms, packets, memory
        self.op: ops.Op[Any] | None = None
        """What it waits in."""
        self.halted = False
        self.timestep = 0
        self._progress = progress
        self._answer: Any = None

    def run(self, program: ops.Program, note: Note) -> Generator[int, ops.Inbox | None, None]:
        """Run *program*; each time that it has to wait, yield how far it came (``_MEETING``, ...).

        While it waits at a barrier, an inbox that is sent here lets it pass.
        """
        # Looked up once, not for each op.
        compute, multicast, wait_timer, barrier = _OFTEN
        send, (frames, max_ops, max_timesteps, _) = program.send, self.terms
        hand_over, sign = self.packets.multicasts.append, self.packets.senders.append
        number, progress = self.pe, self._progress
        answer: Any = None
        op: Any  # told apart by type(), which is faster than isinstance()
        n_frames, timestep = 0, 0
        while True:
            for _ in repeat(None, max_ops):
                try:
                    op = send(answer)
                except StopIteration:
                    self.halted = True
                    yield _HALTED
                    return
                note(op)
                answer, kind = None, type(op)
                if kind is compute:
                    continue
                if kind is multicast:
                    if op.keys:
                        hand_over(op)
                        sign(number)
                elif kind is wait_timer:
                    answer, timestep = timestep, timestep + 1
                    self.timestep = timestep
                    if timestep > max_timesteps:
                        raise Endless
                    if progress is not None:
                        progress(timestep)
                    break
                elif kind is barrier:
                    self.op, came = op, _MEETING
                    while answer is None:
                        answer, came = (yield came), _NOWHERE
                elif kind is ops.ReadInput and n_frames < len(frames):
                    answer, n_frames = frames[n_frames], n_frames + 1
                else:
                    self.op, came = op, _SOMEWHERE
                    while not self._execute(op):
                        yield came
                        came = _NOWHERE
                    answer, self._answer = self._answer, None
            else:
                raise Endless

    def _execute(self, op: ops.Op[Any]) -> bool:
        """Do *op* and set its answer; False if it has to wait."""
        match op:
            case ops.Send(to, key):
                self.packets.send_to(to, key)
            case ops.ReadInput():
                return False
            case ops.Receive(n_packets):
                if self.packets.n_waiting(self.pe) < n_packets:
                    return False
                self.terms.race(f"PE {self.pe} takes packets in the order of their arrival")
                self._answer = self.packets.take(self.pe, n_packets)
            case ops.DmaWrite():
                self.memory.begin(self.pe, op)
            case ops.WaitDma():
                self.memory.complete(self.pe)
            case ops.DramWrite() | ops.DramRead():
                if not self.terms.may_race:
                    raise UsesDram(f"PE {self.pe} uses DRAM, which is for the SimPy machine")
                self.memory.stream(self.pe, op)
            case ops.TakeDma(name):
                self._answer = self.memory.take(self.pe, name)
            case ops.Share(name, payload, n_words):
                self.memory.share(self.pe, name, payload, n_words)
            case ops.ReadNeighbour(neighbour, name):
                self._answer = self.memory.read(self.pe, neighbour, name)
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
                missing = n_packets - self.packets.n_waiting(self.pe)
                return "receive", 0.0, f"{missing} more packets"
            case _:
                return "read_input", 0.0, "input after its end"


class _Memory:
    """What PEs write into each other's SRAM and share with their neighbours.

    Two PEs that use one variable without a barrier between them depend on time, if one writes.
    """

    def __init__(self, n_pe: int, terms: _Terms) -> None:
        self._terms = terms
        self.n_barriers = 0
        """That all have passed."""
        self.words_read: list[list[int]] = [[] for _ in range(n_pe)]
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
        if self._taken.get((write.to, write.name)) == self.n_barriers:
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
            self._written[write.to, write.name][pe] = self.n_barriers, write.payload

    def take(self, pe: int, name: str) -> dict[int, Any]:
        """What others have written under *name* into the SRAM of *pe*, by PE."""
        now, written = self.n_barriers, self._written.pop((pe, name), {})
        self._taken[pe, name] = now
        under_way = (write for writes in self._open.values() for write in writes)
        # Looked for only if it is forbidden: there may be thousands under way.
        if not self._terms.may_race and (
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
        self._shared[pe, name] = self.n_barriers, payload, n_words
        if self._read.get((pe, name)) == self.n_barriers:
            self._race("sharing", pe, name)

    def read(self, pe: int, neighbour: int, name: str) -> Any:
        """What *neighbour* shares under *name*."""
        place = neighbour, name
        if place not in self._shared:
            problem = f"PE {neighbour} shares no {name!r}"
            raise FirmwareError(pe, problem, "share it before a barrier")
        when, payload, n_words = self._shared[place]
        self._read[place] = self.n_barriers
        if when == self.n_barriers:
            self._race("sharing", neighbour, name)
        self.words_read[pe].append(n_words)
        return payload

    def _race(self, what: str, pe: int, name: str) -> None:
        self._terms.race(f"no barrier between {what} and a use of {name!r} of PE {pe}")
