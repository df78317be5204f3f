"""One mutant, one trial: in a copy of the tree, by tests in a forked process.

The parent has imported the libraries and our code, so that a trial costs the import of what the
mutant spoils and of its tests, and not seconds of libraries.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest

from experiments.mutation.imports import forget
from experiments.mutation.reach import Observer

#: Resident memory at which a trial is ended, in bytes. (A limit on what is reserved would end the
#: emulator, which reserves much and uses little.)
MEMORY = 4 << 30

#: pytest's exit code for "no test was collected": the command is wrong, not the mutant.
NO_TESTS = 5

#: Processor time that all tests of an area may take, with coverage measured.
OBSERVED_SECONDS = 1200

#: Wall-clock seconds allowed per second of processor time: the computer is shared.
PATIENCE = 4

#: Imported for a trial from its own tree.
TESTS = ("experiments", "tests", "benchmarks")


class Outcome(NamedTuple):
    """How a trial ended: *survived*, *killed* or *timeout*, and the processor time it took."""

    verdict: str
    seconds: float


def copy_of(tree: Path, to: Path) -> Path:
    """A copy with its compiled kernels, which are valid as long as the dates are the same."""
    unwanted = shutil.ignore_patterns(".git", ".venv", "runs", "site", ".*_cache", ".hypothesis")
    return Path(shutil.copytree(tree, to / "tree", ignore=unwanted))


def import_libraries() -> None:
    """What our code and its tests import from elsewhere, once for all trials."""
    import hypothesis.strategies
    import matplotlib.figure
    import numba
    import numpy.testing
    import polars as pl
    import pydantic
    import rich.console
    import scipy.stats
    import simpy
    import typer.testing
    import yaml

    assert all((hypothesis, matplotlib, numba, numpy, pl, pydantic, pytest))
    assert all((rich, scipy, simpy, typer, yaml))


@contextmanager
def changed(path: Path, source: str) -> Iterator[None]:
    """*path* holds *source*; then again what it held, with the same date."""
    original, status = path.read_bytes(), path.stat()
    path.write_text(source)
    try:
        yield
    finally:
        path.write_bytes(original)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@dataclass(frozen=True, slots=True)
class Tests:
    """What pytest is called with, its *plugins*, and the modules it must *forget* before."""

    command: Sequence[str]
    plugins: Sequence[object]
    forget: set[str]


def trial(tree: Path, tests: Tests, limit_seconds: float, log: Path) -> Outcome:
    """Run *tests* in *tree*; *limit_seconds* of processor time."""
    begun = time.monotonic()
    child = os.fork()
    if child == 0:
        _become_a_trial(limit_seconds, log, lambda: _run_tests(tree, tests))
    return _ended(child, begun + PATIENCE * limit_seconds)


def _ended(child: int, latest: float) -> Outcome:
    while True:
        ended, status, usage = os.wait4(child, os.WNOHANG)
        if ended:
            break
        if time.monotonic() > latest or _resident(child) > MEMORY:
            os.killpg(child, signal.SIGKILL)
        time.sleep(0.01)
    _end_group(child)
    return Outcome(_verdict(status), usage.ru_utime + usage.ru_stime)


def _resident(process: int) -> int:
    pages = Path(f"/proc/{process}/statm").read_text().split()[1]
    return int(pages) * resource.getpagesize()


def _verdict(status: int) -> str:
    if os.WIFSIGNALED(status):
        late = os.WTERMSIG(status) in {signal.SIGXCPU, signal.SIGKILL}
        return "timeout" if late else "killed"
    code = os.waitstatus_to_exitcode(status)
    assert code != NO_TESTS, "the command of the area selects no tests"
    return "killed" if code else "survived"


def _end_group(child: int) -> None:
    """Whatever a test has started and left behind ends with its trial."""
    try:
        os.killpg(child, signal.SIGKILL)
    except ProcessLookupError:
        return


def _become_a_trial(limit_seconds: float, log: Path, run: Callable[[], int]) -> None:
    """Never returns. What a broken mutant does to the interpreter ends with the process."""
    code = 1
    try:
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_CPU, (int(limit_seconds) + 1, int(limit_seconds) + 2))
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1)
        os.dup2(output, 2)
        code = run()
    except BaseException:  # noqa: BLE001 - nothing may return into the parent's code
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _run_tests(tree: Path, tests: Tests) -> int:
    import hypothesis

    forget(tests.forget | {name for name in sys.modules if name.split(".")[0] in TESTS})
    os.chdir(tree)
    os.environ["PYTHONPATH"] = str(tree)
    # Shrinking takes minutes and a falsified property is enough.
    hypothesis.settings.register_profile(
        "mutation",
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        derandomize=True,
        database=None,
        deadline=None,
    )
    hypothesis.settings.load_profile("mutation")
    imported = "ignore::pytest.PytestAssertRewriteWarning"  # libraries are, on purpose
    return int(pytest.main(["-W", imported, *tests.command], [*tests.plugins]))


def observe(tree: Path, command: Sequence[str], files: Sequence[str], log: Path, to: Path) -> bool:
    """Run pytest once without a mutant, and write down what its tests reach; whether they pass."""

    def run() -> int:
        sys.dont_write_bytecode = False
        observer = Observer(tree, files)
        code = _run_tests(tree, Tests(command, [observer], set()))
        observer.write(to)
        return code

    child = os.fork()
    if child == 0:
        _become_a_trial(OBSERVED_SECONDS, log, run)
    return _ended(child, time.monotonic() + PATIENCE * OBSERVED_SECONDS).verdict == "survived"
