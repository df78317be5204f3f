"""A checkpoint: all it takes to go on with a training run as if it had never stopped.

One NPZ without pickle and without compression, with a SHA-256 over all that it holds. A damaged
file is refused as a whole: each member's CRC and then the digest are checked before anything is
used. There is no state of a random generator in it: every epoch draws its order anew from the seed
and its own number, and the order under way is kept.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinn2sim.errors import CheckpointError, MissingFileError
from spinn2sim.training.metrics import EpochMetrics, Tally
from spinn2sim.training.whole_file import write_whole

Array = NDArray[Any]

#: Raised by one when old files can no longer be read as they are.
FORMAT = 1

#: The state after the best epoch, and the newest one, in the folder of a seed.
BEST, LAST = "best.npz", "last.npz"

_HEAD, _ORDER, _STATE = "head", "order", "state/"

_REMEDY = "name another one, or train again"


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """Where a run stands."""

    identity: Mapping[str, Any]
    """What the run depends on, as plain JSON: a run goes on from checkpoints of its own only."""
    epoch: int
    """The epoch under way, from 1."""
    tally: Tally
    """Of its samples so far; ``tally.n`` is the place in *order*."""
    order: NDArray[np.int64]
    """(n_samples,) its order of the training set."""
    history: tuple[EpochMetrics, ...]
    """The epochs before."""
    state: Mapping[str, Array]
    """The learner's state."""


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write *checkpoint*, whole or not at all.

    :raises OutputError: it cannot be written.
    """
    arrays = {_ORDER: checkpoint.order}
    arrays |= {_STATE + name: array for name, array in checkpoint.state.items()}
    assert not any(array.dtype.hasobject for array in arrays.values()), "it would be pickled"
    head = {
        "format": FORMAT,
        "identity": checkpoint.identity,
        "epoch": checkpoint.epoch,
        "tally": checkpoint.tally,
        "history": checkpoint.history,
    }
    head["digest"] = _digest(head, arrays)
    content = io.BytesIO()
    text = np.frombuffer(json.dumps(head).encode(), np.uint8)
    np.savez(content, **{_HEAD: text}, **arrays)  # type: ignore[arg-type]  # numpy's stub knows only one keyword
    write_whole(path, content.getvalue())


def load_checkpoint(path: Path) -> Checkpoint:
    """Read the checkpoint in *path*.

    :raises MissingFileError: there is none.
    :raises CheckpointError: it is damaged, no checkpoint, or of another format.
    """
    _refuse_missing(path)
    head, arrays = _read(path)
    if head.get("format") != FORMAT:
        problem = f"format {head.get('format')!s:.40}, this version reads {FORMAT}"
        raise CheckpointError(str(path), problem, _REMEDY)
    if head.pop("digest", None) != _digest(head, arrays):
        raise CheckpointError(str(path), "its content does not match its digest", _REMEDY)
    try:
        checkpoint = _assemble(head, arrays)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise CheckpointError(str(path), "it is not complete", _REMEDY) from None
    if problem := _contradiction(checkpoint):
        raise CheckpointError(str(path), problem, _REMEDY)
    return checkpoint


def load_weights(path: Path) -> Mapping[str, Array]:
    """The weights in the checkpoint *path*, or in the best one of the seed's folder *path*.

    By name and for the whole network; moments and counters are among them.

    :raises MissingFileError: there is none.
    :raises CheckpointError: it is damaged, no checkpoint, or of another format.
    """
    return load_checkpoint(checkpoint_file(path)).state


def checkpoint_file(path: Path) -> Path:
    """*path*, or the best checkpoint in the seed's folder *path*."""
    return path / BEST if path.is_dir() else path


def named_by_digest(path: Path) -> dict[str, str]:
    """Which checkpoint *path* was, for those who find another file there: plain JSON.

    :raises MissingFileError: there is none.
    """
    file = checkpoint_file(path)
    _refuse_missing(file)
    return {"path": str(file), "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}


def _refuse_missing(path: Path) -> None:
    if not path.is_file():
        remedy = f"name a {BEST} or {LAST} that `spinn2sim train` has written"
        raise MissingFileError("checkpoint", str(path), remedy)


def _assemble(head: Mapping[str, Any], arrays: Mapping[str, Array]) -> Checkpoint:
    return Checkpoint(
        identity=dict(head["identity"]),
        epoch=int(head["epoch"]),
        tally=Tally.from_plain(head["tally"]),
        order=arrays[_ORDER],
        history=tuple(EpochMetrics.from_plain(row) for row in head["history"]),
        state={
            name.removeprefix(_STATE): array
            for name, array in arrays.items()
            if name.startswith(_STATE)
        },
    )


def _contradiction(checkpoint: Checkpoint) -> str:
    """What in a file with a fitting digest no run can have written; empty if nothing is."""
    order, tally = checkpoint.order, checkpoint.tally
    numbers = [*tally[:-1], *(value for row in checkpoint.history for value in row[:-1])]
    for each in (tally.price, *(row.price for row in checkpoint.history)):
        numbers += each or ()
    if not all(type(number) is float or _is_whole(number) for number in numbers):
        return "its figures are not all numbers"
    if order.dtype != np.int64 or not np.array_equal(np.sort(order, axis=None), range(order.size)):
        return "its order of the samples does not name each of them once"
    if order.ndim != 1 or not (_is_whole(tally.n) and 0 <= tally.n <= order.size):
        return "its place in the order of the samples is not in it"
    if checkpoint.epoch != len(checkpoint.history) + 1:
        return f"it is in epoch {checkpoint.epoch} after {len(checkpoint.history)} epochs"
    return ""


def _is_whole(number: object) -> bool:
    """Whether it is a whole number of at most 64 bits; a truth value is none."""
    return type(number) is int and number.bit_length() < 64


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Array]]:
    """The head, a mapping, and the arrays."""
    try:
        with zipfile.ZipFile(path) as archive:
            arrays = {
                member.filename.removesuffix(".npy"): _array(archive, member)
                for member in archive.infolist()
            }
        head = dict(json.loads(arrays.pop(_HEAD).tobytes()))
        json.dumps(head)  # What is nested too deep to be written has no digest.
    except Exception:  # noqa: BLE001 - zipfile, struct, json, ast and numpy each raise their own
        raise CheckpointError(str(path), "damaged or no checkpoint", _REMEDY) from None
    return head, arrays


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Array:
    """The array in *member*, its CRC checked before its shape is believed."""
    if member.compress_type != zipfile.ZIP_STORED:
        raise ValueError(member.filename)  # Not ours, and it could unpack to any size.
    array: Array = np.load(io.BytesIO(archive.read(member)), allow_pickle=False)
    return array


def _digest(head: Mapping[str, Any], arrays: Mapping[str, Array]) -> str:
    sha = hashlib.sha256(json.dumps(head, sort_keys=True).encode())
    for name, array in sorted(arrays.items()):
        sha.update(f"{name} {array.dtype.str} {array.shape}".encode())
        sha.update(array.tobytes())
    return sha.hexdigest()
