"""``spinn2sim doctor`` on computers that lack something."""

import json
import tomllib
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from spinn2sim import doctor

ROOT = Path(__file__).parents[1]

METADATA = [
    "numpy>=2.1",
    "simpy>=4.1.1",
    "jinja2>=3.1; extra == 'report'",
    'pyvcd>=0.4.1; extra == "report"',
    "ruff>=0.9; extra == 'dev'",
]
INSTALLED = {"numpy": "2.4.6", "simpy": "4.1.1", "jinja2": "3.1.0", "pyvcd": "0.4.1"}


@pytest.fixture
def computer(monkeypatch):
    """One where just these versions and programs are installed."""

    def with_(installed=INSTALLED, programs=()):
        def version(library):
            if library not in installed:
                raise PackageNotFoundError(library)
            return installed[library]

        monkeypatch.setattr(doctor, "version", version)
        monkeypatch.setattr(doctor, "requires", lambda _: METADATA)
        monkeypatch.setattr(
            doctor.shutil, "which", lambda name: f"/bin/{name}" if name in programs else None
        )
        return {finding.name: finding for finding in doctor.examine()}

    return with_


def test_what_is_there_is_named_with_its_version(computer):
    found = computer(programs=["espeak-ng"])
    assert found["numpy"] == ("numpy", "ok", "2.4.6", "")
    assert found["extra report"] == ("extra report", "ok", "jinja2 3.1.0, pyvcd 0.4.1", "")
    assert found["espeak-ng"] == ("espeak-ng", "ok", "/bin/espeak-ng", "")
    assert doctor.is_well(found.values())


def test_a_library_that_is_needed_and_missing_is_broken(computer):
    found = computer({**INSTALLED, "numpy": "1.26.4"})
    problem = "numpy 1.26.4 (too old: 2.1 is needed)"
    assert found["numpy"] == ("numpy", "broken", problem, "pip install spinn2sim")
    assert not doctor.is_well(found.values())
    del (fewer := dict(INSTALLED))["simpy"]
    assert computer(fewer)["simpy"].found == "no simpy"


def test_an_extra_that_is_missing_is_no_fault_and_says_how_to_get_it(computer):
    found = computer({**INSTALLED, "pyvcd": "0.4"})
    assert found["extra report"] == (
        "extra report",
        "absent",
        "jinja2 3.1.0, pyvcd 0.4 (too old: 0.4.1 is needed)",
        "for HTML reports, VCD files: pip install 'spinn2sim[report]'",
    )
    assert doctor.is_well(found.values())


def test_a_program_that_is_missing_is_named_with_its_package(computer):
    assert computer()["arm-none-eabi-gcc"] == (
        "arm-none-eabi-gcc",
        "absent",
        "not on the path",
        "for compiling the firmware in C: apt-get install gcc-arm-none-eabi",
    )


def test_compiled_functions_that_cannot_be_kept_are_a_fault(computer, monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "new"))
    assert computer()["compiled functions"].found == f"kept in {tmp_path / 'new'}"
    (tmp_path / "file").touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    found = computer()["compiled functions"]
    assert (found.state, found.remedy) == ("broken", "set NUMBA_CACHE_DIR to a folder")


def test_every_extra_of_the_project_is_looked_for_but_those_for_all_and_for_developers():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(doctor.EXTRAS) == set(project["optional-dependencies"]) - {"all", "dev", "mutation"}


def test_the_command_prints_a_line_for_each_and_succeeds_here(cli):
    code, out, err = cli("doctor")
    assert (code, err) == (0, "")
    assert any(line.split()[:2] == ["ok", "numba"] for line in out.splitlines())


def test_the_exit_code_is_1_if_something_needed_is_missing(cli, computer):
    computer({})
    code, out, _ = cli("doctor", "--json")
    content = json.loads(out)
    assert (code, content["ok"]) == (1, False)
    states = {finding["name"]: finding["state"] for finding in content["findings"]}
    assert (states["numpy"], states["extra report"]) == ("broken", "absent")
