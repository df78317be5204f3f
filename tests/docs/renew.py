"""Put what commands print now into pages: ``python -m tests.docs.renew tutorial chip``.

Of a command's output as many lines are shown as before: those before the first ``[...]`` and those
after the last one. An output that is not shown stays so. Look at the difference before you keep it.
"""

import contextlib
import io
import os
import re
import shlex
import sys
import tempfile
from pathlib import Path

import spinn2sim.cli
import spinn2sim.run_folder
from tests.docs.pages import DOCS, GAP, Reader, blocks, commands


class Renewer(Reader):
    """A reader who notes what each command prints."""

    def __init__(self):
        super().__init__(_run)
        self.printed = []

    def run(self, command, line):  # noqa: ARG002 - as a Reader's
        """Run *command*; what it prints is not compared."""
        self.printed.append(self.output_of(shlex.split(command.text, comments=True)))


def renewed(shown, printed):
    """*printed*, as much of it as *shown* had."""
    lines, old = printed.rstrip("\n").splitlines(), shown.splitlines()
    if GAP not in old:
        return lines if old else []
    n_first, n_last = old.index(GAP), old[::-1].index(GAP)
    return [*lines[:n_first], GAP, *(lines[-n_last:] if n_last else [])]


def renew(page):
    """The text *page* with what its commands print now."""
    reader = Renewer()
    reader.follow(page)
    outputs = iter(reader.printed)
    for block in blocks(page):
        if block.language == "console":
            heads = re.findall(r"^\$ .*(?:\\\n.*)*", block.text, flags=re.MULTILINE)
            lines = [
                line
                for head, command in zip(heads, commands(block), strict=True)
                for line in (head, *renewed(command.shown, next(outputs)))
            ]
            page = page.replace(block.text, "\n".join([*lines, ""]), 1)
    return page


def _run(*arguments):
    """``spinn2sim`` with *arguments*, in this process: exit code, output, errors."""
    sys.argv = ["spinn2sim", *arguments]
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    code = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            spinn2sim.cli.main()
        except SystemExit as end:
            code = end.code or 0
    texts = []
    for stream in (out, err):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())
    return code, *texts


if __name__ == "__main__":
    os.environ["COLUMNS"] = "80"
    spinn2sim.run_folder.draw_profile = lambda *_: None
    for name in sys.argv[1:]:
        path = DOCS / f"{name}.md"
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            for kept in ("firmware_models", "tests"):
                Path(kept).symlink_to(DOCS.parent / kept)
            path.write_text(renew(path.read_text(encoding="utf-8")), encoding="utf-8")
