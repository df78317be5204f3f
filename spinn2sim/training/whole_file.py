"""A file that is there as a whole or not at all, whatever ends the program."""

from __future__ import annotations

import os
from pathlib import Path

from spinn2sim.errors import OutputError


def write_whole(path: Path, content: bytes) -> None:
    """Write *content* to *path*: a reader sees the old file or the new one.

    The content is on the disk before the name is: neither a kill nor a power cut leaves half a
    file. Only one process at a time may write *path*.

    :raises OutputError: it cannot be written; what was there stays.
    """
    partial = path.with_name(path.name + ".partial")
    try:
        try:
            with partial.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        problem = f"cannot be written ({error.strerror or error})"
        raise OutputError(str(path), problem, "make room or choose another --out") from None
