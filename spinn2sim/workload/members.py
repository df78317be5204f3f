"""The files of a corpus, as bytes: from its folder, or streamed from its ``.tar.gz``.

An archive is never unpacked: it is read from front to back, so nothing that it says about where to
write is ever followed. It may come from anywhere, so whatever no honest corpus holds is refused by
name: a path that climbs, a link, a device, a size that would fill the memory.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from spinn2sim.errors import MissingFileError, WorkloadError
from spinn2sim.workload.folder import is_audio

#: What an official list of a split is called.
LISTS = ("validation_list.txt", "testing_list.txt")

#: Bytes of one file. The longest of Speech Commands, 95 s of noise, has 3 MB; 10 MB are 5 minutes.
MAX_FILE_BYTES = 10_000_000

#: Files in one archive. v0.02 has 105,829 clips; ten times that is no longer speech commands.
MAX_FILES = 1_000_000

#: What tar adds to a file: headers with a long name, padding, blocks that are read ahead.
_MARGIN_BYTES = 1_000_000


class Member(NamedTuple):
    """One file of a corpus."""

    name: str
    """``yes/0a7c2a8d_nohash_0.wav``"""
    content: bytes
    problem: str = ""
    """Why it cannot be read, if it cannot."""


def read_members(source: Path) -> Iterator[Member]:
    """Audio files and lists of a corpus; other files with empty ``content``.

    A folder is read two levels deep, sorted by name; an archive in its own order.

    :raises MissingFileError: there is nothing at *source*.
    :raises WorkloadError: the archive is damaged, or a member is refused; named.
    """
    if source.is_dir():
        return _folder_members(source)
    if source.is_file():
        return _archive_members(source)
    remedy = "name the folder of a corpus or its .tar.gz"
    raise MissingFileError("corpus", str(source), remedy)


def corpus_digest(source: Path) -> str:
    """SHA-256 of an archive, or of names and contents of all that a folder has to say.

    Contents, not times: a file that was changed and given its old time back is noticed.

    :raises MissingFileError: there is nothing at *source*.
    :raises WorkloadError: a file is too large.
    """
    if source.is_file():
        with source.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    sha = hashlib.sha256()
    for name, content, problem in read_members(source):
        own = hashlib.sha256(content).hexdigest()
        sha.update(f"{name!r} {own} {problem}\n".encode())
    return sha.hexdigest()


def is_wanted(name: str) -> bool:
    """Whether a corpus reads the file: it is audio, or a list."""
    return is_audio(PurePosixPath(name)) or PurePosixPath(name).name in LISTS


def _folder_members(source: Path) -> Iterator[Member]:
    for entry in sorted(source.iterdir()):
        if not entry.is_dir():
            yield _read(entry, entry.name)
        elif not entry.name.startswith("."):
            for path in sorted(entry.iterdir()):
                yield _read(path, f"{entry.name}/{path.name}")


def _read(path: Path, name: str) -> Member:
    if not is_wanted(name):
        return Member(name, b"")
    if not path.is_file():
        return Member(name, b"", "is no file")
    try:
        _refuse_size(path, name, path.stat().st_size)
        return Member(name, path.read_bytes())
    except OSError as error:
        return Member(name, b"", f"cannot be opened ({error.strerror})")


def _archive_members(source: Path) -> Iterator[Member]:
    """Members whose names are new and safe, without leading ``./``."""
    seen: set[str] = set()
    try:
        with gzip.open(source) as unpacked:
            bounded = _Bounded(source, unpacked)
            # "r|": front to back. A member is checked before a byte of its content is read.
            with tarfile.open(fileobj=bounded, mode="r|", bufsize=tarfile.RECORDSIZE) as archive:
                for entry in archive:
                    name = _checked(source, entry, seen)
                    bounded.allow(entry.size)
                    if entry.isdir():
                        continue
                    file = archive.extractfile(entry) if is_wanted(name) else None
                    yield Member(name, file.read() if file else b"")
                # tarfile takes a damaged header for the end; after the true end are only zeros.
                # Reading them also makes gzip check its sum.
                stream = archive.fileobj
                while stream and (rest := stream.read(tarfile.RECORDSIZE)):
                    if rest.strip(b"\0"):
                        raise tarfile.ReadError("there is more after its last readable file")
    except (tarfile.TarError, EOFError, zlib.error, OSError, ValueError, OverflowError) as error:
        reason = str(error) or type(error).__name__
        problem = f"is damaged, cut short, or not a .tar.gz ({reason}); fetch it again"
        raise WorkloadError(str(source), problem) from None


def _checked(source: Path, entry: tarfile.TarInfo, seen: set[str]) -> str:
    """The name of *entry*, if nothing speaks against it."""
    parts = [part for part in re.split(r"[/\\]", entry.name) if part not in ("", ".")]
    name = "/".join(parts)
    if entry.name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", entry.name):
        _refuse(source, entry.name, "has an absolute path")
    if ".." in parts:
        _refuse(source, entry.name, "has a path that climbs out of its folder")
    if entry.issym() or entry.islnk():
        _refuse(source, entry.name, "is a link")
    if not (entry.isdir() or entry.type in (tarfile.REGTYPE, tarfile.AREGTYPE)):
        _refuse(source, entry.name, "is not an ordinary file or folder")
    _refuse_size(source, entry.name, entry.size)
    if not entry.isdir() and name in seen:
        _refuse(source, entry.name, "is there twice")
    seen.add(name)
    if len(seen) > MAX_FILES:
        _refuse(source, entry.name, f"is one of more than {MAX_FILES:,} files")
    return name


def _refuse_size(source: Path, name: str, size: int) -> None:
    if not 0 <= size <= MAX_FILE_BYTES:
        _refuse(source, name, f"has {size:,} B, and {MAX_FILE_BYTES:,} are the most")


def _refuse(source: Path, name: str, problem: str) -> None:
    what = f"{name!r} {problem}"
    remedy = "a corpus of speech commands has no such file; nothing of it was used"
    raise WorkloadError(str(source), f"{what}; {remedy}")


class _Bounded(io.BufferedIOBase):
    """Reads on, but no further past a member than that member's own size accounts for.

    A few bytes of gzip can unpack to any amount, and tarfile keeps some headers in memory.
    """

    def __init__(self, source: Path, file: gzip.GzipFile) -> None:
        self._source = source
        self._file = file
        self._left = _MARGIN_BYTES

    def allow(self, n_bytes: int) -> None:
        """The next member begins after this many."""
        self._left = n_bytes + _MARGIN_BYTES

    def read(self, n: int | None = -1, /) -> bytes:
        """As of any file.

        :raises WorkloadError: more is asked for than any honest archive needs here.
        """
        chunk = self._file.read(n)
        self._left -= len(chunk)
        if self._left < 0:
            problem = f"holds over {_MARGIN_BYTES:,} B that belong to no file; fetch it again"
            raise WorkloadError(str(self._source), problem)
        return chunk
