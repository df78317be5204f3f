"""An off-by-one in the code of any of the four computations of time is noticed by the comparisons.

The package is copied, one line of it is made wrong, and the comparison is run on the copy, which
compiles anew what depends on it.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

NETWORKS = "from tests.hw.noc.test_hop import agree, barriers; agree(barriers, range(20))"
MACHINES = (
    "from tests.hw.test_replay import test_a_run_of_the_papers_network_has_the_same_digest as same;"
    "same()"
)

#: What is made wrong: file, a line of it, what it becomes, and the comparison.
PLANTS = {
    "hop": ("hop.py", r"at\(now \+ link\.latency\)", "at(now + link.latency + 1)", NETWORKS),
    "credits of hop": (
        "hop.py",
        r"self\.ask\(self\.noc\.now \+ 1\)",
        "self.ask(self.noc.now + 2)",
        NETWORKS,
    ),
    "event": (
        "routers/kernels.py",
        r"arrival = noc\[at\.CYCLE\] \+ noc\[link \+ at\.LATENCY\]",
        "arrival = noc[at.CYCLE] + 1 + noc[link + at.LATENCY]",
        NETWORKS,
    ),
    "fast": (
        "fast/routers/kernels.py",
        r"cycle \+ pool\[row \+ fast\.LATENCY\]",
        "cycle + 1 + pool[row + fast.LATENCY]",
        NETWORKS,
    ),
    "credits of fast": (
        "fast/kernels.py",
        r"pool\[its\.freed \+ k\], cycle \+ 1\)",
        "pool[its.freed + k], cycle + 2)",
        NETWORKS,
    ),
    "turns of fast": (
        "fast/quads/kernels.py",
        r"lane_of\(waited_at, lane\), last \+ 1\)",
        "lane_of(waited_at, lane), last)",
        NETWORKS,
    ),
    "the depth of input FIFOs": (
        "fast/routers/kernels.py",
        r"if pool\[port \+ fast\.SLOTS \+ slot\]:",
        "if pool[port + fast.SLOTS + (slot + 1 & fast.SLOT_MASK)]:",
        "from tests.hw.noc.test_depth import exact; exact()",
    ),
    "raster": (
        "../replay/network/kernels.py",
        r"\+ p\[at\.CROSSING\]",
        "+ 1 + p[at.CROSSING]",
        MACHINES,
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_off_by_one_is_noticed(tmp_path, name):
    file, line, wrong, comparison = PLANTS[name]
    # With what is compiled: it is made anew where it depends on the line (``spinn2sim.compiled``).
    shutil.copytree(ROOT / "spinn2sim", tmp_path / "spinn2sim")
    for other in ("tests", "firmware_models"):
        (tmp_path / other).symlink_to(ROOT / other)
    path = tmp_path / "spinn2sim" / "hw" / "noc" / file
    planted, n = re.subn(line, wrong, path.read_text())
    assert n == 1, f"{file} has {n} lines {line!r}: plant another"
    path.write_text(planted)
    done = subprocess.run(  # noqa: S603 - our own comparison
        [sys.executable, "-c", comparison],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "AssertionError" in done.stderr, done.stderr
