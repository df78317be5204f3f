"""``spinn2sim new``: what it writes works as it is, and nothing is overwritten."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def python(*arguments, folder):
    """A Python process in *folder*, which has the simulator and nothing else of the repository."""
    return subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_tests_that_are_written_pass_and_are_well_formatted(cli, tmp_path):
    assert cli("new", "firmware", "my_network")[0] == 0
    assert cli("new", "scenario", "fast-clock")[0] == 0
    done = python("pytest", "-q", "-p", "no:cacheprovider", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("6 passed")
    settings = ("--isolated", "--line-length", "100", ".")
    for tool in (("format", "--check"), ("check", "--select", "E,F,B,W,UP,RUF,NPY")):
        linted = python("ruff", *tool, *settings, folder=tmp_path)
        assert linted.returncode == 0, linted.stdout


@pytest.mark.parametrize("kind", ["firmware", "scenario"])
def test_the_scenario_that_is_written_runs(cli, kind):
    assert cli("new", kind, "mine")[0] == 0
    code, out, _ = cli("run", "mine/scenario.yaml", "--json", "--out", "run")
    assert code == 0
    content = json.loads(out)
    assert (content["name"], content["fits"]) == ("mine", True)


def test_it_says_what_was_written_and_how_to_go_on(cli, tmp_path):
    code, out, err = cli("new", "firmware", "counter")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "counter/__init__.py",
        "counter/firmware.py",
        "counter/scenario.yaml",
        "counter/test_counter.py",
        "",
        "next:",
        "  python -m pytest counter",
        "  spinn2sim run counter/scenario.yaml",
    ]
    assert names_in(tmp_path / "counter") == [
        "__init__.py",
        "firmware.py",
        "scenario.yaml",
        "test_counter.py",
    ]


def test_as_json_it_prints_the_same(cli):
    code, out, _ = cli("new", "scenario", "a-b", "--json")
    assert code == 0
    assert json.loads(out) == {
        "format": "spinn2sim/new/1",
        "files": ["a-b/scenario.yaml", "a-b/test_a_b.py"],
        "next": ["python -m pytest a-b", "spinn2sim run a-b/scenario.yaml"],
    }


@pytest.mark.parametrize("kind", ["firmware", "scenario"])
def test_what_is_there_is_not_overwritten(cli, tmp_path, kind):
    (tmp_path / "mine").mkdir()
    code, out, err = cli("new", kind, "mine")
    assert (code, out) == (2, "")
    assert err == "error: output mine: exists; choose another name\n"
    assert names_in(tmp_path / "mine") == []


@pytest.mark.parametrize("name", ["My", "1st", "a-b", "class", "../x", "a.b", "ä"])
def test_a_firmware_needs_the_name_of_a_package(cli, tmp_path, name):
    code, _, err = cli("new", "firmware", name)
    assert code == 2
    assert err == (
        f"error: new firmware {name!r}: expected the name of a Python package: small letters, "
        "digits and _\n"
    )
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("name", ["numpy", "json", "spinn2sim"])
def test_a_firmware_does_not_hide_an_installed_package(cli, tmp_path, name):
    code, _, err = cli("new", "firmware", name)
    assert code == 2
    assert "there is a Python package of that name" in err
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("name", ["../x", "a b", "-x", "a/b", "x" * 81])
def test_a_scenario_needs_a_plain_name(cli, tmp_path, name):
    code, _, err = cli("new", "scenario", "--", name)
    assert code == 2
    assert "expected up to 80 letters, digits, - and _" in err
    assert names_in(tmp_path) == []
