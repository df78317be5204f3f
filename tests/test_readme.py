"""The README shows what is really there: the firmware, the figures, the commands."""

import inspect
import re
import shlex
from io import StringIO
from pathlib import Path

from rich.console import Console
from typer.testing import CliRunner

from firmware_models.ping import Ping
from spinn2sim.cli import app
from spinn2sim.report import summarise
from spinn2sim.report.explain import explain
from spinn2sim.report.terminal import print_run

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```\w*\n(.*?)```", README, flags=re.DOTALL)


def block_that_shows(text):
    return next(block for block in BLOCKS if text in block)


def test_the_firmware_it_shows_is_the_one_in_the_package():
    assert block_that_shows("class Ping") == inspect.getsource(Ping)


def test_the_output_it_shows_is_the_one_of_that_run(paper_trace):
    output = StringIO()
    print_run(Console(width=80, file=output), paper_trace, summarise(paper_trace))
    printed = {line.rstrip() for line in output.getvalue().splitlines()}
    shown = block_that_shows("$ spinn2sim run --preset paper-12pe\n").splitlines()[1:]
    assert [line for line in shown if line not in printed | {"[...]"}] == []


def test_the_explanation_it_shows_is_the_one_of_that_run(paper_trace):
    shown = block_that_shows("$ spinn2sim explain").splitlines()
    assert shown[1:] == "\n".join(explain(paper_trace, "energy_j.paper")).splitlines()


def test_the_commands_it_names_exist_with_their_options():
    commands = [
        shlex.split(line, comments=True)[1:]
        for line in block_that_shows("--pes 12 --clock 65MHz,150MHz").splitlines()
    ]
    assert len(commands) == 11
    for name, *arguments in commands:
        group = arguments[:1] if name in ("costs", "data", "sweep") else []
        usage = CliRunner().invoke(app, [name, *group, "--help"]).output
        for option in (word for word in arguments if word.startswith("--")):
            assert option in usage, (name, option)
