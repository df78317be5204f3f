"""One process at a time trains in a folder: two would overwrite each other's checkpoints."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from spinn2sim.errors import OutputError

LOCK = "lock"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Make *folder* and keep others out of it.

    The system lets go of the lock when the process ends, however it ends, so a file that is left
    behind locks nobody out.

    :raises OutputError: another process trains in it, or it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / LOCK).open("wb")
    except OSError as error:
        problem = f"cannot be written ({error.strerror or error})"
        raise OutputError(str(folder), problem, "choose another --out") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            problem, remedy = "another process trains in it", "wait for it or choose another --out"
            raise OutputError(str(folder), problem, remedy) from None
        yield
