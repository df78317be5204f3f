"""Why a run cannot go on: who waits for what, since when, and where that has gone."""

from __future__ import annotations

from collections.abc import Sequence

from spinn2sim.errors import DeadlockError, DroppedFlagsError
from spinn2sim.hw.faults import FaultyFirmware
from spinn2sim.hw.noc import Network, NocStats
from spinn2sim.hw.pe import PE
from spinn2sim.spec import ChipSpec
from spinn2sim.units import Timebase

#: PEs named in a message about a barrier.
MAX_NAMED = 8


def refuse_deadlock(
    pes: Sequence[PE], noc: Network, n_lost: Sequence[int], stats: NocStats, timebase: Timebase
) -> None:
    """Nothing can happen any more; *n_lost* packets found the receive FIFO of each PE full.

    *stats* are what the network has counted.

    :raises DeadlockError: a program has not ended; DroppedFlagsError, if packets were dropped.
    """
    stuck = [pe for pe in pes if not pe.halted]
    if stuck:
        failed = _failed(stats, timebase)
        waiting = tuple(
            (pe.pe, *_described(pe, pes, noc, n_lost, failed, timebase)) for pe in stuck
        )
        counts = len(pes) - len(stuck), len(pes)
        if drops := _drops(stats, pes[0].spec):
            raise DroppedFlagsError(waiting, *counts, drops)
        raise DeadlockError(waiting, *counts)


def time_of_death(pe: PE) -> int | None:
    """The time step in which *pe* died, if it did."""
    return pe.firmware.died if isinstance(pe.firmware, FaultyFirmware) else None


def _failed(stats: NocStats, timebase: Timebase) -> str:
    """What the network did not deliver; empty if it was nothing."""
    failure = stats.first_failure
    if failure is None:
        return ""
    link, how, tick = failure
    return (
        f"{stats.n_failed_in_network:,} deliveries failed in the network, the first at "
        f"{link.name!r} {timebase.seconds(tick) * 1e3:.6f} ms after the start ({how})"
    )


def _drops(stats: NocStats, spec: ChipSpec) -> str:
    """Where packets were dropped because they could not go on, and what helps; empty: nowhere."""
    at = sorted((link for link in stats.links if link.n_dropped), key=lambda link: -link.n_dropped)
    if not at:
        return ""
    n_dropped = sum(link.n_dropped for link in at)
    named = [f"{link.n_dropped:,} {_place(link.name, spec)}" for link in at[:MAX_NAMED]]
    more = [f"at {len(at) - MAX_NAMED} more links"] if len(at) > MAX_NAMED else []
    rule, instead = "board.drop_cycles", "send fewer packets at once"
    if spec.routed_by is not None:
        rule = f"chip.event_router.drop_cycles = {spec.routed_by.drop_cycles:,} or {rule}"
        instead = "set chip.noc.multicast=tree"
    return (
        f"{n_dropped:,} packets were dropped, which waited for longer than {rule}: "
        f"{', '.join(named + more)}; packets of several chips wait for one another in a circle, "
        f"and patience does not help: keep each barrier on one chip, or {instead}"
    )


def _place(link: str, spec: ChipSpec) -> str:
    """Where a packet waits for *link*: in an event router, or in another one."""
    chip, _, hop = link.rpartition(" ")
    if spec.routed_by and hop.partition("->")[0] in map(_shown, spec.routed_by.positions):
        return f"in the event router of {chip or 'the chip'} before {hop!r}"
    return f"before {link!r}"


def _shown(position: tuple[int, int]) -> str:
    return f"({position[0]},{position[1]})"


def _described(  # noqa: PLR0917 - all that is known when a run is stuck
    pe: PE,
    pes: Sequence[PE],
    noc: Network,
    n_lost: Sequence[int],
    failed: str,
    timebase: Timebase,
) -> tuple[str, float, str]:
    """What *pe* waits in, since which second, and what is missing."""
    waits = pe.waiting
    assert waits is not None, "a PE that waits for nothing goes on"
    missing = waits.missing
    match waits.op:
        case "barrier":
            missing = _absent(pes, pe.comms.n_barriers, failed)
        case "receive":
            more = f"; {failed}" if failed else ""
            missing += f" (its FIFO holds {noc.level(pe.pe)}, {n_lost[pe.pe]} were lost{more})"
        case "wait_dma" if failed:
            missing += f" ({failed})"
    return waits.op, timebase.seconds(waits.since), missing


def _absent(pes: Sequence[PE], n_barriers: int, failed: str) -> str:
    """The PEs that have not come to barrier number *n_barriers*, and what they do instead."""
    absent = [f"PE {pe.pe} ({_doing(pe)})" for pe in pes if not _has_come(pe, n_barriers)]
    if not absent and failed:
        return f"sync flags, all of which were raised; {failed}"
    if not absent:
        return "sync flags behind packets that a full receive FIFO stalls"
    more = [f"{len(absent) - MAX_NAMED} more"] if len(absent) > MAX_NAMED else []
    return f"sync flags of {', '.join(absent[:MAX_NAMED] + more)}"


def _doing(pe: PE) -> str:
    """What a PE does that is not at the barrier."""
    if pe.waiting is not None:
        return f"in {pe.waiting.op}"
    died = time_of_death(pe)
    return "halted" if died is None else f"dead since timestep {died}"


def _has_come(pe: PE, n_barriers: int) -> bool:
    """Whether *pe* has raised its flag for barrier number *n_barriers*."""
    waits = pe.waiting is not None and pe.waiting.op == "barrier"
    return pe.comms.n_barriers + waits > n_barriers
