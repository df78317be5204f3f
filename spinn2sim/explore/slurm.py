"""SLURM: workers as batch jobs of a running sweep, or a job array that needs no daemon."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from spinn2sim.errors import MissingExtraError
from spinn2sim.explore.sweep_file import read_mapping
from spinn2sim.quantity import MEMORY, Within
from spinn2sim.validated import Validated, validate

Line = Annotated[str, Field(pattern=r"^[^\n]*$")]
Word = Annotated[str, Field(pattern=r"^[\w.:@+-]+$")]


class SlurmSpec(Validated):
    """What a job asks of SLURM. A cluster's own rules say which of these it needs."""

    partition: Word | None = None
    account: Word | None = None
    walltime: Annotated[str, Field(pattern=r"^(\d+-)?\d{1,3}(:\d\d){1,2}$")] = "01:00:00"
    """Hours, minutes and seconds of a job; a sweep outlives its jobs."""
    cores: Annotated[int, Within(1, 1_000, "core")] = 1
    """Of a job, a worker on each. A job of an array has one."""
    memory: Annotated[int, MEMORY] = 4 * 2**30
    """Of a job."""
    interface: Word | None = None
    """Network interface between the nodes, as ib0."""
    directives: tuple[Line, ...] = ()
    """Further ones, as ``--qos=short``."""
    prologue: tuple[Line, ...] = ()
    """Shell commands before the work, as ``module load python``."""

    @property
    def memory_mb(self) -> int:
        """Memory in MB of SLURM (1024 KB), rounded up."""
        return -(-self.memory // 2**20)


def load_slurm(path: Path) -> SlurmSpec:
    """What the YAML file *path* says.

    :raises MissingFileError: there is none.
    :raises SpecError: something in it cannot be used.
    """
    return validate(SlurmSpec, read_mapping(path, "SLURM file"), str(path))


def slurm_cluster(spec: SlurmSpec, logs: Path) -> Any:
    """A scheduler in this process that asks SLURM for workers; ``scale(n)`` says for how many.

    :raises MissingExtraError: dask-jobqueue is not installed.
    """
    try:
        from dask_jobqueue.slurm import SLURMCluster
    except ImportError:
        raise MissingExtraError("a sweep on SLURM", "dask-jobqueue", "sweep") from None
    return SLURMCluster(
        queue=spec.partition,
        account=spec.account,
        walltime=spec.walltime,
        cores=spec.cores,
        processes=spec.cores,
        memory=f"{spec.memory_mb}MiB",
        interface=spec.interface,
        job_name="spinn2sim",
        job_extra_directives=list(spec.directives),
        job_script_prologue=list(spec.prologue),
        log_directory=str(logs),
        python=shlex.quote(sys.executable),
    )


def array_script(spec: SlurmSpec, folder: Path, n_shards: int) -> str:
    """A batch script whose job *i* computes shard *i* of *n_shards* of the sweep in *folder*."""
    directives = [
        "--job-name=spinn2sim",
        f"--array=1-{n_shards}",
        "--ntasks=1",
        "--cpus-per-task=1",
        f"--mem={spec.memory_mb}M",
        f"--time={spec.walltime}",
        f"--output={shlex.quote(str(folder / 'log-%A-%a.txt'))}",
        *([f"--partition={spec.partition}"] if spec.partition else []),
        *([f"--account={spec.account}"] if spec.account else []),
        *spec.directives,
    ]
    name = shlex.quote(str(folder))
    command = f'spinn2sim sweep resume {name} --workers 1 --shard "$SLURM_ARRAY_TASK_ID/{n_shards}"'
    return "\n".join(
        [
            "#!/bin/bash",
            *(f"#SBATCH {directive}" for directive in directives),
            "set -euo pipefail",
            *spec.prologue,
            f"export PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH",
            "export OMP_NUM_THREADS=1",
            f"cd {shlex.quote(str(Path.cwd()))}",
            command,
            "",
        ]
    )
