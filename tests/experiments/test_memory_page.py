"""docs/memory.md is what its script writes, and says what the arrays say."""

import re
from pathlib import Path

import pytest

from experiments import memory_table as script

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def page():
    return script.page()


def test_the_page_is_what_the_script_writes(page):
    assert (DOCS / "memory.md").read_text() == page
    assert (DOCS / "images" / "memory.png").read_bytes().startswith(b"\x89PNG")


def test_its_figures_for_bptt_are_those_of_the_arrays(page):
    with_traces, without = re.search(
        r"BPTT, 20 neurons \|.*\| (\S+) KB .*\| (\S+) KB", page
    ).groups()
    assert float(with_traces) == pytest.approx(119, rel=0.01)
    assert float(without) == pytest.approx(94.8, rel=0.01)


@pytest.mark.parametrize(
    ("with_traces", "kilobytes"), [(True, 118.6), (False, 94.8)], ids=["with traces", "without"]
)
def test_the_reconstructed_formula_says_the_same(with_traces, kilobytes):
    words = script.formula_words(20, with_traces=with_traces)
    assert words * 4 / 1024 == pytest.approx(kilobytes, abs=0.05)


@pytest.mark.parametrize("with_traces", [True, False])
def test_the_crossing_is_the_first_length_at_which_bptt_needs_more(with_traces):
    n = script.crossing(with_traces=with_traces)
    limit = sum(script.eprop_bytes(360, 36))
    at, before = (script.bptt_bytes(256, t, with_traces=with_traces) for t in (n, n - 1))
    assert before <= limit < at


def test_nothing_of_a_layout_is_left_out_of_its_groups(page):
    sizes = re.findall(r"^\| [a-zA-Z'\- ]+ \| (\d+\.\d) KB \|$", page, re.MULTILINE)
    assert sum(map(float, sizes)) == pytest.approx(
        script.bptt_bytes(120, with_traces=True) / 1024, abs=0.3
    )
