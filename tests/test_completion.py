"""Completion in the shell: the script that a shell loads, and what it is told."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def told(instruction, *, words="", number=0):
    """What the command line answers to the completion script of a shell."""
    completing = {
        "_SPINN2SIM_COMPLETE": instruction,
        "COMP_WORDS": words,
        "COMP_CWORD": str(number),
        "_TYPER_COMPLETE_ARGS": words,
    }
    done = subprocess.run(
        [sys.executable, "-m", "spinn2sim"],
        env={**os.environ, "PYTHONPATH": str(ROOT), **completing},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_that_calls_it(shell):
    assert "_SPINN2SIM_COMPLETE=complete_" in told(f"source_{shell}")


def test_commands_and_options_are_completed():
    assert told("complete_bash", words="spinn2sim ch", number=1).split() == ["check"]
    assert told("complete_bash", words="spinn2sim run --se", number=2).split() == [
        "--seed",
        "--set",
    ]
