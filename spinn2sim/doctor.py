"""What is installed, what is missing, and how to get it.

What is needed comes from the metadata of the installed package, so that it is said in one place,
``pyproject.toml``.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Literal, NamedTuple

from spinn2sim import __version__

OLDEST_PYTHON = (3, 11)

#: What each extra is for; those of developers are left out.
EXTRAS: Mapping[str, str] = {
    "report": "HTML reports, VCD files",
    "sweep": "sweeps on several workers, searches",
    "elf": "measuring compiled firmware",
    "speech": "synthetic speech without Debian's espeak-ng",
    "neo": "spikes as Neo SpikeTrains",
    "nir": "networks from NIR files",
    "docs": "building the documentation",
}

#: Programs that something can do with, what that is, and Debian's package.
PROGRAMS: Mapping[str, tuple[str, str]] = {
    "espeak-ng": ("synthetic speech: data synth", "espeak-ng"),
    "chromium": ("looking at reports in the tests", "chromium"),
    "arm-none-eabi-gcc": ("compiling the firmware in C", "gcc-arm-none-eabi"),
}

#: Compiled functions are kept beside their sources; this is one of the folders.
KERNELS = Path(__file__).parent / "hw" / "noc"

FEATURES = Path("~/.cache/spinn2sim")


class Finding(NamedTuple):
    """One thing that was looked for."""

    name: str
    state: Literal["ok", "absent", "broken"]
    """absent: something optional is not there; broken: without it spinn2sim does not work well."""
    found: str
    """The version or place, or what is the matter."""
    remedy: str = ""


class Requirement(NamedTuple):
    """A library that ``pyproject.toml`` names."""

    library: str
    oldest: tuple[int, ...]
    extra: str | None

    def installed(self) -> str | None:
        """Its version; None if it is not installed."""
        try:
            return version(self.library)
        except PackageNotFoundError:
            return None

    def is_met(self) -> bool:
        """Whether it is installed and not too old."""
        found = self.installed()
        return found is not None and _numbers(found) >= self.oldest

    def __str__(self) -> str:
        found = self.installed()
        if found is None:
            return f"no {self.library}"
        wanted = "" if self.is_met() else f" (too old: {'.'.join(map(str, self.oldest))} is needed)"
        return f"{self.library} {found}{wanted}"


def examine() -> list[Finding]:
    """Everything that was looked for, what is needed first."""
    needed = requirements()
    return [
        _python(),
        Finding("cores", "ok", str(os.cpu_count())),
        *_needed(needed),
        _compiled_functions(),
        _writable("feature cache", FEATURES.expanduser(), "make it writable"),
        *_extras(needed),
        *_programs(),
    ]


def requirements() -> list[Requirement]:
    """What the installed package needs, always and by extra; empty if it is not installed."""
    try:
        lines = requires("spinn2sim") or []
    except PackageNotFoundError:
        return []
    return [_requirement(line) for line in lines]


def is_well(findings: Sequence[Finding]) -> bool:
    """Whether nothing that is needed is missing."""
    return all(finding.state != "broken" for finding in findings)


def _requirement(line: str) -> Requirement:
    """*line* as the metadata of a package has it: ``jinja2>=3.1; extra == 'report'``."""
    name, oldest = re.match(r"([\w.-]+)[^;]*?(?:>=\s*([\d.]+))?\s*(?:;|$)", line).groups()  # type: ignore[union-attr]  # metadata has this form
    extra = re.search(r"extra == ['\"](\w+)['\"]", line)
    return Requirement(name, _numbers(oldest or "0"), extra[1] if extra else None)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text)[:3])


def _python() -> Finding:
    found = f"{platform.python_version()}; spinn2sim {__version__} in {Path(__file__).parent}"
    if _numbers(platform.python_version()) >= OLDEST_PYTHON:
        return Finding("Python", "ok", found)
    return Finding("Python", "broken", found, "install Python 3.11 or later")


def _needed(needed: Sequence[Requirement]) -> Iterator[Finding]:
    always = [each for each in needed if each.extra is None]
    if not always:
        yield Finding("libraries", "broken", "spinn2sim is not installed", "pip install spinn2sim")
    for each in always:
        if each.is_met():
            yield Finding(each.library, "ok", each.installed() or "")
        else:
            yield Finding(each.library, "broken", str(each), "pip install spinn2sim")


def _compiled_functions() -> Finding:
    """Where numba keeps what it compiles: the first of these places that can be written."""
    own = os.environ.get("NUMBA_CACHE_DIR")
    places = [Path(own)] if own else [KERNELS / "__pycache__", Path("~/.cache").expanduser()]
    for place in places:
        if _can_be_written(place):
            return Finding("compiled functions", "ok", f"kept in {place}")
    problem = "cannot be kept: each process compiles for about a minute"
    return Finding("compiled functions", "broken", problem, "set NUMBA_CACHE_DIR to a folder")


def _writable(name: str, place: Path, remedy: str) -> Finding:
    if _can_be_written(place):
        return Finding(name, "ok", str(place))
    return Finding(name, "absent", f"{place} cannot be written", remedy)


def _can_be_written(place: Path) -> bool:
    """Whether *place* is a folder that can be written, or could be made."""
    while not place.exists():
        place = place.parent
    return place.is_dir() and os.access(place, os.W_OK | os.X_OK)


def _extras(needed: Sequence[Requirement]) -> Iterator[Finding]:
    for extra, purpose in EXTRAS.items():
        libraries = [each for each in needed if each.extra == extra]
        if not libraries:
            continue
        found = ", ".join(map(str, libraries))
        if all(each.is_met() for each in libraries):
            yield Finding(f"extra {extra}", "ok", found)
        else:
            remedy = f"for {purpose}: pip install 'spinn2sim[{extra}]'"
            yield Finding(f"extra {extra}", "absent", found, remedy)


def _programs() -> Iterator[Finding]:
    for program, (purpose, package) in PROGRAMS.items():
        place = shutil.which(program)
        if place:
            yield Finding(program, "ok", place)
        else:
            remedy = f"for {purpose}: apt-get install {package}"
            yield Finding(program, "absent", "not on the path", remedy)
