"""A page of the documentation, followed as its reader would: in order, in a folder of its own.

What a block is for, its fence says:

- ``console``: after ``$ `` a command, below it what it prints. ``[...]`` stands for lines left out;
  the shares of wall-clock time are not compared. ``$ echo $?`` shows an exit code that is not 0.
- ``yaml title="x.yaml"``, ``python title="x.py"``: a file that the reader writes.
- ``python``: is run; the blocks of a page share their names.
- ``sh``: what only the reader's own computer can do (install, ask a cluster); it is not run.
- ``py``, ``text``, ``json``: something to look at.
"""

import importlib
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

DOCS = Path(__file__).parents[2] / "docs"

FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>\w*)(?: title=\"(?P<title>[^\"]+)\")?[^\n]*\n"
    r"(?P<text>.*?)^(?P=indent)```$",
    flags=re.DOTALL | re.MULTILINE,
)
TIMES = re.compile(r"in [\d.]+ s( \([\d.e+]+ x real time\))?")
GAP = "[...]"


class Block(NamedTuple):
    """A fenced block, and the line of the page on which it begins."""

    language: str
    title: str | None
    text: str
    line: int


class Command(NamedTuple):
    """A command, and what the page shows of its output; an empty text if nothing."""

    text: str
    shown: str


def blocks(page):
    """All fenced blocks of the text *page*, in order."""
    return [
        Block(
            found["language"],
            found["title"],
            re.sub(rf"^{found['indent']}", "", found["text"], flags=re.MULTILINE),
            page.count("\n", 0, found.start()) + 1,
        )
        for found in FENCE.finditer(page)
    ]


def commands(block):
    """The commands of a ``console`` block."""
    parts = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
    assert not parts[0].strip(), f"line {block.line}: output before the first command"
    found = []
    for part in parts[1:]:
        command, _, shown = part.replace("\\\n", " ").partition("\n")
        found.append(Command(" ".join(command.split()), shown.rstrip("\n")))
    return found


def difference(shown, printed):
    """The first lines of *shown* that *printed* does not have where they should be; else None."""
    lines = [TIMES.sub("in TIME", line) for line in printed.rstrip("\n").splitlines()]
    expected = [TIMES.sub("in TIME", line) for line in shown.splitlines()]
    chunks = [[]]
    for line in expected:
        if line == GAP:
            chunks.append([])
        else:
            chunks[-1].append(line)
    place = 0
    for number, chunk in enumerate(chunks):
        first, last = number == 0, number == len(chunks) - 1
        places = range(place, len(lines) - len(chunk) + 1)
        if first:
            places = places[:1]
        if last and chunk:
            places = [at for at in places if at == len(lines) - len(chunk)]
        at = next((at for at in places if lines[at : at + len(chunk)] == chunk), None)
        if at is None:
            return "\n".join(chunk)
        place = at + len(chunk)
    return None


class Reader:
    """Follows pages. *cli* runs ``spinn2sim`` with arguments: exit code, output, errors."""

    def __init__(self, cli):
        self.cli = cli
        self.code = 0
        self.names = {"__name__": "__page__"}

    def follow(self, page):
        """Do what *page* says, in the current folder."""
        for block in blocks(page):
            match block.language:
                case "console":
                    for command in commands(block):
                        self.run(command, block.line)
                case "yaml" | "python" if block.title:
                    self.write(block)
                case "python":
                    exec(compile(block.text, f"line {block.line}", "exec"), self.names)  # noqa: S102
                case "sh" | "py" | "text" | "json":
                    pass
                case _:
                    raise AssertionError(f"line {block.line}: nobody runs {block.language!r}")

    def run(self, command, line):
        """Run *command*, and compare what it prints with what the page shows."""
        assert self.code == 0 or command.text == "echo $?", f"before line {line}: {self.code}"
        printed = self.output_of(shlex.split(command.text, comments=True))
        if command.shown:
            missing = difference(command.shown, printed)
            assert missing is None, (
                f"line {line}: {command.text}\nis shown to print\n{missing}\nand prints\n{printed}"
            )

    def output_of(self, words):
        """What the command *words* prints; its exit code is kept."""
        match words:
            case ["spinn2sim", *arguments]:
                self.code, out, err = self.cli(*arguments)
                return out + err
            case ["echo", "$?"]:
                code, self.code = self.code, 0
                return str(code)
            case ["python", *arguments]:
                done = subprocess.run(  # noqa: S603 - a command of our own page
                    [sys.executable, *arguments], capture_output=True, text=True, check=False
                )
                self.code = done.returncode
                return done.stdout + done.stderr
            case _:
                raise AssertionError(f"nobody runs {words}")

    def write(self, block):
        """Write the file that *block* shows."""
        path = Path(block.title)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
        importlib.invalidate_caches()
