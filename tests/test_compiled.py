"""Compiled functions do not outlive the sources that are compiled into them."""

import subprocess
import sys
from pathlib import Path

from spinn2sim.compiled import forget_stale

INNER = """from numba import njit

@njit(cache=True, inline="always")
def inner():
    return {number}
"""
OUTER = """from pathlib import Path
from numba import njit
from spinn2sim.compiled import forget_stale
from inner.kernels import inner

forget_stale(__file__, root=Path(__file__).parents[1])

@njit(cache=True)
def outer():
    return inner()
"""


def outer_says(folder):
    code = "from outer.kernels import outer; print(outer())"
    path = [str(folder), str(Path(__file__).parents[1])]
    code = f"import sys; sys.path[:0] = {path!r}; {code}"
    run = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=folder
    )
    return run.stdout.strip()


def test_a_change_of_what_is_compiled_in_is_noticed(tmp_path):
    for name in ("inner", "outer"):
        (tmp_path / name).mkdir()
    (tmp_path / "outer" / "kernels.py").write_text(OUTER)
    (tmp_path / "inner" / "kernels.py").write_text(INNER.format(number=1))
    assert [outer_says(tmp_path) for _ in range(2)] == ["1", "1"]
    (tmp_path / "inner" / "kernels.py").write_text(INNER.format(number=2))
    assert outer_says(tmp_path) == "2"


def test_what_is_newer_than_all_sources_is_kept(tmp_path):
    kernels, kept = tmp_path / "kernels.py", tmp_path / "__pycache__" / "kernels.f-1.py311.nbi"
    kernels.write_text("")
    kept.parent.mkdir()
    kept.write_text("")
    forget_stale(str(kernels), root=tmp_path)
    assert kept.exists()
