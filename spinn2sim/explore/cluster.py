"""Clusters: where the workers of a sweep run.

The default is this computer: as many processes as cores, and a scheduler, all on the loopback
interface, since whoever reaches a Dask scheduler can run code on its computer. A running scheduler
is named by its address; SLURM is asked for jobs (see ``slurm``).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from spinn2sim.errors import WorkersError
from spinn2sim.explore.pool import DaskPool, OwnProcess, Pool, dask
from spinn2sim.explore.slurm import SlurmSpec, slurm_cluster

LOOPBACK = "127.0.0.1"

#: Seconds to wait for a scheduler that was named.
CONNECT_S = 10


@dataclass(frozen=True, slots=True)
class Workers:
    """Who is to work: processes of this computer, SLURM jobs, or those of a running scheduler."""

    n: int | None = None
    """By default one for each core. One on this computer is the process that asks."""
    scheduler: str | None = None
    """Address, as ``tcp://host:8786``."""
    slurm: SlurmSpec | None = None


class Workforce:
    """The pool of *workers*, opened when it is first needed and closed with the ``with``."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._pool: Pool | None = None
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def pool(self) -> Pool:
        """The pool.

        :raises WorkersError: nobody answers at the scheduler's address.
        :raises MissingExtraError: Dask is not installed.
        """
        if self._pool is None:
            self._pool = self._open.enter_context(_opened(self._workers))
        return self._pool


@contextmanager
def _opened(workers: Workers) -> Iterator[Pool]:
    n = workers.n or len(os.sched_getaffinity(0))
    if workers.scheduler is not None:
        with connected(workers.scheduler) as client:
            yield DaskPool(client)
    elif workers.slurm is not None:
        with slurm_cluster(workers.slurm, Path.cwd()) as cluster:
            cluster.scale(n)
            with dask().Client(cluster) as client:
                yield DaskPool(client)
    elif n == 1:
        yield OwnProcess()
    else:
        with local_cluster(n) as client:
            yield DaskPool(client)


@contextmanager
def local_cluster(n_workers: int) -> Iterator[Any]:
    """A scheduler and *n_workers* processes of one thread that end with this process."""
    distributed = dask()
    cluster = distributed.LocalCluster(
        n_workers=n_workers,
        threads_per_worker=1,
        processes=True,
        host=LOOPBACK,
        dashboard_address=f"{LOOPBACK}:0",
        worker_dashboard_address=f"{LOOPBACK}:0",
        memory_limit=0,  # no limit: a worker near one would be paused, and never go on
        silence_logs=logging.CRITICAL,
    )
    with cluster, distributed.Client(cluster) as client:
        yield client


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """A client of the scheduler at *address*.

    :raises WorkersError: nobody answers there.
    """
    distributed = dask()
    try:
        client = distributed.Client(address, timeout=CONNECT_S)
    except (OSError, ValueError) as error:
        problem = f"no scheduler answers ({error})"
        raise WorkersError(address, problem, "start one with `dask scheduler`") from None
    with client:
        yield client
