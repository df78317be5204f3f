"""The version of the code that an answer comes from: a digest of the files it can pass through.

These are the modules that the fidelities import, and what those import, the embedded speech, all
files of the firmware's package, and the versions of the libraries that calculate. Reports and
commands that only show answers are not among them, so that work on these keeps points valid.
"""

from __future__ import annotations

import ast
import hashlib
import platform
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path

import spinn2sim.validated
from spinn2sim import __version__
from spinn2sim.elaboration import load_firmware

#: Where the folder of the package ``spinn2sim`` is.
ROOT = Path(spinn2sim.validated.__file__).parents[1]

#: What workers call.
ENTRY = "spinn2sim.explore.point"

#: Data that comes with the package and is heard.
SPEECH = ROOT / "spinn2sim" / "workload" / "speech"

#: Libraries whose version may change the last bit of an answer.
LIBRARIES = ("numpy", "numba")


@cache
def code_version(firmware: str) -> str:
    """Version and digest for points that run *firmware*.

    :raises FirmwareNotFoundError: it cannot be loaded.
    """
    sha = hashlib.sha256(platform.python_version().encode())
    sha.update(repr([version(library) for library in LIBRARIES]).encode())
    for path in (*_modules(ENTRY), *_files(SPEECH), *_firmware_files(firmware)):
        sha.update(f"{path.name}\n".encode())
        sha.update(path.read_bytes())
    return f"{__version__}+{sha.hexdigest()[:16]}"


def _modules(entry: str) -> Iterable[Path]:
    """The files of this package that *entry* imports, at whatever remove, and its own."""
    found: dict[Path, None] = {}
    waiting = [entry]
    while waiting:
        for path in _paths(waiting.pop()):
            if path not in found:
                found[path] = None
                waiting += _imports(path)
    return sorted(found)


def _paths(name: str) -> Iterator[Path]:
    """The files that importing *name*, a module or something in one, reads."""
    parts = name.split(".")
    for n in range(1, len(parts) + 1):
        base = ROOT.joinpath(*parts[:n])
        yield from (
            path for path in (base / "__init__.py", base.with_suffix(".py")) if path.exists()
        )


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        names: list[str] = []
        match node:
            case ast.Import(names=aliases):
                names = [alias.name for alias in aliases]
            case ast.ImportFrom(module=str(module), names=aliases):
                names = [f"{module}.{alias.name}" for alias in aliases]
        yield from (name for name in names if name.partition(".")[0] == "spinn2sim")


def _firmware_files(firmware: str) -> Iterator[Path]:
    """All files of the package in which *firmware* is, or the one file of its module."""
    load_firmware(firmware)
    module = sys.modules[firmware.partition(":")[0]]
    path = Path(str(module.__file__))
    has_package = "." in module.__name__ or path.name == "__init__.py"
    yield from _files(path.parent) if has_package else [path]


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path
