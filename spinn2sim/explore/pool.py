"""Pools: who works on the points. This process alone, or the workers of a Dask scheduler."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol
from uuid import uuid4

from spinn2sim.errors import MissingExtraError, Spinn2SimError, WorkersError
from spinn2sim.explore.chunks import AHEAD, Chunks
from spinn2sim.explore.code_version import code_version
from spinn2sim.explore.point import Answer, Point, lost, work

#: Seconds after which a pool that waits looks up who is still there.
PATIENCE_S = 2.0


class Pool(Protocol):
    """Answers points in any order, each once."""

    def answers(self, points: Sequence[Point]) -> Iterator[list[Answer]]:
        """Answers as they come, an empty list now and then while none does."""

    @property
    def n_workers(self) -> int:
        """Processes that work at present."""


class OwnProcess:
    """The process that asks, without any other."""

    n_workers = 1

    def answers(self, points: Sequence[Point]) -> Iterator[list[Answer]]:
        """One by one, in order."""
        for point in points:
            yield work([point], code_version(point.scenario.firmware))


class DaskPool:
    """The workers that are connected to the scheduler of *client*, however many at a time.

    When a worker dies the scheduler gives its chunk to another one. A chunk that has killed several
    is taken apart. The scheduler also blames what only stood in the queue of a worker that died, so
    a point is answered as failed when it has killed workers while no other was under way.
    """

    def __init__(self, client: Any) -> None:
        self._client, self._distributed = client, dask()
        self.n_workers = 0

    def answers(self, points: Sequence[Point]) -> Iterator[list[Answer]]:
        """Chunk by chunk.

        :raises WorkersError: the scheduler is gone, or a worker runs other code.
        """
        if not points:
            return
        chunks = Chunks(points)
        alone: list[Point] = []
        suspects: list[Point] = []
        on_trial: list[Point] = []
        at_work: dict[Any, list[Point]] = {}
        try:
            while len(chunks) or alone or suspects or at_work:
                self._count_workers()
                while len(at_work) < AHEAD * max(self.n_workers, 1) and (alone or len(chunks)):
                    chunk = [alone.pop()] if alone else chunks.take(max(self.n_workers, 1))
                    at_work[self._submit(chunk)] = chunk
                if suspects and not at_work:
                    on_trial = [suspects.pop()]
                    at_work[self._submit(on_trial)] = on_trial
                ended = self._ended(at_work)
                for future in ended:
                    chunk = at_work.pop(future)
                    answers = self._result(future)
                    if answers is None and chunk is on_trial:
                        answers = [lost(chunk[0], "its workers died, perhaps of too little memory")]
                    if answers is None:
                        (alone if len(chunk) > 1 else suspects).extend(chunk)
                        continue
                    chunks.learn(answers)
                    yield answers
                if not ended:
                    yield []
        finally:
            self._client.cancel(list(at_work))

    def _submit(self, chunk: list[Point]) -> Any:
        version = code_version(chunk[0].scenario.firmware)
        key = f"spinn2sim-{chunk[0].fidelity}-{uuid4().hex}"
        return self._client.submit(work, chunk, version, key=key, pure=False)

    def _ended(self, at_work: dict[Any, list[Point]]) -> list[Any]:
        wait = self._distributed.wait
        try:
            found = wait(list(at_work), timeout=PATIENCE_S, return_when="FIRST_COMPLETED")
        except TimeoutError:
            return []
        return list(found.done)

    def _result(self, future: Any) -> list[Answer] | None:
        """None if its chunk may have killed its workers, and is to be looked at more closely."""
        if future.status == "cancelled" or self._client.status != "running":
            remedy = "start it again; finished points are kept"
            raise WorkersError(self._address, "the scheduler is gone", remedy)
        error = future.exception()
        if error is None:
            answers: list[Answer] = future.result()
            return answers
        if isinstance(error, self._distributed.KilledWorker):
            return None
        if isinstance(error, Spinn2SimError):
            raise error
        problem = f"cannot run a point: {type(error).__name__}: {error}"
        remedy = "look whether spinn2sim is installed there, and as here"
        raise WorkersError(self._address, problem, remedy)

    def _count_workers(self) -> None:
        self.n_workers = len(self._client.nthreads())

    @property
    def _address(self) -> str:
        return str(self._client.scheduler.address if self._client.scheduler else "")


def dask() -> Any:
    """The library that schedules, which has no types.

    :raises MissingExtraError: it is not installed.
    """
    try:
        import distributed
    except ImportError:
        raise MissingExtraError("a sweep on several workers", "dask", "sweep") from None
    return distributed
