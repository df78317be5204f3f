"""The commands ``new firmware`` and ``new scenario``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spinn2sim.command_line import AsJson, print_json, print_text

new_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Also of the folder that is made.")]


@new_app.callback()
def about() -> None:
    """Write a starting point with a passing test."""


@new_app.command()
def firmware(name: Name, *, as_json: AsJson = False) -> None:
    """Write a package with a firmware, a scenario that runs it, and a test.

    \b
    spinn2sim new firmware my_network
    """
    from spinn2sim.starting_point import write_firmware

    _tell(name, write_firmware(name, Path()), as_json=as_json)


@new_app.command()
def scenario(name: Name, *, as_json: AsJson = False) -> None:
    """Write a folder with a scenario, and a test that holds what it promises.

    \b
    spinn2sim new scenario fast-clock
    """
    from spinn2sim.starting_point import write_scenario

    _tell(name, write_scenario(name, Path()), as_json=as_json)


def _tell(name: str, files: list[Path], *, as_json: bool) -> None:
    following = [f"python -m pytest {name}", f"spinn2sim run {name}/scenario.yaml"]
    if as_json:
        print_json("new", {"files": [str(file) for file in files], "next": following})
        return
    print_text("\n".join([*map(str, files), "", "next:", *(f"  {each}" for each in following)]))
