"""The plug between a PE and its firmware: what each side may expect of the other.

Firmware is any class that looks like ``Firmware``; nothing is inherited but its ``Parameters``.
Hardware drives it through the generator that ``main`` returns, and never looks into the arrays.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from spinn2sim.errors import FirmwareError
from spinn2sim.firmware import ops
from spinn2sim.firmware.cost import CostTable
from spinn2sim.firmware.layout import SramLayout
from spinn2sim.firmware.levels import NO_LEVELS, Levels, Policy
from spinn2sim.validated import Validated


class FirmwareParameters(Validated):
    """Base of a firmware's parameters: what a scenario may say under ``parameters:``."""


# Ops without fields: one of each is enough.
_WAIT_TIMER, _READ_INPUT = ops.WaitTimer(), ops.ReadInput()
_BARRIER, _WAIT_DMA = ops.Barrier(), ops.WaitDma()
SEND_NOTHING = ops.Multicast(())

#: Multicasts of one key that a PE keeps, to issue them again.
MOST_LONE = 1_024


@dataclass(frozen=True, slots=True)
class WorkloadShape:
    """What a program may know of the data before it runs."""

    n_samples: int
    n_timesteps: int
    """Time steps of one sample."""
    n_in: int
    n_classes: int


class FarCycles(NamedTuple):
    """Extra cycles of the core for a word in the SRAM of another PE of its QPE."""

    read: int
    write: int


@dataclass(frozen=True, slots=True)
class PEContext:
    """The PE as its firmware sees it: who it is, what it is given, and the ops it may issue.

    What no machine could do is refused when the op is made.

    :raises FirmwareError: such an op.
    """

    pe: int
    n_pe: int
    seed: int
    workload: WorkloadShape
    steps_per_buffer: int
    """Time steps in each half of the ping-pong input buffer."""
    far_cycles: FarCycles | None = None
    """What far memory costs; None where there is no chip, and so no far memory."""
    n_groups: int = 1
    """Groups of PEs that share a mini-batch; ``n_pe`` are those of one group."""
    levels: Levels = NO_LEVELS
    """Performance levels of the PE, and whether its firmware may choose among them."""
    _lone: dict[int, ops.Multicast] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """Multicasts of one key that were made before: a neuron often spikes alone."""

    def compute(self, label: str, cycles: int, every: ops.Every = "step") -> ops.Compute:
        """Work for *cycles* under *label*."""
        return self.compute_all((ops.Charge(label, cycles, every),))

    def compute_all(self, charges: Iterable[ops.Charge]) -> ops.Compute:
        """Work off *charges* in order; the op may be made once and issued again."""
        op = ops.Compute(tuple(charges))
        for label, cycles, _ in op.charges:
            if not isinstance(cycles, int | np.integer) or cycles < 0:
                problem = f"work of {cycles} cycles under {label!r}"
                raise FirmwareError(self.pe, problem, "charge whole cycles, 0 or more")
        return op

    def wait_timer(self) -> ops.WaitTimer:
        """Sleep until the next time step."""
        return _WAIT_TIMER

    def read_input(self) -> ops.ReadInput:
        """Take one time step from the ping-pong buffer."""
        return _READ_INPUT

    def multicast(
        self, keys: Iterable[int], payloads: Sequence[tuple[float, ...]] = ()
    ) -> ops.Multicast:
        """Send one packet per key to all other PEs."""
        whole = tuple(keys.tolist() if isinstance(keys, np.ndarray) else keys)
        if not payloads:
            if not whole:
                return SEND_NOTHING
            if len(whole) == 1 and (op := self._lone.get(int(whole[0]))):
                return op
        for key in whole:
            if type(key) is not int or key >> ops.KEY_BITS:
                whole = self._plain(whole)
                break
        op = ops.Multicast(whole, tuple(payloads))
        if op.payloads:
            if len(op.payloads) != len(whole):
                problem = f"multicast of {len(whole)} keys with {len(op.payloads)} payloads"
                raise FirmwareError(self.pe, problem, "give each packet a payload, or none any")
        elif len(whole) == 1 and len(self._lone) < MOST_LONE:
            self._lone[whole[0]] = op
        return op

    def _plain(self, keys: Iterable[int]) -> tuple[int, ...]:
        """*keys* as integers of Python.

        :raises FirmwareError: one is longer than a key.
        """
        whole = tuple(map(int, keys))
        for key in whole:
            if key >> ops.KEY_BITS:  # below 0, too
                problem = f"multicast of key {key}"
                raise FirmwareError(self.pe, problem, f"use keys of {ops.KEY_BITS} bits")
        return whole

    def send(self, to: int, key: int) -> ops.Send:
        """Send one packet without payload to PE *to* alone."""
        if to == self.pe or not 0 <= to < self.n_pe or key < 0 or key >> ops.KEY_BITS:
            problem = f"packet with key {key} to PE {to}"
            remedy = f"send to another PE of the run, with a key of {ops.KEY_BITS} bits"
            raise FirmwareError(self.pe, problem, remedy)
        return ops.Send(to, key)

    def barrier(self, lookahead: int = 0) -> ops.Barrier:
        """Meet all PEs, and take what they sent before they came.

        A core that only works for the next *lookahead* cycles may say so: the run is faster then.
        """
        if not isinstance(lookahead, int | np.integer) or lookahead < 0:
            problem = f"barrier with a lookahead of {lookahead} cycles"
            raise FirmwareError(self.pe, problem, "promise whole cycles, 0 or more")
        return ops.Barrier(int(lookahead)) if lookahead else _BARRIER

    def receive(self, n_packets: int = 1) -> ops.Receive:
        """Wait for packets outside of any barrier."""
        if n_packets < 0:
            problem = f"receive of {n_packets} packets"
            raise FirmwareError(self.pe, problem, "receive 0 or more")
        return ops.Receive(n_packets)

    def dma_write(self, to: int, name: str, payload: Any, n_bytes: int) -> ops.DmaWrite:
        """Start a DMA to another PE."""
        if to == self.pe or not 0 <= to < self.n_pe or n_bytes < 0:
            problem = f"DMA of {n_bytes:,} B ({name!r}) to PE {to}"
            raise FirmwareError(self.pe, problem, "write 0 B or more to another PE of the run")
        return ops.DmaWrite(to, name, payload, n_bytes)

    def wait_dma(self) -> ops.WaitDma:
        """Wait until every DMA of this PE has completed."""
        return _WAIT_DMA

    def take_dma(self, name: str) -> ops.TakeDma:
        """What other PEs have written here by DMA, by source PE."""
        return ops.TakeDma(name)

    def dram_write(self, name: str, payload: Any, n_bytes: int) -> ops.DramWrite:
        """Start a DMA to DRAM."""
        if n_bytes < 0:
            problem = f"DMA of {n_bytes:,} B ({name!r}) to DRAM"
            raise FirmwareError(self.pe, problem, "write 0 B or more")
        return ops.DramWrite(name, payload, n_bytes)

    def dram_read(self, name: str) -> ops.DramRead:
        """Start a DMA of what this PE has written to DRAM under *name*."""
        return ops.DramRead(name)

    def share(self, name: str, payload: Any, n_words: int) -> ops.Share:
        """Publish a variable to the neighbours in the QPE."""
        if n_words < 0:
            problem = f"share of {name!r} with {n_words} words"
            raise FirmwareError(self.pe, problem, "share 0 words or more")
        return ops.Share(name, payload, n_words)

    def read_neighbour(self, neighbour: int, name: str) -> ops.ReadNeighbour:
        """Read a variable that a neighbour in the QPE shares."""
        if neighbour == self.pe or not 0 <= neighbour < self.n_pe:
            problem = f"read of {name!r} from the SRAM of PE {neighbour}"
            raise FirmwareError(self.pe, problem, "read that of another PE of the run")
        return ops.ReadNeighbour(neighbour, name)

    def set_level(self, level: int | str) -> ops.SetLevel:
        """Switch to performance *level*, by name as '0.5 V' or by number, 0 the slowest, and stay.

        The op may be made once and issued again.
        """
        return ops.SetLevel(self.levels.number(self.pe, level))

    def choose_policy(self, policy: Policy) -> ops.ChoosePolicy:
        """Leave the level to *policy* from the end of this time step on."""
        return ops.ChoosePolicy(self.levels.policy(self.pe, policy))

    def log(self, name: str, value: float) -> ops.Log:
        """Note a figure for the host's log."""
        return ops.Log(name, float(value))


class Firmware(Protocol):
    """What one ARM core runs. Made as ``cls(parameters, context)`` before time starts."""

    Parameters: ClassVar[type[FirmwareParameters]]

    @property
    def layout(self) -> SramLayout:
        """The data SRAM this firmware occupies: the very arrays it has allocated."""

    @property
    def costs(self) -> CostTable | None:
        """The cycle costs that the program charges, for the report; None if it has no table."""

    @property
    def sizes(self) -> Mapping[str, int]:
        """The sizes of this PE, by the symbols of the cost table."""

    def main(self) -> ops.Program:
        """Yield ops until the core halts."""

    def readout(self) -> Mapping[str, NDArray[Any]]:
        """What the host reads out of SRAM when the run is over, by name."""


class FirmwareClass(Protocol):
    """A class whose instances are ``Firmware``."""

    @property
    def Parameters(self) -> type[FirmwareParameters]:  # noqa: N802 - a nested class, by name
        """What a scenario may say under ``parameters:``."""

    def __call__(self, parameters: Any, context: PEContext, /) -> Firmware:
        """Allocate the arrays of the PE that *context* names."""


class Runs(Protocol):
    """What can be run: ``Firmware``, or the part of it that has a program."""

    def main(self) -> ops.Program:
        """Yield ops until the core halts."""


def start(firmware: Runs, pe: int) -> ops.Program:
    """The program of *firmware* on PE *pe*, before its first op.

    :raises FirmwareError: its ``main`` yields nothing, and so is no generator.
    """
    program = firmware.main()
    if not isinstance(program, Generator):
        raise FirmwareError(pe, "main() is no program", "yield at least one op in it")
    return program
