"""All pages: tables are those of the sources, and commands, options and paths exist."""

import re
import shlex
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from experiments import doc_tables
from spinn2sim.cli import app
from tests.docs.pages import DOCS, blocks

ROOT = DOCS.parent
PAGES = sorted([*DOCS.rglob("*.md"), ROOT / "README.md"])

COMMANDS = get_command(app)
PATH = re.compile(r"`((?:spinn2sim|firmware_models|experiments|tests|docs|benchmarks)/[\w./*-]+)`")
#: What stands for a name, and the format of JSON, which looks like a path.
PLACEHOLDER = re.compile(r"[A-Z]{4,}|/\d$")
COMMAND = re.compile(r"^(?:\$ )?(spinn2sim .*?)(?: {2,}[^ -].*)?$", flags=re.MULTILINE)


@pytest.mark.parametrize("name", doc_tables.PAGES)
def test_the_tables_are_those_of_the_sources(name):
    page = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    assert doc_tables.with_tables(page) == page, "python -m experiments.doc_tables --write"
    assert "<!-- table: " in page


def test_a_number_that_has_drifted_is_found():
    page = (DOCS / "models.md").read_text(encoding="utf-8")
    assert "| 5 | 5 | published | CHIP |" in page
    drifted = page.replace("| 5 | 5 | published | CHIP |", "| 5 | 6 | published | CHIP |")
    assert doc_tables.with_tables(drifted) == page


def test_every_number_of_the_hardware_is_in_a_table():
    told = [path for part in doc_tables.PARTS for path in doc_tables.fields_of(part)]
    known = [path for name in doc_tables.MACHINES for path in doc_tables.machine(name).provenance]
    assert sorted(told) == sorted(set(known))
    page = (DOCS / "models.md").read_text(encoding="utf-8")
    assert all(f"<!-- table: {part} -->" in page for part in doc_tables.PARTS)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_files_that_a_page_names_exist(path):
    for name in PATH.findall(path.read_text(encoding="utf-8")):
        if not PLACEHOLDER.search(name):
            assert list(ROOT.glob(name.rstrip("/"))), name


def commands_of(text):
    """The commands in the blocks of a page, without comments and what follows them."""
    for block in blocks(text):
        if block.language not in ("py", "python", "yaml", "json"):
            joined = block.text.replace("\\\n", " ")
            yield from (shlex.split(line, comments=True) for line in COMMAND.findall(joined))


def options_of(words):
    """The options of the command that *words* call; ``sweep FILE`` stands for ``sweep run``."""
    command = COMMANDS
    for word in words[1:]:
        below = getattr(command, "commands", None)
        if below is None or word.startswith("-"):
            break
        command = below.get(word) or below["run"]
    return {option for each in command.params for option in (*each.opts, *each.secondary_opts)}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_commands_that_a_page_shows_have_their_options(path):
    for words in commands_of(path.read_text(encoding="utf-8")):
        if words[1] == "COMMAND":
            continue
        given = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert given - {"--help"} <= options_of(words), words


def test_every_page_is_in_the_navigation():
    # The site is built in strict mode, too, but that test is slow.
    _, _, nav = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")
    found = set(re.findall(r"[\w/.-]+\.md", str(yaml.safe_load(nav))))
    notebooks = {f"notebooks/{each.stem}.md" for each in Path(DOCS, "notebooks").glob("*.ipynb")}
    assert found == {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")} | notebooks
