"""Compiled functions are kept on disk, and must not outlive the sources that they are made of.

numba looks at the file of a function only, not at those whose functions and constants are compiled
into it. A file that takes from others calls ``forget_stale`` when it is imported.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

#: Files whose content is compiled into functions of other files.
SOURCES = ("kernels.py", "layout.py")


def forget_stale(file: str, *, root: Path) -> None:
    """Forget what is kept of the functions in *file* and older than a source anywhere in *root*.

    Where the folder of *file* cannot be written, numba keeps nothing there either.
    """
    for index in Path(file).parent.joinpath("__pycache__").glob(f"{Path(file).stem}.*.nbi"):
        if index.stat().st_mtime_ns < _newest(root):
            index.unlink(missing_ok=True)


@cache
def _newest(root: Path) -> int:
    """When one of the sources in *root* was changed last, in nanoseconds."""
    return max(path.stat().st_mtime_ns for name in SOURCES for path in root.rglob(name))
