"""Errors that teach: what is wrong, with which value, against which limit, and what would help.

SimPy rebuilds an exception that crosses a process boundary as ``type(e)(*e.args)``, so every error
keeps its fields, positionally, in ``args`` and puts its prose in ``__str__``.
"""

from __future__ import annotations

from typing import Any, ClassVar


class Spinn2SimError(Exception):
    """Base of every error a user can cause. The command line prints it as one message, exit 2.

    A subclass names its positional fields in ``fields`` and writes its message over them.
    """

    fields: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *values: Any) -> None:
        assert len(values) == len(self.fields), (type(self).__name__, self.fields, values)
        super().__init__(*values)
        for name, value in zip(self.fields, values, strict=True):
            setattr(self, name, value)

    def __getattr__(self, name: str) -> Any:
        """Only to tell type checkers that the names in ``fields`` exist."""
        raise AttributeError(name)


class SpecError(Spinn2SimError):
    """A scenario, preset, parameter or override that cannot be used."""

    fields = ("where", "problems")

    def __str__(self) -> str:
        head, *rest = self.problems
        return "\n".join([f"{self.where}: {head}", *(f"{self.where}: {line}" for line in rest)])


class MissingFileError(Spinn2SimError):
    """A file or folder that the user named is not there."""

    fields = ("what", "path", "remedy")

    def __str__(self) -> str:
        return f"{self.what} not found: {self.path or repr('')}; {self.remedy}"


class TimebaseError(Spinn2SimError):
    """Clocks with so small a common factor that exact ticks overflow."""

    fields = ("rates", "hz", "limit")

    def __str__(self) -> str:
        rates = ", ".join(f"{rate} Hz" for rate in self.rates)
        return (
            f"clocks {rates} have a least common multiple of {self.hz:.3g} Hz, above the limit of "
            f"{self.limit:.0e} Hz for exact time; use rates in whole kHz or MHz"
        )


class SramOverflowError(Spinn2SimError):
    """A firmware allocates more than the SRAM of its PE holds. ``remedy`` says what would fit."""

    fields = ("pe", "region", "needed", "capacity", "remedy")

    def __str__(self) -> str:
        return (
            f"PE {self.pe}: {self.needed:,} B do not fit in {self.capacity:,} B of {self.region} "
            f"SRAM; {self.remedy}"
        )


class PlacementError(Spinn2SimError):
    """More PEs are asked for than the chip has."""

    fields = ("wanted", "available", "chip")

    def __str__(self) -> str:
        return (
            f"n_pe: {self.wanted} PEs do not fit on chip {self.chip!r}, which has "
            f"{self.available}; use 1 to {self.available} PEs or a larger chip"
        )


class RoutingTableError(Spinn2SimError):
    """The multicasts through a chip need more entries than its event router has."""

    fields = ("chip", "needed", "capacity")

    def __str__(self) -> str:
        x, y = self.chip
        return (
            f"chip ({x},{y}): {self.needed:,} routing entries do not fit in the {self.capacity:,} "
            f"of its event router; send to fewer groups of PEs, place groups on whole chips, or "
            f"set chip.noc.multicast=tree"
        )


class FirmwareNotFoundError(Spinn2SimError):
    """``firmware: package.module:Class`` does not lead to a class."""

    fields = ("path", "reason")

    def __str__(self) -> str:
        return f"firmware: cannot load {self.path!r}: {self.reason}"


class FirmwareError(Spinn2SimError):
    """A firmware asks its PE for something that PE cannot do."""

    fields = ("pe", "problem", "remedy")

    def __str__(self) -> str:
        return f"PE {self.pe}: {self.problem}; {self.remedy}"


class DeadlockError(Spinn2SimError):
    """Nothing can happen any more and programs are not done: who waits for what, since when.

    ``waiting`` holds (pe, op, seconds since when, what is missing).
    """

    fields: ClassVar[tuple[str, ...]] = ("waiting", "n_halted", "n_pe")

    def __str__(self) -> str:
        waiting = self.waiting
        if len(waiting) > 8:  # Those who keep the others waiting are named first.
            waiting = sorted(waiting, key=lambda each: (each[1] == "barrier", each[2]))
        lines = [
            f"  PE {pe} waits in {op} since {since * 1e3:.6f} ms: {missing}"
            for pe, op, since, missing in waiting[:8]
        ]
        if len(self.waiting) > 8:
            lines.append(f"  ... and {len(self.waiting) - 8} more PEs")
        head = (
            f"deadlock: {len(self.waiting)} of {self.n_pe} PEs wait for ever "
            f"({self.n_halted} halted)"
        )
        return "\n".join([head, *lines])


class DroppedFlagsError(DeadlockError):
    """As a deadlock, of PEs that wait for packets which the network has dropped.

    ``drops`` says where, by which rule, and what would help.
    """

    fields = (*DeadlockError.fields, "drops")

    def __str__(self) -> str:
        return f"{super().__str__()}\n  {self.drops}"


class StarvationError(Spinn2SimError):
    """Time or ops run on but a program makes no progress."""

    fields = ("pe", "timestep", "doing", "remedy")

    def __str__(self) -> str:
        return (
            f"PE {self.pe} makes no progress after timestep {self.timestep}: {self.doing}; "
            f"{self.remedy}"
        )


class OverrunError(Spinn2SimError):
    """In strict mode, a time step that ends after its deadline."""

    fields = ("pe", "timestep", "late_cycles", "label")

    def __str__(self) -> str:
        return (
            f"strict: timer tick overran on PE {self.pe} in timestep {self.timestep} by "
            f"{self.late_cycles:,} cycles (in {self.label}); lower the load, raise the clock, or "
            f"run without strict to have overruns counted"
        )


class LostPacketError(Spinn2SimError):
    """In strict mode, a packet that a full receive FIFO dropped or overwrote."""

    fields = ("pe", "n_lost", "policy", "depth")

    def __str__(self) -> str:
        return (
            f"strict: the receive FIFO of PE {self.pe} ({self.depth} events, policy "
            f"{self.policy}) lost {self.n_lost} packets; raise chip.comms.fifo_events or use the "
            f"policy stall"
        )


class StrictFaultError(Spinn2SimError):
    """In strict mode, a fault of the scenario that a run without strict survives."""

    fields = ("where", "fault")

    def __str__(self) -> str:
        return (
            f"strict: {self.where}: {self.fault}; leave it out of faults, or run without strict "
            f"to have it counted"
        )


class NetworkLossError(Spinn2SimError):
    """In strict mode, packets that the network did not deliver; the first after *seconds*."""

    fields = ("n_lost", "link", "how", "seconds")

    def __str__(self) -> str:
        return (
            f"strict: {self.n_lost:,} deliveries failed in the network; the first packet was "
            f"{self.how}, at {self.link!r}, {self.seconds * 1e3:.6f} ms after the start; send less "
            f"at a time, allow longer waits (chip.event_router.drop_cycles, board.drop_cycles), or "
            f"see to the faults of the scenario"
        )


class AudioError(Spinn2SimError):
    """An audio file that cannot be used."""

    fields = ("path", "problem")

    def __str__(self) -> str:
        return f"audio file {self.path}: {self.problem}"


class WorkloadError(Spinn2SimError):
    """Input data that the network cannot take."""

    fields = ("what", "problem")

    def __str__(self) -> str:
        return f"workload {self.what}: {self.problem}"


class TraceFileError(Spinn2SimError):
    """A saved trace or run folder that cannot be read."""

    fields = ("path", "problem")

    def __str__(self) -> str:
        return f"trace {self.path}: {self.problem}"


class RunFolderError(Spinn2SimError):
    """A run folder that would be overwritten."""

    fields = ("path",)

    def __str__(self) -> str:
        return f"run folder {self.path} exists; choose another --out or pass --force to replace it"


class OutputError(Spinn2SimError):
    """A run folder or report that cannot be written."""

    fields = ("path", "problem", "remedy")

    def __str__(self) -> str:
        return f"output {self.path}: {self.problem}; {self.remedy}"


class DivergenceError(Spinn2SimError):
    """The network's numbers left the range in which they mean anything."""

    fields = ("where", "problem", "remedy")

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}; {self.remedy}"


class WeightsError(Spinn2SimError):
    """Weights or learning state that do not belong to the network which should take them."""

    fields = ("name", "problem")

    def __str__(self) -> str:
        return f"weights {self.name}: {self.problem}; use a checkpoint of the same network"


class CheckpointError(Spinn2SimError):
    """A checkpoint of a training run that cannot be used."""

    fields = ("path", "problem", "remedy")

    def __str__(self) -> str:
        return f"checkpoint {self.path}: {self.problem}; {self.remedy}"


class ProcessLostError(Spinn2SimError):
    """A process that trained one of several seeds has ended without a word."""

    fields = ("seed", "exit_code")

    def __str__(self) -> str:
        return (
            f"seed {self.seed}: its process ended with exit code {self.exit_code} (-9 is often too "
            f"little memory); go on with --resume and fewer --workers"
        )


class MissingExtraError(Spinn2SimError):
    """A command needs a library that is installed only on request."""

    fields = ("what", "library", "extra")

    def __str__(self) -> str:
        return f"{self.what} needs {self.library}: pip install 'spinn2sim[{self.extra}]'"


class StoreError(Spinn2SimError):
    """Kept points or a sweep folder that cannot be read."""

    fields = ("path", "problem", "remedy")

    def __str__(self) -> str:
        return f"sweep data {self.path}: {self.problem}; {self.remedy}"


class WorkersError(Spinn2SimError):
    """Computers that cannot work on a sweep, or do not any more."""

    fields = ("where", "problem", "remedy")

    def __str__(self) -> str:
        return f"workers {self.where}: {self.problem}; {self.remedy}"


class ElfError(Spinn2SimError):
    """A firmware file that is no ELF for a Cortex-M4F, or a damaged one."""

    fields = ("path", "problem", "remedy")

    def __str__(self) -> str:
        return f"ELF {self.path}: {self.problem}; {self.remedy}"


class SymbolError(Spinn2SimError):
    """A function or variable that cannot be found in a firmware."""

    fields = ("path", "symbol", "problem", "remedy")

    def __str__(self) -> str:
        return f"ELF {self.path}: {self.symbol!r} {self.problem}; {self.remedy}"


class EmulationError(Spinn2SimError):
    """A function of a firmware that cannot be run to its end."""

    fields = ("function", "problem", "remedy")

    def __str__(self) -> str:
        return f"function {self.function!r} {self.problem}; {self.remedy}"
