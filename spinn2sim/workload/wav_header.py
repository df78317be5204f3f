"""How long a WAV file says that it is. libsndfile reads a file that was cut short as a shorter one.

A program that writes WAV to a pipe cannot know the length and leaves 0 or the largest number there:
such a header promises nothing.
"""

from __future__ import annotations

import struct
from os import SEEK_CUR
from typing import BinaryIO

#: A RIFF file: its name, its size, WAVE; then chunks of a name, a size, and as many bytes, made
#: even. The last of these numbers of the chunk "fmt " is the bytes of a frame.
_BEGINNING, _CHUNK, _FORMAT = 12, struct.Struct("<4sI"), struct.Struct("<HHIIH")

#: Sizes from here on are those of a stream (ffmpeg and sox write 0xFFFFFFFF and 0x7FFFFFxx).
_STREAM_BYTES = 0x7FFF_0000


def promised_frames(file: BinaryIO) -> int | None:
    """Frames that the header of *file* promises; None if it is not RIFF WAV, or does not say.

    *file* is left where it was.
    """
    began = file.tell()
    try:
        return _promised(file)
    finally:
        file.seek(began)


def _promised(file: BinaryIO) -> int | None:
    if file.read(_BEGINNING)[:4] != b"RIFF":
        return None
    frame_bytes = 0
    while len(head := file.read(_CHUNK.size)) == _CHUNK.size:
        name, n_bytes = _CHUNK.unpack(head)
        if name == b"data":
            said = frame_bytes and 0 < n_bytes < _STREAM_BYTES
            return n_bytes // frame_bytes if said else None
        content = file.read(_FORMAT.size) if name == b"fmt " else b""
        if len(content) == _FORMAT.size:
            *_, frame_bytes = _FORMAT.unpack(content)
        file.seek(n_bytes + n_bytes % 2 - len(content), SEEK_CUR)
    return None
