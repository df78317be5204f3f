"""The tables of the documentation that the sources hold already: they are made, never typed.

    python -m experiments.doc_tables --write
    python -m experiments.doc_tables --check

A table stands between ``<!-- table: NAME -->`` and ``<!-- end -->``. Numbers of the hardware come
with source and range from the presets, their meaning from the spec; ops from their docstrings;
formats of JSON from ``spinn2sim.json_formats``; commands from the command line itself.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, get_args

from typer.main import get_command

from spinn2sim import load_scenario
from spinn2sim.cli import app
from spinn2sim.firmware import PEContext
from spinn2sim.json_formats import FORMATS, Key, name_of
from spinn2sim.report.guesses import shown
from spinn2sim.schemas import summary_keys
from spinn2sim.spec import Provenance, Scenario
from spinn2sim.spec.provenance import HARDWARE
from spinn2sim.validated import Validated

DOCS = Path(__file__).parents[1] / "docs"
PAGES = ("commands", "firmware", "json", "models")

MACHINES = ("fpga-prototype", "spinnaker2")

#: Parts of the hardware with a table of their own; a field belongs to the longest that fits.
PARTS = (
    *("chip", "chip.pe", "chip.pe.sram", "chip.noc", "chip.comms", "chip.dma", "chip.dram"),
    *("host", "power"),
)

Lines = Iterator[str]


def header(*columns: str) -> Lines:
    """The first two lines of a Markdown table."""
    yield row(*columns)
    yield row(*("---" for _ in columns))


def row(*cells: str) -> str:
    """A line of a Markdown table."""
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


# The hardware


@cache
def machine(name: str) -> Scenario:
    """The paper's scenario on the machine *name*."""
    return load_scenario(preset="paper-12pe", machine=name)


def part_of(path: str) -> str:
    """Where the field *path* is told: the longest of PARTS, else its first part."""
    found = [part for part in PARTS if path.startswith(f"{part}.")]
    return max(found, key=len, default=path.partition(".")[0])


def fields_of(part: str) -> list[str]:
    """Paths of the fields that the table of *part* has, in the order of the presets."""
    known = dict.fromkeys(path for name in MACHINES for path in machine(name).provenance)
    return [path for path in known if part_of(path) == part]


def numbers(part: str) -> Lines:
    """Each field of *part*: meaning, value on both machines, source, and what it may be."""
    yield from header("field", "meaning", *MACHINES, "confidence", "source", "may be")
    for path in fields_of(part):
        values = [value_of(machine(name), path) for name in MACHINES]
        told = [machine(name).provenance.get(path) for name in MACHINES]
        sources = list(dict.fromkeys(each.source for each in told if each))
        confidences = list(dict.fromkeys(each.confidence for each in told if each))
        yield row(
            f"`{path.removeprefix(f'{part}.')}`",
            meaning(path),
            *values,
            ", ".join(confidences),
            "; ".join(sources),
            band(told),
        )


def value_of(scenario: Scenario, path: str) -> str:
    """The value of the field *path*, as the scenario file would have it; lists are counted."""
    found: Any = scenario.model_dump(mode="json")
    for key in path.split("."):
        found = found.get(key) if found is not None else None
    if found is None:
        return "none"
    if isinstance(found, list):
        return f"{len(found)} listed"
    return shown(path, found)


def meaning(path: str) -> str:
    """What the spec says of the field *path*."""
    model: type[Any] = Scenario
    *parents, last = path.split(".")
    for key in parents:
        annotation = model.model_fields[key].annotation
        model = next(
            each
            for each in (annotation, *get_args(annotation))  # it may be optional
            if isinstance(each, type) and issubclass(each, Validated)
        )
    return " ".join((model.model_fields[last].description or "").split()).replace("``", "`")


def band(told: Sequence[Provenance | None]) -> str:
    """The range of a guess."""
    ranges = [each.range for each in told if each and each.range]
    return " to ".join(map(str, ranges[0])) if ranges else ""


def confidences() -> Lines:
    """How many fields of each machine are how well known."""
    kinds = ("measured", "published", "derived", "guess")
    yield from header("machine", *kinds)
    for name in MACHINES:
        found = [each.confidence for each in machine(name).provenance.values()]
        yield row(name, *(str(found.count(kind)) for kind in kinds))


def elsewhere() -> Lines:
    """Parts of the hardware that no other table has."""
    others = sorted({part_of(path) for part in HARDWARE for path in fields_of(part)} - set(PARTS))
    assert not others, f"give these parts a table: {others}"
    yield from confidences()


# Firmware, commands, JSON


def ops() -> Lines:
    """Methods of the context of a firmware."""
    yield from header("op", "what it does")
    for name, method in vars(PEContext).items():
        if name.startswith("_") or not inspect.isfunction(method):
            continue
        parameters = [
            f"{each.name}={each.default!r}" if each.default is not each.empty else each.name
            for each in inspect.signature(method).parameters.values()
            if each.name != "self"
        ]
        yield row(f"`{name}({', '.join(parameters)})`", first_sentence(method.__doc__ or ""))


def first_sentence(text: str) -> str:
    """Up to the first full stop that ends a line or is followed by a blank."""
    return re.split(r"(?<=\.)\s", " ".join(text.split()).replace("``", "`"))[0].replace("*", "")


def commands() -> Lines:
    """Every command with what it is for, and the format of its JSON."""
    formats = {
        command: kind for kind, each in FORMATS.items() for command in each.command.split(", ")
    }
    yield from header("command", "what it does", "`--json`")
    for name, command in sorted(leaves(get_command(app), "")):
        kind = formats.get(name)
        help_text = first_sentence(command.help.partition("\b")[0])
        yield row(f"`{name}`", help_text, f"[`{kind}`](json.md#{kind})" if kind else "it is JSON")


def leaves(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """The commands below *command*, called *name*, by their whole name."""
    for part, below in getattr(command, "commands", {}).items():
        whole = f"{name} {part}".strip()
        yield from leaves(below, whole) if hasattr(below, "commands") else [(whole, below)]


def formats() -> Lines:
    """All formats with their keys."""
    for kind, found in FORMATS.items():
        yield f"### {kind}"
        yield ""
        shown = ", ".join(f"`spinn2sim {name}`" for name in found.command.split(", "))
        rest = "; the keys of a summary, and" if found.summary else ""
        yield f"`{name_of(kind)}`, printed by {shown}{rest}"
        yield ""
        yield from keys(found.keys)
        yield ""


def keys(found: Mapping[str, Key]) -> Lines:
    """A table of keys."""
    yield from header("key", "type", "meaning")
    for name, key in found.items():
        absent = " (may be absent)" if key.optional else ""
        yield row(f"`{name}`", key.type, f"{key.meaning}{absent}")


def summary() -> Lines:
    """The keys of a summary."""
    return keys(summary_keys())


TABLES: dict[str, Callable[[], Lines]] = {
    "ops": ops,
    "commands": commands,
    "formats": formats,
    "summary": summary,
    "confidences": elsewhere,
    **{part: (lambda part=part: numbers(part)) for part in PARTS},
}


def with_tables(page: str) -> str:
    """*page* with what each pair of marks holds made anew."""

    def made(mark: re.Match[str]) -> str:
        lines = "\n".join(TABLES[mark[2]]()).rstrip("\n")
        return f"{mark[1]}\n{lines}\n{mark[3]}"

    return re.sub(r"(<!-- table: ([\w.]+) -->)\n.*?(<!-- end -->)", made, page, flags=re.DOTALL)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check; the exit code."""
    parser = argparse.ArgumentParser(description="The tables that the sources hold already.")
    parser.add_argument("--write", action="store_true", help="put the tables into the pages")
    parser.add_argument("--check", action="store_true", help="exit 1 if a page has others")
    given = parser.parse_args(arguments)
    stale = []
    for name in PAGES:
        path = DOCS / f"{name}.md"
        page = path.read_text(encoding="utf-8")
        anew = with_tables(page)
        if given.write:
            path.write_text(anew, encoding="utf-8")
        elif page != anew:
            stale.append(str(path))
    if stale:
        print(f"other tables in {', '.join(stale)}; run with --write", file=sys.stderr)
    return int(bool(stale))


if __name__ == "__main__":
    raise SystemExit(main())
