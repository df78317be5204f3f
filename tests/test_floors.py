"""The house holds: who may import whom, and through which door a library comes in.

A file imports floors below its own and its own package; siblings on a floor do not import each
other. A library is imported by the files at its door only. Imports within functions count, too.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("spinn2sim", "firmware_models")
MAX_LINES = 400

FLOORS = (
    (
        "compiled",
        "errors",
        "findings",
        "json_formats",
        "plain_yaml",
        "quantity",
        "units",
        "validated",
    ),
    ("firmware", "spec", "trace", "workload"),
    ("arm", "claims", "costs", "hw", "report"),
    ("elaboration",),
    ("recording",),
    ("rehearsal",),
    ("replay",),
    (
        "conditions",
        "doctor",
        "explore",
        "feasibility",
        "minibatch",
        "nir_graph",
        "run_folder",
        "sensitivity",
        "sim",
        "starting_point",
        "training",
    ),
    ("command_line", "cost_comparison", "pricing", "schemas"),
    (
        "batch_cli",
        "costs_cli",
        "data_cli",
        "doctor_cli",
        "elf_cli",
        "explore_cli",
        "export_cli",
        "network_cli",
        "new_cli",
        "paper_cli",
        "power_cli",
        "report_cli",
        "train_cli",
    ),
    ("cli", "__init__"),
    ("__main__",),
)
FLOOR = {part: floor for floor, parts in enumerate(FLOORS) for part in parts}

#: What imports a sibling: errors are raised everywhere, and a check is a short simulation.
SIBLINGS = {
    ("plain_yaml", "errors"),
    ("units", "errors"),
    ("validated", "errors"),
    ("validated", "findings"),
    ("feasibility", "sim"),
    ("explore", "feasibility"),
    ("explore", "sim"),
    ("explore", "training"),
    ("sensitivity", "explore"),
    ("sensitivity", "feasibility"),
    ("sensitivity", "sim"),
}

DOORS = {
    "capstone": ("spinn2sim/arm/decoding.py",),
    "dask_jobqueue": ("spinn2sim/explore/slurm.py",),
    "distributed": ("spinn2sim/explore/pool.py",),
    "elftools": ("spinn2sim/arm/elf.py",),
    "jinja2": ("spinn2sim/report/html/page.py",),
    "librosa": ("spinn2sim/workload/*.py",),
    "markupsafe": ("spinn2sim/report/html/page.py",),
    "matplotlib": (
        "spinn2sim/report/figures.py",
        "spinn2sim/report/learning.py",
        "spinn2sim/report/boundary.py",
        "spinn2sim/report/publication/*.py",
    ),
    "neo": ("spinn2sim/report/spikes.py",),
    "nir": ("spinn2sim/nir_graph.py",),
    "numba": ("kernels.py",),
    "numpy": ("*.py",),
    "optuna": ("spinn2sim/explore/study.py",),
    "polars": (
        "spinn2sim/report/tables.py",
        "spinn2sim/report/packets.py",
        "spinn2sim/report/parquet.py",
        "spinn2sim/report/sweep.py",
        "spinn2sim/report/html/sweep_page.py",
        "spinn2sim/report/publication/sweep_figures.py",
        "spinn2sim/explore/*.py",
    ),
    "pydantic": (
        "spinn2sim/findings.py",
        "spinn2sim/validated.py",
        "spinn2sim/quantity.py",
        "spinn2sim/spec/*.py",
        "spinn2sim/claims/claim.py",
        "spinn2sim/explore/*.py",
        "spinn2sim/firmware/cost.py",
        "spinn2sim/workload/features.py",
        "firmware_models/*/parameters.py",
        "firmware_models/ping/firmware.py",  # the smallest firmware is one file
    ),
    "pydantic_core": ("spinn2sim/quantity.py",),
    "rich": (
        "spinn2sim/report/*terminal.py",
        "spinn2sim/*cli.py",
        "spinn2sim/command_line.py",
        "spinn2sim/costs/terminal.py",
        "spinn2sim/claims/terminal.py",
    ),
    "scipy": ("spinn2sim/costs/fitting.py",),
    "simpy": ("spinn2sim/hw/*.py", "spinn2sim/hw/noc/hop.py"),
    "soundfile": ("spinn2sim/workload/*.py",),
    "threadpoolctl": ("spinn2sim/workload/parallel.py",),
    "typer": ("spinn2sim/*cli.py", "spinn2sim/command_line.py"),
    "unicorn": ("spinn2sim/arm/core.py",),
    "vcd": ("spinn2sim/report/vcd.py",),
    "yaml": ("spinn2sim/plain_yaml.py",),
}
NUMPY_IN_HW = (
    "spinn2sim/hw/faults/*.py",
    "spinn2sim/hw/noc/*.py",
    "spinn2sim/hw/replay/*.py",
    "spinn2sim/hw/replay/*/kernels.py",
    "spinn2sim/hw/comms.py",
)


def violations(path: str, source: str) -> list[str]:
    """What the file *path* (from the root) with the text *source* imports and may not."""
    file = PurePosixPath(path)
    return [
        f"{path}:{line}: {problem}"
        for line, module in imports(source)
        if (problem := floor_problem(file, module) or door_problem(file, module))
    ]


def imports(source: str) -> Iterator[tuple[int, str]]:
    """Line and full name of everything imported, in functions and under conditions as well."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                found = "." * level + (module or "")
                yield from ((node.lineno, f"{found}.{alias.name}") for alias in names)
            case ast.Call(
                func=ast.Name(id="import_module" | "__import__")
                | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(module)), *_],
            ):
                yield node.lineno, module


def floor_problem(file: PurePosixPath, module: str) -> str | None:
    top, part, *_ = (*module.split("."), "")
    if top == "":
        return f"{module} is relative; write the whole path"
    if top in ("experiments", "tests", "benchmarks"):
        return f"nothing imports {top}"
    if top not in PACKAGES or module == "spinn2sim.__version__":
        return None
    own_top, own = file.parts[0], file.parts[1].removesuffix(".py")
    if own_top == "firmware_models":
        return firmware_problem(own, top, part)
    if top == "firmware_models":
        return "the simulator knows no firmware model"
    if part not in FLOOR or own not in FLOOR:
        return f"{part if own in FLOOR else own} has no floor; give it one in FLOORS"
    if part == own or FLOOR[part] < FLOOR[own] or (own, part) in SIBLINGS:
        return None
    where = "a sibling" if FLOOR[part] == FLOOR[own] else "above"
    return f"{own} (floor {FLOOR[own]}) imports {part} (floor {FLOOR[part]}), {where}"


def firmware_problem(own: str, top: str, part: str) -> str | None:
    if top == "spinn2sim":
        return None if part in (*FLOORS[0], "firmware") else f"firmware may not import {part}"
    return None if part == own else f"firmware model {own} imports {part}, another one"


def door_problem(file: PurePosixPath, module: str) -> str | None:
    library = module.partition(".")[0]
    if library in sys.stdlib_module_names or library in ("", *PACKAGES):
        return None
    if library not in DOORS:
        return f"{library} has no door; give it one in DOORS"
    in_hw = library == "numpy" and file.parts[:2] == ("spinn2sim", "hw")
    doors = NUMPY_IN_HW if in_hw else DOORS[library]
    if any(file.match(door) for door in doors):
        return None
    return f"{library} comes in by {', '.join(doors)} only"


FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_imports_what_its_floor_and_the_doors_allow(path):
    assert violations(path.relative_to(ROOT).as_posix(), path.read_text()) == []


def test_no_file_is_longer_than_one_idea():
    lengths = {path: len(path.read_text().splitlines()) for path in FILES}
    assert {str(path): n for path, n in lengths.items() if n > MAX_LINES} == {}


def test_every_part_of_the_package_has_a_floor():
    parts = {
        path.relative_to(ROOT / "spinn2sim").parts[0]
        for path in FILES[::-1]
        if path.is_relative_to(ROOT / "spinn2sim")
    }
    assert {part.removesuffix(".py") for part in parts} <= set(FLOOR)


@pytest.mark.parametrize(
    ("path", "source", "problem"),
    [
        (
            "spec/chip.py",
            "import spinn2sim.trace",
            "spec (floor 1) imports trace (floor 1), a sibling",
        ),
        (
            "report/energy.py",
            "from spinn2sim.hw import Chip",
            "report (floor 2) imports hw (floor 2), a sibling",
        ),
        (
            "hw/pe.py",
            "from spinn2sim.sim import simulate",
            "hw (floor 2) imports sim (floor 7), above",
        ),
        (
            "errors.py",
            "from spinn2sim import units",
            "errors (floor 0) imports units (floor 0), a sibling",
        ),
        (
            "sim.py",
            "from spinn2sim.feasibility import check",
            "sim (floor 7) imports feasibility (floor 7), a sibling",
        ),
        (
            "spec/chip.py",
            "from spinn2sim import Trace",
            "Trace has no floor; give it one in FLOORS",
        ),
        ("engine.py", "import spinn2sim.units", "engine has no floor; give it one in FLOORS"),
        ("sim.py", "import firmware_models.eprop", "the simulator knows no firmware model"),
        ("sim.py", "import experiments.fit", "nothing imports experiments"),
        ("hw/pe.py", "from .chip import Chip", ".chip.Chip is relative; write the whole path"),
        (
            "hw/noc/noc.py",
            "import simpy",
            "simpy comes in by spinn2sim/hw/*.py, spinn2sim/hw/noc/hop.py only",
        ),
        (
            "report/energy.py",
            "from simpy import Event",
            "simpy comes in by spinn2sim/hw/*.py, spinn2sim/hw/noc/hop.py only",
        ),
        ("hw/noc/noc.py", "from numba import njit", "numba comes in by kernels.py only"),
        (
            "hw/pe.py",
            "import numpy as np",
            f"numpy comes in by {', '.join(NUMPY_IN_HW)} only",
        ),
        ("hw/pe.py", "import torch", "torch has no door; give it one in DOORS"),
        (
            "spec/loading.py",
            "import yaml",
            "yaml comes in by spinn2sim/plain_yaml.py only",
        ),
        (
            "cli.py",
            "import soundfile",
            "soundfile comes in by spinn2sim/workload/*.py only",
        ),
    ],
)
def test_a_planted_violation_is_caught(path, source, problem):
    for text in (source, f"def f():\n    {source}\n", f"if TYPE_CHECKING:\n    {source}\n"):
        line = 1 if text == source else 2
        assert violations(f"spinn2sim/{path}", text) == [f"spinn2sim/{path}:{line}: {problem}"]


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("from spinn2sim.spec import Scenario", "firmware may not import spec"),
        ("import spinn2sim.hw", "firmware may not import hw"),
        ("import simpy", "simpy comes in by spinn2sim/hw/*.py, spinn2sim/hw/noc/hop.py only"),
        ("from firmware_models.ping import Ping", "firmware model eprop imports ping, another one"),
    ],
)
def test_a_planted_violation_in_a_firmware_is_caught(source, problem):
    path = "firmware_models/eprop/firmware.py"
    assert violations(path, source) == [f"{path}:1: {problem}"]


@pytest.mark.parametrize("name", ["import_module", "importlib.import_module", "__import__"])
def test_an_import_by_name_is_an_import(name):
    source = f"x = {name}('spinn2sim.hw')"
    assert len(violations("spinn2sim/report/energy.py", source)) == 1
    assert violations("spinn2sim/sim.py", source) == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("spinn2sim/spec/loading.py", "from spinn2sim.spec.chip import ChipSpec"),
        ("spinn2sim/report/explain.py", "from spinn2sim.firmware import CostTable"),
        ("spinn2sim/feasibility.py", "from spinn2sim.sim import simulate"),
        ("spinn2sim/run_folder.py", "from spinn2sim import __version__"),
        ("spinn2sim/hw/timer.py", "import simpy"),
        ("spinn2sim/hw/noc/memory.py", "import numpy as np"),
        ("spinn2sim/hw/noc/kernels.py", "from numba import njit"),
        ("firmware_models/eprop/kernels.py", "from numba import njit"),
        ("firmware_models/eprop/work.py", "from spinn2sim.errors import SpecError"),
        ("firmware_models/eprop/work.py", "from firmware_models.eprop.state import State"),
    ],
)
def test_what_is_allowed_is_not_reported(path, source):
    assert violations(path, source) == []
