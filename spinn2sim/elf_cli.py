"""The command ``measure``: cycles of the functions of a compiled firmware."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spinn2sim.command_line import AsJson, print_json, report
from spinn2sim.errors import SpecError

if TYPE_CHECKING:
    from rich.console import Console

    from spinn2sim.arm import (
        Elf,
        HotBlock,
        MeasuredTable,
        Measurement,
        Range,
        RegisterStub,
        Row,
        TimingBand,
    )

#: Shares below this are left out of a list of them.
SMALLEST_SHOWN = 0.005


def measure(
    firmware: Annotated[Path, typer.Argument(metavar="FIRMWARE.elf", help="A linked firmware.")],
    *,
    functions: Annotated[
        str | None,
        typer.Option(
            metavar="NAME,NAME(ARGS)", help="What to call, in this order [default: it declares]."
        ),
    ] = None,
    sizes: Annotated[
        list[str] | None,
        typer.Option(metavar="L=N,I=N,R=N,O=N", help="For its firmware_setup. Repeatable."),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="For its firmware_setup.")] = 1,
    timing: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Knobs that differ from the Cortex-M4F's.")
    ] = None,
    knobs: Annotated[
        list[str] | None,
        typer.Option("--knob", metavar="NAME=N", help="A knob known exactly. Repeatable."),
    ] = None,
    remote: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME|START:SIZE", help="Memory of another PE. Repeatable."),
    ] = None,
    remote_stall: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Cycles per word of it.")
    ] = None,
    registers: Annotated[
        list[str] | None,
        typer.Option(metavar="START:SIZE", help="Memory-mapped registers. Repeatable."),
    ] = None,
    answers: Annotated[
        list[str] | None,
        typer.Option("--answer", metavar="ADDRESS=N,N", help="What a register reads. Repeatable."),
    ] = None,
    max_instructions: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Per call [default: 10,000,000].")
    ] = None,
    each_instruction: Annotated[
        bool,
        typer.Option("--each-instruction", help="Time one by one, not by blocks; slow, to check."),
    ] = False,
    hot: Annotated[int, typer.Option(metavar="N", min=0, help="Hot blocks to show.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Measure the cycles of compiled Cortex-M4F functions in an emulator with a timing model.

    Needs pip install 'spinn2sim[elf]'.

    \b
    spinn2sim measure firmware.elf --sizes L=10,I=80,R=120,O=12 --sizes L=20,I=80,R=20,O=12
    spinn2sim measure firmware.elf --functions 'fill(64), scale(64, 0.5)'
    spinn2sim measure firmware.elf --functions poll --registers 0x40000000:0x100 \
--answer 0x40000010=0,0,1
    spinn2sim measure firmware.elf --functions step --remote weights --remote-stall 4
    """
    from spinn2sim.arm import Machine, load_elf
    from spinn2sim.arm import measure as measure_functions
    from spinn2sim.arm.machine import MAX_INSTRUCTIONS

    elf = load_elf(firmware)
    machine = Machine(
        elf,
        _band(timing, knobs or (), remote_stall),
        mode="instructions" if each_instruction else "edges",
        remote=[_remote(text, elf) for text in remote or ()],
        stubs=_stubs(registers or (), answers or ()),
        max_instructions=max_instructions or MAX_INSTRUCTIONS,
        n_hot_blocks=hot,
    )
    wanted = [_sizes(text) for text in sizes or ()]
    with _working(elf.path):
        table = measure_functions(machine, _calls(functions), wanted, seed=seed)
    if as_json:
        print_json("measure", table.as_dict())
        return
    with report() as console:
        _print(console, table, hot)


def _band(path: Path | None, knobs: Sequence[str], remote_stall: int | None) -> TimingBand:
    from spinn2sim.arm import load_timing

    changes = {}
    if remote_stall is not None:
        changes = {"remote_read": remote_stall, "remote_write": remote_stall}
    for text in knobs:
        name, _, value = text.partition("=")
        changes[name.strip()] = _whole(value, f"--knob {text!r}", "a knob, as branch_refill=1")
    band = load_timing(path)
    return band.with_changes(**changes) if changes else band


def _calls(text: str | None) -> list[str]:
    """The calls in *text*: commas between them, not those between arguments, part it."""
    calls, depth = [""], 0
    for character in text or "":
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            calls.append("")
        else:
            calls[-1] += character
    return [call.strip() for call in calls if call.strip()]


def _sizes(text: str) -> dict[str, int]:
    sizes = {}
    for part in text.split(","):
        symbol, _, value = part.partition("=")
        if symbol.strip() in sizes:
            raise SpecError(f"--sizes {text!r}", (f"{symbol.strip()} comes twice",))
        sizes[symbol.strip()] = _whole(value, f"--sizes {text!r}", "L=10,I=80,R=120,O=12")
    return sizes


def _remote(text: str, elf: Elf) -> Range:
    """The memory that *text* names: a variable, or a start and a size."""
    from spinn2sim.arm import Range

    if ":" in text:
        return _range(text, f"--remote {text!r}")
    variable = elf.variable(text)
    return Range(variable.address, variable.size)


def _stubs(registers: Sequence[str], answers: Sequence[str]) -> list[RegisterStub]:
    from spinn2sim.arm import RegisterStub

    given: dict[int, tuple[int, ...]] = {}
    for text in answers:
        address, _, values = text.partition("=")
        where, example = f"--answer {text!r}", "an address and numbers, as 0x40000010=0,0,1"
        numbers = tuple(_whole(value, where, example) for value in values.split(","))
        given[_whole(address, where, example)] = numbers
    ranges = [_range(text, f"--registers {text!r}") for text in registers]
    stray = [
        address for address in given if not any(each.start <= address < each.end for each in ranges)
    ]
    if stray:
        problem = f"0x{stray[0]:08x} is in no --registers; declare it, as 0x{stray[0]:08x}:4"
        raise SpecError("--answer", (problem,))
    return [RegisterStub(each.start, each.size, _within(each, given)) for each in ranges]


def _within(addresses: Range, given: Mapping[int, Sequence[int]]) -> dict[int, Sequence[int]]:
    return {
        address: values
        for address, values in given.items()
        if addresses.start <= address < addresses.end
    }


def _range(text: str, where: str) -> Range:
    from spinn2sim.arm import Range

    start, _, size = text.partition(":")
    example = "a start and a size, as 0x40000000:0x100"
    found = Range(_whole(start, where, example), _whole(size, where, example))
    if not found.size:
        raise SpecError(where, ("expected one or more bytes",))
    return found


def _whole(text: str, where: str, example: str) -> int:
    try:
        number = int(text, 0)
    except ValueError:
        number = -1
    if not 0 <= number < 2**32:
        raise SpecError(where, (f"expected {example}",))
    return number


def _print(console: Console, table: MeasuredTable, n_hot: int) -> None:
    console.print(f"{table.elf}  sha256 {table.sha256[:16]}", markup=False, soft_wrap=True)
    if table.build:
        console.print(table.build, markup=False, soft_wrap=True)
    console.print(f"timing {table.timing}", markup=False)
    for sizes, rows in _by_sizes(table.rows):
        _print_rows(console, sizes, rows)
    hottest = sorted(
        (block for row in table.rows for block in row.measurement.hot_blocks),
        key=lambda block: -block.cycles.mid,
    )
    for block in hottest[:n_hot]:
        _print_block(console, block)


def _by_sizes(rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    """The rows of each size, with the size in words."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        sizes = ", ".join(f"{symbol} = {number}" for symbol, number in row.sizes.items())
        groups.setdefault(sizes, []).append(row)
    yield from groups.items()


def _print_rows(console: Console, sizes: str, rows: Sequence[Row]) -> None:
    from rich.table import Table

    shown = Table(box=None, pad_edge=False, title=sizes or None, title_justify="left")
    shown.add_column("function")
    for name in ("low", "mid", "high", "instructions"):
        shown.add_column(name, justify="right")
    shown.add_column("largest stall")
    numbers = [(*row.measurement.cycles, row.measurement.n_instructions) for row in rows]
    for row, each in zip(rows, numbers, strict=True):
        found = row.measurement
        shown.add_row(found.function, *_grouped(each), _stalls([found]).partition(",")[0])
    if len(rows) > 1:
        shown.add_row("all", *_grouped(map(sum, zip(*numbers, strict=True))))
    console.print()
    console.print(shown)
    found_all = [row.measurement for row in rows]
    console.print(f"stalls: {_stalls(found_all) or 'none'}", markup=False)
    console.print(f"instructions: {_mix(found_all)}", markup=False)


def _grouped(numbers: Iterable[int]) -> list[str]:
    return [f"{number:,}" for number in numbers]


def _stalls(found: Sequence[Measurement]) -> str:
    """Stalls by cause under the middle timing, as shares of the cycles."""
    lost: Counter[str] = Counter()
    for each in found:
        lost.update({cause: band.mid for cause, band in each.stalls.items()})
    return _shares(lost, sum(each.cycles.mid for each in found))


def _mix(found: Sequence[Measurement]) -> str:
    """Instructions by class, as shares."""
    mix: Counter[str] = Counter()
    for each in found:
        mix.update(each.mix)
    return _shares(mix, mix.total())


def _shares(counts: Counter[str], whole: int) -> str:
    return ", ".join(
        f"{name} {100 * n / whole:.0f} %"
        for name, n in counts.most_common()
        if n > SMALLEST_SHOWN * whole
    )


def _print_block(console: Console, block: HotBlock) -> None:
    from rich.table import Table

    low, mid, high = block.cycles
    console.print(
        f"\nhot block in {block.function}: {block.executions:,} times, {mid:,} cycles "
        f"({low:,} to {high:,})",
        markup=False,
    )
    shown = Table.grid(padding=(0, 2))
    for line in block.lines:
        shown.add_row(f"0x{line.address:08x}", line.text, line.source or "")
    console.print(shown, markup=False)


@contextmanager
def _working(path: str) -> Iterator[None]:
    """A sign of life on standard error, if that is a terminal; gone when the work is done."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(f"measuring {path}"):
        yield
