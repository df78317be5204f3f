"""What is built holds all that it needs, and works where there is no repository."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[1]
PACKAGES = ("spinn2sim", "firmware_models")

#: What is no code and without which something does not work, and how many there are at least.
DATA = {
    "spinn2sim/spec/presets/*.yaml": 4,
    "spinn2sim/arm/cortex_m4f.yaml": 1,
    "spinn2sim/workload/speech/*/*": 60,
    "spinn2sim/report/html/templates/*": 10,
    "spinn2sim/report/html/vendor/*.js": 1,
    "spinn2sim/templates/firmware/*.txt": 4,
    "spinn2sim/templates/scenario/*.txt": 2,
    "spinn2sim/py.typed": 1,
    "firmware_models/eprop/costs/*.yaml": 16,
    "firmware_models/eprop/costs/parts/*.yaml": 1,
    "firmware_models/eprop/accesses.yaml": 1,
    "firmware_models/eprop/c/elf/*.elf": 15,
    "firmware_models/eprop/c/*.c": 6,
}
MADE = ("__pycache__", ".pyc", ".nbi", ".nbc")


def included(builder):
    """Paths of the files that *builder* would put in, as they are in the repository."""
    return {Path(file.path).relative_to(ROOT) for file in builder.recurse_included_files()}


@pytest.fixture(scope="module")
def in_wheel():
    return included(WheelBuilder(str(ROOT)))


@pytest.fixture(scope="module")
def in_sdist():
    return included(SdistBuilder(str(ROOT)))


@pytest.mark.parametrize("pattern", DATA)
def test_the_wheel_holds_what_is_no_code(in_wheel, pattern):
    wanted = {path.relative_to(ROOT) for path in ROOT.glob(pattern)}
    assert len(wanted) >= DATA[pattern]
    assert wanted <= in_wheel


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(in_wheel):
    wanted = {
        path.relative_to(ROOT)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and not any(part in str(path) for part in (*MADE, "/c/build/"))
    }
    assert in_wheel == wanted


def test_the_sdist_holds_the_wheel_and_all_to_work_on_it(in_wheel, in_sdist):
    assert in_wheel <= in_sdist
    files = ("Makefile", "mkdocs.yml", "Containerfile", "README.md", "docs/index.md")
    assert {Path(name) for name in files} <= in_sdist
    assert Path(__file__).relative_to(ROOT) in in_sdist


def run(*command, folder, **environment):
    """Run *command* in *folder*, without a way to the repository."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(  # noqa: S603 - our own tools
        [str(word) for word in command],
        cwd=folder,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The wheel that is made from the sdist, in a new environment without the repository.

    The libraries that it needs are those of this environment, by a path file; nothing is fetched.
    """
    folder = tmp_path_factory.mktemp("a place with blanks")
    build = (sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    run(*build, folder=folder)
    (wheel,) = folder.glob("*.whl")
    assert len(list(folder.glob("*.tar.gz"))) == 1

    environment = folder / "environment"
    venv.create(environment)
    python = environment / "bin" / "python"
    install = ("pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel)
    run(sys.executable, "-m", *install, folder=folder)
    own = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", folder=folder)
    # A path file within the added folder, as an editable installation has, is not read.
    (Path(own.strip()) / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder, environment / "bin"


@pytest.mark.slow
def test_the_wheel_runs_and_reports_without_the_repository(installed):
    folder, programs = installed
    where = "import spinn2sim, firmware_models as f; print(spinn2sim.__file__); print(f.__file__)"
    for file in run(programs / "python", "-c", where, folder=folder).splitlines():
        assert Path(file).is_relative_to(folder), file
    paths = run(programs / "python", "-c", "import sys; print(*sys.path, sep='\\n')", folder=folder)
    assert str(ROOT) not in paths.splitlines()

    command = programs / "spinn2sim"
    summary = json.loads(run(command, "run", "--preset", "paper-12pe", "--json", folder=folder))
    assert (summary["n_pe"], summary["fits"]) == (12, True)
    report = ("report", summary["folder"], "-o", "report.html", "--no-sensitivity")
    assert run(command, *report, folder=folder) == "report.html\n"
    assert (folder / "report.html").stat().st_size > 1_000_000
    assert json.loads(run(command, "doctor", "--json", folder=folder))["ok"]
    elf = next(Path(folder).rglob("loops-O2.elf"))
    measured = ("measure", elf, "--sizes", "L=2,I=2,R=2,O=2", "--json")
    assert json.loads(run(command, *measured, folder=folder))["rows"]
    run(command, "new", "firmware", "mine", folder=folder)
    assert json.loads(run(command, "run", "mine/scenario.yaml", "--json", folder=folder))["fits"]
