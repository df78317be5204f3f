"""``paper``: on a claims file of the test's own, beside functions that are in no package."""

import json
import re
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from spinn2sim.cli import app
from spinn2sim.errors import MissingFileError, SpecError

FUNCTIONS = """
from spinn2sim.claims import Found

def half(*, of):
    return Found(of / 2, f"half of {of}")

def trained(place, *, epochs):
    log = place.runs / "log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(log.read_text() + "x" if log.exists() else "x")
    return Found(50 + epochs, f"on {place.corpus}")

def draw(path):
    path.write_bytes(b"PNG")

def sizes():
    return ("n", "bytes"), [("1", "4")]

def sweep(place):
    return ("n",), [("7",)]

def broken():
    return float("nan")
"""

CLAIM = {
    "section": "Things",
    "tolerance": {"why": "a count"},
    "provenance": {"origin": "text", "where": "Table 1", "known": "stated"},
}
CONTENT = {
    "paper": "A paper",
    "page": "docs/page.md",
    "record": "kept.json",
    "sections": ["Things"],
    "claims": [
        {"id": "a", "claim": "A half", "value": 2, "compute": "FUNCTIONS:half", "with": {"of": 4}},
        {
            "id": "b",
            "claim": "Another half",
            "value": 2,
            "compute": "FUNCTIONS:half",
            "with": {"of": 5},
            "why": "five is not four",
        },
        {
            "id": "c",
            "claim": "A slow one",
            "value": 62,
            "unit": "%",
            "compute": "FUNCTIONS:trained",
            "with": {"epochs": 12},
            "slow": True,
        },
    ],
    "figures": [
        {"id": "f", "title": "F", "text": "f", "file": "f.png", "compute": "FUNCTIONS:draw"}
    ],
    "tables": [
        {"id": "t", "title": "T", "text": "t", "compute": "FUNCTIONS:sizes"},
        {"id": "u", "title": "U", "text": "u", "compute": "FUNCTIONS:sweep", "slow": True},
    ],
    "left_out": [{"id": "z", "why": "no number"}],
}


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A folder with a claims file and the module it names, which has a name of its own."""
    module = f"claims_of_{tmp_path.name}"
    (tmp_path / f"{module}.py").write_text(FUNCTIONS)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "experiments").mkdir()
    content = {**CONTENT, "claims": [CLAIM | claim for claim in CONTENT["claims"]]}
    write(tmp_path, content)
    return tmp_path


def write(folder, content):
    text = json.dumps(content).replace("FUNCTIONS:", f"claims_of_{folder.name}:")
    (folder / "experiments" / "paper.yaml").write_text(text)


def run(*arguments):
    result = CliRunner().invoke(app, ["paper", *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.stdout


def claims_of(*arguments):
    found = json.loads(run(*arguments, "--json"))
    return {claim["id"]: claim for claim in found["claims"]}


@pytest.mark.usefixtures("repository")
def test_every_claim_is_computed_and_judged():
    found = claims_of()
    assert {name: (c["simulator"], c["verdict"]) for name, c in found.items()} == {
        "a": (2.0, "reproduced"),
        "b": (2.5, "not reproduced"),
        "c": (None, "not computed"),
    }
    assert found["b"]["difference"] == 0.5


def test_the_page_says_what_the_terminal_says_and_why(repository):
    out = run()
    page = (repository / "docs" / "page.md").read_text()
    assert "| b | Another half | 2 | 2.5 | +25.0% | **not reproduced** |" in page
    assert "five is not four" in page
    assert "| 1 | 4 |" in page
    assert "![F](images/f.png)" in page
    assert "- `z`: no number" in page
    assert (repository / "docs" / "images" / "f.png").read_bytes() == b"PNG"
    assert "b: Here: half of 5. five is not four" in out
    assert "3 claims: 1 reproduced, 1 not reproduced, 1 not computed" in out


@pytest.mark.usefixtures("repository")
def test_no_line_on_the_terminal_is_wider_than_80_columns(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    assert max(map(len, run().splitlines())) <= 80


def test_a_slow_claim_is_computed_on_request_only_and_kept_with_its_origin(repository):
    assert claims_of("--slow", "--data", "corpus")["c"]["simulator"] == 62
    kept = claims_of()["c"]
    assert (kept["simulator"], kept["verdict"]) == (62, "reproduced")
    assert kept["note"] == "on corpus"
    assert kept["computed"]["command"] == "spinn2sim paper --slow --data corpus --runs runs/paper"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", kept["computed"]["date"])
    assert (repository / "runs" / "paper" / "log").read_text() == "x"


def test_a_kept_value_is_not_shown_for_another_question(repository):
    claims_of("--slow")
    content = json.loads((repository / "experiments" / "paper.yaml").read_text())
    content["claims"][2]["with"] = {"epochs": 13}
    write(repository, content)
    assert claims_of()["c"]["verdict"] == "not computed"


def test_a_slow_table_is_in_the_page_once_it_was_computed(repository):
    run()
    page = repository / "docs" / "page.md"
    assert "Not computed yet" in page.read_text()
    run("--slow")
    assert "| 7 |" in page.read_text()
    assert "Not computed yet" not in page.read_text()


def test_only_computes_what_is_named_and_writes_no_page(repository):
    out = run("--only", "b", "--only", "t")
    assert "Another half" in out
    assert "A half" not in out
    assert "bytes" in out
    assert not (repository / "docs" / "page.md").exists()


def test_no_write_leaves_the_page_alone(repository):
    run("--no-write")
    assert not (repository / "docs").exists()


@pytest.mark.usefixtures("repository")
def test_an_unknown_id_gets_the_nearest_one():
    with pytest.raises(SpecError, match="--only: no claim, figure or table 'bb'; did you mean 'b'"):
        run("--only", "bb")


@pytest.mark.parametrize(
    ("compute", "problem"),
    [
        ("FUNCTIONS:hlaf", "did you mean 'half'?"),
        ("nowhere_at_all:f", "there is no module 'nowhere_at_all'"),
        ("FUNCTIONS:half", "half: with: missing a required argument: 'of'"),
        ("FUNCTIONS:broken", "gave nan: expected text, a truth value or a finite number"),
    ],
)
def test_a_function_that_gives_no_value_is_named(repository, compute, problem):
    claim = CLAIM | {"id": "a", "claim": "A", "value": 1, "compute": compute}
    write(repository, CONTENT | {"claims": [claim]})
    with pytest.raises(SpecError) as caught:
        run()
    assert problem in str(caught.value)


def test_a_damaged_record_is_named_with_its_remedy(repository):
    (repository / "experiments" / "kept.json").write_text("{")
    with pytest.raises(SpecError, match="not the record of a slow run"):
        run()


def test_outside_of_the_repository_the_message_says_where_the_claims_are(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MissingFileError, match="part of the repository, not of the installed"):
        run()


def test_the_makefile_runs_what_the_pages_name():
    makefile = (Path(__file__).parents[1] / "Makefile").read_text()
    assert "spinn2sim paper\n" in makefile
    assert "spinn2sim paper --slow\n" in makefile


@pytest.mark.usefixtures("repository")
def test_what_json_prints_is_of_its_format():
    found = json.loads(run("--json"))
    assert found["format"] == "spinn2sim/paper/1"
    assert found["tables"]["t"]["rows"] == [["1", "4"]]
