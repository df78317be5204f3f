"""Starting points: a firmware or a scenario with a test that passes, to be changed from there.

The templates are in ``templates/``; ``$name`` and ``$class_name`` stand for the user's names.
"""

from __future__ import annotations

import keyword
import re
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from string import Template

from spinn2sim.errors import OutputError, SpecError

_TEMPLATES = resources.files("spinn2sim") / "templates"


def write_firmware(name: str, parent: Path) -> list[Path]:
    """Write the package *name* with a firmware, a scenario and a test into *parent*; its files.

    :raises SpecError: *name* cannot be that of a package, or one is installed.
    :raises OutputError: there is such a folder, or it cannot be written.
    """
    if not re.fullmatch("[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        problem = "expected the name of a Python package: small letters, digits and _"
        raise SpecError(f"new firmware {name!r}", (problem,))
    if not (parent / name).exists() and find_spec(name) is not None:
        problem = "there is a Python package of that name, which it would hide; choose another"
        raise SpecError(f"new firmware {name!r}", (problem,))
    return _write("firmware", name, parent)


def write_scenario(name: str, parent: Path) -> list[Path]:
    """Write a scenario and a test into the folder *name* in *parent*; its files.

    :raises SpecError: *name* cannot be that of a scenario.
    :raises OutputError: there is such a folder, or it cannot be written.
    """
    if not re.fullmatch("[A-Za-z0-9][A-Za-z0-9_-]{0,79}", name):
        problem = "expected up to 80 letters, digits, - and _"
        raise SpecError(f"new scenario {name!r}", (problem,))
    return _write("scenario", name, parent)


def _write(kind: str, name: str, parent: Path) -> list[Path]:
    folder = parent / name
    words = {"name": name, "class_name": "".join(part.title() for part in name.split("_"))}
    files = []
    try:
        folder.mkdir(parents=True)
        for template in sorted((_TEMPLATES / kind).iterdir(), key=lambda file: file.name):
            text = Template(template.read_text("utf-8")).substitute(words)
            own = template.name.removesuffix(".txt")
            path = folder / own.replace("test_name", f"test_{name.replace('-', '_')}")
            path.write_text(text, encoding="utf-8")
            files.append(path)
    except FileExistsError:
        raise OutputError(str(folder), "exists", "choose another name") from None
    except OSError as error:
        problem = f"cannot be written ({error.strerror or error})"
        raise OutputError(str(folder), problem, "go to another folder") from None
    return files
