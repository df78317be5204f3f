"""Our own modules, imported once for all trials of an area, and which of them a mutant spoils.

A module that imports a mutated one, directly or through others, holds what the mutant was before;
so a trial forgets these and imports them anew, and takes the others as they are. Imports within
functions find what is there when they are called, and count for nothing.
"""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGES = ("spinn2sim", "firmware_models")


def import_ours(tree: Path) -> None:
    """Import every module of *tree* that can be imported here."""
    sys.path.insert(0, str(tree))
    sys.dont_write_bytecode = True
    for name in _modules(tree):
        if not name.endswith("__main__"):
            try:
                importlib.import_module(name)
            except ImportError:  # what it needs is not installed: its tests are skipped
                continue


def load_kernels() -> None:
    """Run the paper's network for a step or two on each machine, which loads compiled code."""
    from spinn2sim import load_scenario, simulate

    scenario = load_scenario(preset="paper-12pe")
    for timing in ("compiled", "simpy"):
        simulate(scenario, timing=timing)


def dependents(tree: Path, file: str) -> set[str]:
    """The module of *file* and all that import it, of which no two may be mixed."""
    modules = _modules(tree)
    imported = {name: set(_imports(path, modules)) for name, path in modules.items()}
    found, fresh = set(), {_name(file)}
    while fresh:
        found |= fresh
        fresh = {name for name, others in imported.items() if others & fresh} - found
    return found


def forget(names: set[str]) -> None:
    """Have *names* imported anew by whoever asks for them next."""
    for name in names:
        package, _, attribute = name.rpartition(".")
        sys.modules.pop(name, None)
        vars(sys.modules[package]).pop(attribute, None) if package in sys.modules else None


def _modules(tree: Path) -> dict[str, Path]:
    paths = [path for package in PACKAGES for path in sorted((tree / package).rglob("*.py"))]
    return {_name(str(path.relative_to(tree))): path for path in paths}


def _name(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _imports(path: Path, modules: dict[str, Path]) -> Iterator[str]:
    for node in ast.parse(path.read_text()).body:
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom(module=str() as module):
                yield module
                names = (f"{module}.{alias.name}" for alias in node.names)
                yield from (name for name in names if name in modules)
            case _:
                pass
