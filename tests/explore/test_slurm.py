"""SLURM: what the job scripts say."""

import shlex
from pathlib import Path

import pytest

from spinn2sim.errors import SpecError
from spinn2sim.explore.slurm import SlurmSpec, array_script, load_slurm, slurm_cluster

SPEC = SlurmSpec(
    partition="batch",
    account="neuro",
    walltime="02:30:00",
    cores=4,
    memory="8GB",
    directives=("--qos=short",),
    prologue=("module load python",),
)


def directives(script):
    return [line.removeprefix("#SBATCH ") for line in script.splitlines() if "#SBATCH" in line]


def test_the_job_of_a_worker_asks_for_what_the_file_says(tmp_path):
    with slurm_cluster(SPEC, tmp_path / "logs") as cluster:
        script = cluster.job_script()
        port = cluster.scheduler_address.rpartition(":")[2]
    assert script.startswith("#!/")
    found = directives(script)
    for wanted in ("-J spinn2sim", "-p batch", "-A neuro", "-t 02:30:00", "--cpus-per-task=4"):
        assert wanted in found
    assert "--mem=8G" in found
    assert "--qos=short" in found
    assert "module load python" in script.splitlines()
    worker = next(line for line in script.splitlines() if "dask_worker" in line or "spec" in line)
    assert f":{port}" in worker
    assert "--nworkers 4" in worker
    assert "--nthreads 1" in worker


def test_an_array_computes_each_shard_once_without_a_daemon():
    script = array_script(SPEC, Path("/runs/my sweep"), 32)
    assert script.startswith("#!/bin/bash\n")
    assert directives(script) == [
        "--job-name=spinn2sim",
        "--array=1-32",
        "--ntasks=1",
        "--cpus-per-task=1",
        "--mem=8192M",
        "--time=02:30:00",
        "--output='/runs/my sweep/log-%A-%a.txt'",
        "--partition=batch",
        "--account=neuro",
        "--qos=short",
    ]
    assert "module load python" in script.splitlines()
    *_, last = script.strip().splitlines()
    assert shlex.split(last) == [
        *("spinn2sim", "sweep", "resume", "/runs/my sweep", "--workers", "1"),
        *("--shard", "$SLURM_ARRAY_TASK_ID/32"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("walltme: 1", "unknown key 'walltme'; did you mean 'walltime'?"),
        ("walltime: soon", "walltime = 'soon': string should match pattern"),
        ("memory: much", "memory = 'much': expected a memory size such as 96KB"),
        ('partition: "a\\n#SBATCH -N 99"', "string should match pattern"),
    ],
)
def test_a_mistake_in_the_file_is_told(tmp_path, text, message):
    path = tmp_path / "slurm.yaml"
    path.write_text(text)
    with pytest.raises(SpecError) as refusal:
        load_slurm(path)
    assert message in str(refusal.value)
