"""A hook of mkdocs: each notebook in docs/notebooks becomes a page, with the outputs it has kept.

tests/docs/test_notebooks.py runs the notebooks and holds these outputs.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

FOLDER = "notebooks"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page, and its figures, for each notebook."""
    for path in sorted(Path(config.docs_dir, FOLDER).glob("*.ipynb")):
        figures: dict[str, bytes] = {}
        page = "\n\n".join(_page(path.stem, json.loads(path.read_text("utf-8")), figures))
        address = f"{FOLDER}/{path.stem}"
        files.append(File.generated(config, f"{address}.md", content=f"{page}\n"))
        for name, content in figures.items():
            files.append(File.generated(config, f"{FOLDER}/{name}", content=content))
    return files


def _page(stem: str, notebook: dict[str, Any], figures: dict[str, bytes]) -> Iterator[str]:
    """The blocks of Markdown; what they show as images is put into *figures*."""
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            yield source
            continue
        yield f"```python\n{source}\n```"
        for output in cell["outputs"]:
            yield from _output(stem, output, figures)


def _output(stem: str, output: dict[str, Any], figures: dict[str, bytes]) -> Iterator[str]:
    shown = output.get("data", {})
    if "image/png" in shown:
        name = f"{stem}-{len(figures) + 1}.png"
        figures[name] = base64.b64decode(shown["image/png"])
        text = "".join(shown.get("text/plain", "figure"))
        yield f"![{re.sub(r'[<>]', '', text)}]({name})"
    elif text := "".join(output.get("text", shown.get("text/plain", ""))):
        yield f"```text\n{text.rstrip()}\n```"
