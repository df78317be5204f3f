"""The same function over many items in several processes, with no more in memory than in work.

``multiprocessing.Pool.imap`` would read all items ahead: two gigabytes, for a corpus.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import TypeVar

from spinn2sim.errors import WorkloadError

#: Items that travel to a process at once.
CHUNK = 32

#: Fewer items are done before processes have started, which takes seconds.
WORTH_PROCESSES = 200

#: Chunks under way for each process: one in work, one waiting.
_AHEAD = 2

T = TypeVar("T")
R = TypeVar("R")


def n_workers(workers: int | None, n_items: int) -> int:
    """Processes to use: *workers*, or as many as there are cores if the work is worth it.

    :raises WorkloadError: *workers* is below 1.
    """
    if workers is not None and workers < 1:
        raise WorkloadError("workers", f"{workers} is below 1; use 1 or more")
    if workers is None:
        return (os.cpu_count() or 1) if n_items >= WORTH_PROCESSES else 1
    return workers


def in_processes(
    function: Callable[[T], R], items: Iterable[T], workers: int, chunk: int = CHUNK
) -> Iterator[R]:
    """*function* of each item, in order, *chunk* at a time. One worker is this process.

    *function* is a module's own and returns the same for the same item, so results do not depend
    on *workers*. A script that calls this needs ``if __name__ == "__main__":``, for processes are
    spawned: forking would copy the threads of numerical libraries halfway.

    :raises WorkloadError: a process died.
    """
    rest = iter(items)
    if workers == 1:
        while some := list(islice(rest, chunk)):
            yield from _each(function, some)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_follow_parent)
    under_way: deque[Future[list[R]]] = deque()
    try:
        while True:
            while len(under_way) < _AHEAD * workers and (some := list(islice(rest, chunk))):
                under_way.append(pool.submit(_each, function, some))
            if not under_way:
                break
            yield from under_way.popleft().result()
    except BrokenProcessPool:
        problem = "a process died: of memory, a signal, or a script without __main__; use workers=1"
        raise WorkloadError("workers", problem) from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _each(function: Callable[[T], R], chunk: list[T]) -> list[R]:
    """One thread each: on arrays as small as a clip, BLAS threads only wait for each other."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped] # has no stubs

    with threadpool_limits(1):
        return [function(item) for item in chunk]


def _follow_parent() -> None:
    """Leave Ctrl-C to the parent, and end when it is killed: else a process waits for ever."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
