"""The pages to learn from: what they tell the reader to do works, and prints what they show."""

import inspect
import re

import pytest

from firmware_models.ping import Ping
from tests.docs.pages import DOCS, Reader, blocks, commands, difference
from tests.docs.renew import renewed

TUTORIALS = (
    "tutorial",
    "firmware",
    "chip",
    "cluster",
    "interop",
    "json",
    "sweeps",
    *(pytest.param(name, marks=pytest.mark.slow) for name in ("learning", "measure", "report")),
)

#: Lines that the whole of a LIF firmware and its scenario stay under.
MAX_LINES = 60


def page(name):
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


def file_shown(name, title):
    return next(block.text for block in blocks(page(name)) if block.title == title)


@pytest.mark.parametrize("name", TUTORIALS)
def test_the_page_does_and_prints_what_it_shows(name, reader):
    reader.follow(page(name))


@pytest.mark.parametrize("name", TUTORIALS)
def test_the_page_has_commands_whose_output_is_shown(name):
    found = [each for b in blocks(page(name)) if b.language == "console" for each in commands(b)]
    assert any(command.shown for command in found)


def test_a_lif_firmware_and_its_scenario_take_fewer_lines_than_sixty():
    lines = [file_shown("firmware", title).splitlines() for title in ("lif.py", "lif.yaml")]
    assert 30 < sum(map(len, lines)) < MAX_LINES
    assert max(len(line) for file in lines for line in file) <= 100


def test_the_ping_firmware_on_the_page_is_the_one_in_the_package():
    shown = next(b.text for b in blocks(page("firmware")) if b.text.startswith("class Ping"))
    assert shown == inspect.getsource(Ping)


def test_an_output_is_renewed_with_as_many_lines_as_it_had():
    assert renewed("a\nb\n[...]\nz", "1\n2\n3\n4\n5\n") == ["1", "2", "[...]", "5"]
    assert renewed("a\n[...]", "1\n2\n3\n") == ["1", "[...]"]
    assert renewed("a", "1\n2\n") == ["1", "2"]
    assert renewed("", "1\n2\n") == []


# The reader can be disappointed: each of these pages is wrong.


def follow_with(outputs, text):
    """Follow the page *text* with a command line that prints *outputs*, one after the other."""
    left = iter(outputs)
    Reader(lambda *_: next(left)).follow(text)


def console(*lines):
    return "\n".join(["```console", *lines, "```", ""])


def test_a_page_that_shows_what_is_printed_is_right():
    follow_with([(0, "a\nb\nc\n", "")], console("$ spinn2sim run x", "a", "[...]", "c"))


@pytest.mark.parametrize(
    "shown",
    [["b"], ["a", "[...]", "b"], ["a", "c"], ["[...]", "c", "a"], ["a", "b", "c", "d"], ["a 1"]],
    ids=" ".join,
)
def test_another_output_than_the_printed_one_is_found(shown):
    with pytest.raises(AssertionError, match="is shown to print"):
        follow_with([(0, "a\nb\nc\n", "")], console("$ spinn2sim run x", *shown))


@pytest.mark.parametrize(
    ("shown", "missing"),
    [
        ("1.00 s simulated in 0.5 s (2 x real time); ok", None),
        ("1.00 s simulated in 7 s; ok", None),
        ("2.00 s simulated in 0.5 s (2 x real time); ok", "2.00 s simulated in TIME; ok"),
    ],
)
def test_wall_clock_times_are_not_compared_and_all_else_is(shown, missing):
    assert difference(shown, "1.00 s simulated in 0.09 s (11 x real time); ok\n") == missing


def test_an_exit_code_that_the_page_does_not_show_is_found():
    with pytest.raises(AssertionError, match="2"):
        follow_with(
            [(2, "", "error\n"), (0, "", "")], console("$ spinn2sim run x", "$ spinn2sim run y")
        )


def test_an_exit_code_that_the_page_shows_is_expected():
    follow_with([(2, "", "error\n")], console("$ spinn2sim run x", "error", "$ echo $?", "2"))


def test_code_that_fails_is_found():
    with pytest.raises(ZeroDivisionError):
        follow_with([], "```python\nx = 1\n```\n\nthen\n\n```python\nx / 0\n```\n")


def test_a_block_that_nobody_would_run_is_refused():
    with pytest.raises(AssertionError, match="nobody runs 'ruby'"):
        follow_with([], "```ruby\n1\n```\n")


def test_files_are_written_as_shown(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    follow_with([], '```yaml title="a/b.yaml"\nx: 1\n```\n')
    assert re.fullmatch("x: 1\n", (tmp_path / "a" / "b.yaml").read_text())
