"""A page: a template with its content, styles, scripts and plotly.js in one file.

Everything is inline and the page forbids itself the network, so it opens from a disk, a mail or an
archive alike. Text is escaped by jinja2 wherever it stands; numbers for scripts are JSON in which
no tag can begin.
"""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from spinn2sim import __version__
from spinn2sim.errors import MissingExtraError, OutputError

_TEMPLATES = resources.files("spinn2sim.report.html") / "templates"
_VENDOR = resources.files("spinn2sim.report.html") / "vendor"


def render(template: str, **content: Any) -> str:
    """The page that *template* makes of *content*.

    :raises MissingExtraError: jinja2 is not installed.
    """
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError:
        raise MissingExtraError("an HTML report", "jinja2", "report") from None
    environment = Environment(
        loader=PackageLoader("spinn2sim.report.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"allow_nan": False, "separators": (",", ":")}
    return environment.get_template(template).render(
        **content, version=__version__, plotly=_plotly, file=_file
    )


def write_page(path: Path, text: str) -> None:
    """Write *text* to *path*; a reader sees the old file or the whole new one.

    :raises OutputError: it cannot be written.
    """
    partial = path.with_name(f"{path.name}.partial")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        problem = f"cannot be written ({error.strerror or error})"
        raise OutputError(str(path), problem, "choose another -o") from None
    finally:
        partial.unlink(missing_ok=True)


def _plotly() -> Any:
    """The part of plotly.js that draws on axes: a third of the whole, and quick to open."""
    return _file("plotly-cartesian.min.js", _VENDOR)


def _file(name: str, folder: Traversable = _TEMPLATES) -> Any:
    """A style or script that comes with us, as it is."""
    from markupsafe import Markup

    text = (folder / name).read_text("utf-8")
    assert "</script" not in text.lower(), "it would end its own script"
    return Markup(text)  # noqa: S704 - no user's text
