"""The ops: everything an ARM core may ask of its PE.

A firmware is a generator of ops. An op is a frozen value that says what to do and, where the core
works, how many cycles that costs; it knows nothing of SimPy. ``yield from op`` evaluates to the
op's typed answer::

    timestep = yield from pe.wait_timer()
    yield from pe.compute("e_prop", cycles)

Each class says what is asked, what is answered, and when the core goes on.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from spinn2sim.errors import FirmwareError
from spinn2sim.firmware.levels import Policy

R = TypeVar("R")

#: Bits of a multicast packet's key.
KEY_BITS = 32

Every: TypeAlias = Literal["step", "sample"]


class Op(Generic[R]):
    """A request to the PE whose answer has type ``R``."""

    __slots__ = ()

    def __iter__(self) -> Generator[Op[Any], Any, R]:
        answer: R = yield self
        return answer


class SilentOp(Op[None]):
    """An op without an answer: ``yield op`` will do, and is faster than ``yield from op``."""

    __slots__ = ()

    def __iter__(self) -> Iterator[Op[Any]]:  # type: ignore[override]  # enough for `yield from`
        return iter((self,))


Program: TypeAlias = Generator[Op[Any], Any, None]


class Charge(NamedTuple):
    """Cycles of the core under a label; a dotted label is a part of the function before the dot.

    ``every`` says whether the work belongs to a time step or comes once per sample, so that a
    profile of the step is not blurred by work that only the last one carries.
    """

    label: str
    cycles: int
    every: Every = "step"


class Frame(NamedTuple):
    """What the host streams for one time step: the inputs, and the class its sample has."""

    values: NDArray[np.float32]
    """(n_in,)"""
    target: int


class Inbox(NamedTuple):
    """Multicast packets taken from the receive FIFO, in order of key: arrival order is hidden."""

    keys: NDArray[np.int64]
    """(n_packets,) ascending"""
    payloads: Mapping[int, tuple[float, ...]]
    """Payload words by key, for the packets that carry any."""


NO_PAYLOADS: Mapping[int, tuple[float, ...]] = {}
EMPTY_INBOX = Inbox(np.empty(0, np.int64), NO_PAYLOADS)


def make_inbox(
    pe: int, keys: NDArray[np.int64], payloads: Sequence[tuple[int, tuple[float, ...]]]
) -> Inbox:
    """What PE *pe* gets to see of packets with *keys*, of which some carry *payloads*, by key.

    :raises FirmwareError: two payloads have one key, so that arrival order would show.
    """
    by_key = dict(payloads)
    if len(by_key) != len(payloads):
        twice = next(key for key, _ in payloads if sum(key == k for k, _ in payloads) > 1)
        problem = f"two packets with key {twice} bring a payload"
        raise FirmwareError(pe, problem, "give every packet with a payload a key of its own")
    return Inbox(np.sort(keys), by_key)


@dataclass(frozen=True, slots=True)
class Compute(SilentOp):
    """Keep the core busy for the cycles of *charges*, one after the other."""

    charges: tuple[Charge, ...]
    cycles: int = field(init=False)
    """Their sum."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "cycles", int(sum(charge.cycles for charge in self.charges)))


@dataclass(frozen=True, slots=True)
class WaitTimer(Op[int]):
    """Sleep until the next timer interrupt; answers the time step that it opens.

    Latched: a core that comes late finds the interrupt pending and goes on at once.
    """


@dataclass(frozen=True, slots=True)
class ReadInput(Op[Frame]):
    """Take the next time step from the ping-pong buffer; waits while the host is late."""


@dataclass(frozen=True, slots=True)
class Multicast(SilentOp):
    """Hand one packet per key to Comms, for every other PE of the application (maybe none).

    ``payloads`` is empty or holds the float32 words of each packet, as many as a packet carries.
    The core does not wait. A packet without payload is a spike, and the trace notes it as one.
    """

    keys: tuple[int, ...]
    payloads: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Send(SilentOp):
    """Hand one packet with *key*, without payload, to Comms for PE *to* alone.

    The core does not wait. The packet is no spike, and ``Receive`` takes it like any other.
    """

    to: int
    key: int


@dataclass(frozen=True, slots=True)
class Barrier(Op[Inbox]):
    """Raise the sync flag and wait for those of all PEs.

    Answers the packets that the others sent before their own flag, and no later ones: the barrier's
    parity bit in each packet tells them apart, so a fast neighbour cannot change the answer.

    *lookahead* is a promise that lets the simulator run faster and changes no result: for as many
    cycles after the barrier the core works, logs or waits for the timer, and no more.
    """

    lookahead: int = 0


@dataclass(frozen=True, slots=True)
class Receive(Op[Inbox]):
    """Wait until *n_packets* are in the receive FIFO and take exactly those, oldest first."""

    n_packets: int


@dataclass(frozen=True, slots=True)
class DmaWrite(Op[None]):
    """Start a DMA of *n_bytes* into the SRAM of PE *to*; the core pays the set-up and goes on.

    What it carries counts as written when the sender has waited for its completion. The payload is
    not copied: like every payload, it must not be changed once it is handed over.
    """

    to: int
    name: str
    payload: Any
    n_bytes: int


@dataclass(frozen=True, slots=True)
class WaitDma(Op[None]):
    """Wait for the completion interrupt of every DMA this core has started."""


@dataclass(frozen=True, slots=True)
class TakeDma(Op[Mapping[int, Any]]):
    """Take what DMA has written here under *name*: payloads by source PE, in order of PE."""

    name: str


@dataclass(frozen=True, slots=True)
class DramWrite(Op[None]):
    """Start a DMA of *n_bytes* from the own SRAM to DRAM; the core pays the set-up and goes on.

    What a PE keeps in DRAM is its own, by name. ``WaitDma`` waits for this, too. The payload is not
    copied.
    """

    name: str
    payload: Any
    n_bytes: int


@dataclass(frozen=True, slots=True)
class DramRead(Op[None]):
    """Start a DMA of what this PE keeps in DRAM under *name* to its SRAM; the core goes on.

    After ``WaitDma``, ``TakeDma`` answers it, as written by this PE. Blocks move one after the
    other in the order in which they are started.
    """

    name: str


@dataclass(frozen=True, slots=True)
class Share(Op[None]):
    """Leave *payload* of *n_words* in the own SRAM, under *name*, for neighbours to read."""

    name: str
    payload: Any
    n_words: int


@dataclass(frozen=True, slots=True)
class ReadNeighbour(Op[Any]):
    """Read what PE *neighbour* of the same QPE shares under *name*, word by word."""

    neighbour: int
    name: str


@dataclass(frozen=True, slots=True)
class SetLevel(SilentOp):
    """Switch to performance level number *level*, and stay there until told otherwise.

    The core stops for the time of the switch, and goes on at the new clock; at the level that it
    has already, at once. No policy chooses any more. What a DMA was asked for before keeps its
    pace.
    """

    level: int


@dataclass(frozen=True, slots=True)
class ChoosePolicy(SilentOp):
    """Leave the level to *policy* from the end of this time step on; takes no time."""

    policy: Policy


@dataclass(frozen=True, slots=True)
class Log(SilentOp):
    """Note a figure for the host's log. Instrumentation: costs no time."""

    name: str
    value: float
