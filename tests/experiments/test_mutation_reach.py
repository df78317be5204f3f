"""Which tests come first for a mutant, and what is imported anew for it: a tree made by hand."""

import json
import resource
import sys
import time

import pytest

from experiments.mutation.imports import dependents, forget
from experiments.mutation.reach import Chosen, Reach, statement

SOURCE = """\
import a

LIMIT = 3


@cache
def head(x=1):
    if x > LIMIT:
        y = (
            x + 1
        )
        return y
    return 0


class C:
    size = 4

    def method(self):
        return lambda: (
            self.size
        )
"""


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        (3, (1, 22)),  # runs at import
        (17, (1, 22)),  # so does the body of a class
        (6, (8, 13)),  # a decorator, and a default: the body of the function
        (7, (8, 13)),
        (8, (8, 12)),  # a condition, with what it decides on
        (10, (9, 11)),  # one statement of several lines
        (13, (13, 13)),
        (21, (20, 22)),
    ],
)
def test_a_change_is_noticed_by_who_runs_its_statement(line, lines):
    assert statement(SOURCE, line) == lines


def test_the_quickest_tests_that_run_a_statement_come_first(tmp_path):
    (tmp_path / "f.py").write_text(SOURCE)
    found = {"9": ["slow", "quick"], "11": ["middle"], "13": ["other"]}
    seconds = {"slow": 3.0, "quick": 1.0, "middle": 2.0, "other": 0.1}
    (tmp_path / "reach.json").write_text(json.dumps({"seconds": seconds, "lines": {"f.py": found}}))
    reach = Reach.read(tmp_path / "reach.json")
    assert reach.tests(tmp_path, "f.py", 10) == ["quick", "middle", "slow"]
    assert reach.tests(tmp_path, "f.py", 3) == ["other", "quick", "middle", "slow"]
    (tmp_path / "g.py").write_text(SOURCE)
    assert reach.tests(tmp_path, "g.py", 3) == []


class Item:
    def __init__(self, nodeid):
        self.nodeid = nodeid


def test_others_run_the_file_or_nothing_and_all_may_notice_what_runs_at_import(tmp_path):
    (tmp_path / "f.py").write_text(SOURCE)
    lines = {"f.py": {"9": ["a"], "13": ["b", "c"]}, "g.py": {"1": ["c", "d"]}}
    reach = Reach({"a": 1.0, "b": 3.0, "c": 2.0, "d": 1.0, "reads sources": 4.0}, lines)
    assert reach.others(tmp_path, "f.py", 9) == ["c", "b", "reads sources"]
    assert reach.others(tmp_path, "f.py", 3) == ["d", "reads sources"]


def test_chosen_tests_are_kept_in_their_order():
    items = [Item(name) for name in "abcd"]
    Chosen(["c", "a"], {}).pytest_collection_modifyitems(items)
    assert [item.nodeid for item in items] == ["c", "a"]


def test_each_test_has_its_own_limit_of_processor_time(monkeypatch):
    found = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (7, 1_000))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: found.append(limits))
    monkeypatch.setattr(time, "process_time", lambda: 2.5)
    chosen = Chosen([], {"quick": 10.0, "endless": 1e6})
    for name in ("quick", "endless"):
        chosen.pytest_runtest_protocol(Item(name))
    assert found == [(14, 1_000), (1_000, 1_000)]


@pytest.fixture
def tree(tmp_path):
    """``user`` imports ``thing``, ``top`` imports ``user``; the others do so in functions only."""
    for folder in ("spinn2sim/part", "firmware_models"):
        (tmp_path / folder).mkdir(parents=True)
    for name, text in {
        "spinn2sim/__init__": "",
        "spinn2sim/part/__init__": "",
        "spinn2sim/part/thing": "X = 1",
        "spinn2sim/part/user": "from spinn2sim.part.thing import X",
        "spinn2sim/lazy": "def f():\n    from spinn2sim.part import thing",
        "firmware_models/__init__": "",
        "firmware_models/top": "from spinn2sim.part import user",
    }.items():
        (tmp_path / f"{name}.py").write_text(text)
    return tmp_path


def test_what_imports_a_module_directly_or_not_is_imported_anew_with_it(tree):
    assert dependents(tree, "spinn2sim/part/thing.py") == {
        "spinn2sim.part.thing",
        "spinn2sim.part.user",
        "firmware_models.top",
    }
    assert dependents(tree, "spinn2sim/lazy.py") == {"spinn2sim.lazy"}


def test_what_is_forgotten_is_no_attribute_of_its_package_either(tmp_path, monkeypatch):
    (tmp_path / "parcel").mkdir()
    (tmp_path / "parcel/__init__.py").write_text("")
    (tmp_path / "parcel/thing.py").write_text("X = 1")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    from parcel import thing

    (tmp_path / "parcel/thing.py").write_text("X = 2")
    forget({"parcel.thing"})
    from parcel import thing as anew

    assert (thing.X, anew.X) == (1, 2)
    forget({"parcel.thing", "parcel", "parcel.never"})
