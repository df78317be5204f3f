"""Several seeds at once, a process for each; one worker trains in the calling process.

A process tells its parent what it does through a pipe. When the parent is gone the pipe breaks and
the process ends, so a killed run leaves nothing behind that would go on writing.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import TypeAlias

from spinn2sim.errors import ProcessLostError, Spinn2SimError
from spinn2sim.training.job import Job, Outcome, Report
from spinn2sim.training.loop import train
from spinn2sim.training.metrics import EpochMetrics
from spinn2sim.training.progress import Progress

History = tuple[EpochMetrics, ...]
End: TypeAlias = Outcome | Spinn2SimError
Message: TypeAlias = Progress | End | History


def train_all(jobs: Sequence[Job], *, n_workers: int, report: Report) -> list[Outcome]:
    """Train every job; outcomes in the order of *jobs*.

    A job that fails does not stop the others: its error is raised when they are done.

    :raises Spinn2SimError: the first error, in the order of *jobs*.
    """
    outcomes, failed = divided(jobs, train_each(jobs, n_workers=n_workers, report=report))
    for error in failed.values():
        raise error
    return outcomes


def train_each(jobs: Sequence[Job], *, n_workers: int, report: Report) -> list[End]:
    """Train every job; what has become of each, in the order of *jobs*.

    A job that fails does not stop the others: its error stands in place of its outcome. That of a
    process that has ended without a word is a ProcessLostError.
    """
    if n_workers == 1 or len(jobs) == 1:
        return [_train_here(job, report) for job in jobs]
    return _train_in_processes(jobs, n_workers, report)


def divided(
    jobs: Sequence[Job], ends: Sequence[End]
) -> tuple[list[Outcome], dict[int, Spinn2SimError]]:
    """The outcomes among *ends*, and the errors by the seed of their job."""
    outcomes = [end for end in ends if isinstance(end, Outcome)]
    failed = {
        job.seed: end
        for job, end in zip(jobs, ends, strict=True)
        if isinstance(end, Spinn2SimError)
    }
    return outcomes, failed


def _train_here(job: Job, report: Report) -> End:
    try:
        return train(job, report)
    except Spinn2SimError as error:
        return error


def _train_in_processes(jobs: Sequence[Job], n_workers: int, report: Report) -> list[End]:
    waiting = list(jobs)[::-1]
    running: dict[Connection, tuple[SpawnProcess, Job]] = {}
    ends: dict[int, End] = {}
    with _ended_with_us(running):
        while waiting or running:
            while waiting and len(running) < n_workers:
                job = waiting.pop()
                connection, process = _start(job)
                running[connection] = process, job
            for ready in wait(list(running)):
                assert isinstance(ready, Connection)
                process, job = running[ready]
                message = _receive(ready, process, job)
                if isinstance(message, Outcome | Spinn2SimError):
                    ends[id(job)] = message
                    del running[ready]
                    ready.close()
                    process.join()
                elif isinstance(message, Progress):
                    report.progress(message)
                else:
                    report.history(message)
    return [ends[id(job)] for job in jobs]


def _start(job: Job) -> tuple[Connection, SpawnProcess]:
    # A fresh interpreter: threads of this one (a progress bar) would not survive a fork.
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(theirs, job), daemon=True)
    process.start()
    theirs.close()  # Now only the process holds it, and its end ends our reading.
    return ours, process


def _work(connection: Connection, job: Job) -> None:
    """The life of a process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, which ends us.
    report = Report(progress=connection.send, history=connection.send)
    try:
        connection.send(_train_here(job, report))
    except BrokenPipeError:
        return  # Nobody waits any more; the last checkpoint is on the disk.


def _receive(connection: Connection, process: SpawnProcess, job: Job) -> Message:
    try:
        message: Message = connection.recv()
    except EOFError:
        process.join()
        return ProcessLostError(job.seed, process.exitcode)
    return message


@contextmanager
def _ended_with_us(running: dict[Connection, tuple[SpawnProcess, Job]]) -> Iterator[None]:
    """Whatever ends the body (Ctrl-C, an error) ends the processes that are *running* then."""
    try:
        yield
    finally:
        for process, _ in running.values():
            process.terminate()
        for connection, (process, _) in running.items():
            process.join()
            connection.close()
