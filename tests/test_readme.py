"""The README shows what is really there: the figures, the commands, the pages."""

import re
import shlex
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from spinn2sim.report import summarise
from spinn2sim.report.terminal import print_run
from tests.docs.pages import difference

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```\w*\n(.*?)```", README, flags=re.DOTALL)

#: Lines before "How far to trust it": what and why, the picture, the commands.
ONE_SCREEN = 60


def block_that_shows(text):
    return next(block for block in BLOCKS if text in block)


def test_the_output_it_shows_is_the_one_of_that_run(paper_trace):
    output = StringIO()
    print_run(Console(width=80, file=output), paper_trace, summarise(paper_trace))
    printed = "\n".join(line.rstrip() for line in output.getvalue().splitlines())
    shown = block_that_shows("$ spinn2sim run --preset paper-12pe\n").partition("\n")[2]
    assert shown.count("\n") > 5
    assert difference(shown, printed) is None


def test_what_and_why_are_on_one_screen():
    assert README.partition("## How far")[0].count("\n") <= ONE_SCREEN
    assert len(README.splitlines()) < 100


def test_its_two_commands_are_targets_of_the_makefile():
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    named = re.findall(r"^make ([a-z-]+) ", block_that_shows("make demo"), flags=re.MULTILINE)
    assert len(named) == 2
    assert set(named) <= set(targets)


def test_the_pages_and_pictures_that_it_links_to_are_there():
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert len(links) > 15
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.fixture
def demo(cli, paper_trace):
    """The run that `make demo` leaves, in runs/demo."""
    from spinn2sim import load_scenario
    from spinn2sim.run_folder import write_run

    scenario = load_scenario(preset="paper-12pe")
    write_run(Path("runs/demo"), scenario, paper_trace, summarise(paper_trace), wall_s=1.0)
    return cli


def test_the_five_things_to_try_work(demo):
    lines = block_that_shows("spinn2sim report").splitlines()
    assert len(lines) == 5
    for line in lines:
        words = shlex.split(line, comments=True)[1:]
        if words[0] == "report":
            words.append("--no-sensitivity")  # half a minute, tested elsewhere
        code, out, err = demo(*words)
        assert (code, err) == (0, ""), line
        assert out
