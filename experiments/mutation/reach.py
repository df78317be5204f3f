"""Which tests run a statement: they come first, quickest first, so that most mutants die soon.

What they leave alive is put before the others that can notice it: those that run anything of the
file or, as checks of the sources do, nothing of the area; and all, if it is a change of what runs
at import.
"""

from __future__ import annotations

import ast
import json
import math
import resource
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

Lines = tuple[int, int]


class Reach:
    """seconds: how long each test takes, with those fixtures that it shares with others.

    lines: of each file, which tests run a line.
    """

    def __init__(self, seconds: dict[str, float], lines: dict[str, dict[str, list[str]]]) -> None:
        self.seconds, self.lines = seconds, lines

    @classmethod
    def read(cls, path: Path) -> Reach:
        """What ``Observer.write`` has written."""
        return cls(**json.loads(path.read_text()))

    def tests(self, tree: Path, file: str, line: int) -> list[str]:
        """The tests that run the statement at *line* of *file*, quickest first."""
        return self._running(file, *statement((tree / file).read_text(), line))

    def others(self, tree: Path, file: str, line: int) -> list[str]:
        """Further tests that can notice a change of that statement, quickest first."""
        source = (tree / file).read_text()
        found, known = set(self.seconds), self.tests(tree, file, line)
        if statement(source, line) != whole(source):
            running = {
                test for lines in self.lines.values() for tests in lines.values() for test in tests
            }
            found = found - running | set(self._running(file, *whole(source)))
        return self._quickest_first(found - set(known))

    def _running(self, file: str, first: int, last: int) -> list[str]:
        runs = self.lines.get(file, {})
        return self._quickest_first(
            {test for at, tests in runs.items() if first <= int(at) <= last for test in tests}
        )

    def _quickest_first(self, tests: set[str]) -> list[str]:
        return sorted(tests, key=lambda test: (self.seconds[test], test))


def whole(source: str) -> Lines:
    """First and last line of a file."""
    return 1, len(source.splitlines())


def statement(source: str, line: int) -> Lines:
    """First and last line of what a test must run to notice a change at *line*.

    Of a statement in a function, its lines; of the head of a function, its body; of what runs at
    import, the whole file.
    """
    module = ast.parse(source)
    for node in _innermost_first(module):
        if not isinstance(node, ast.FunctionDef):
            continue
        body = (node.body[0].lineno, node.body[-1].end_lineno or 0)
        if body[0] <= line <= body[1]:
            inner = (s for s in _innermost_first(node) if s is not node and _contains(s, line))
            found = next(inner, node)
            return found.lineno, found.end_lineno or 0
        if _head(node) <= line < body[0]:
            return body
    return whole(source)


def _head(node: ast.FunctionDef) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def _contains(node: ast.stmt, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or 0)


def _innermost_first(root: ast.AST) -> list[ast.stmt]:
    """Statements below *root*; those within others before them."""
    return [node for node in ast.walk(root) if isinstance(node, ast.stmt)][::-1]


class Chosen:
    """A plugin of pytest: only these tests, in this order.

    limits: seconds of processor time of each test, after which the process ends by a signal.
    """

    def __init__(self, tests: Sequence[str], limits: Mapping[str, float]) -> None:
        self.rank, self.limits = {test: k for k, test in enumerate(tests)}, limits

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Pytest asks what to run."""
        chosen = [item for item in items if item.nodeid in self.rank]
        items[:] = sorted(chosen, key=lambda item: self.rank[item.nodeid])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        """Pytest is about to run a test."""
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        latest = math.ceil(time.process_time() + self.limits[item.nodeid]) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (min(latest, hard), hard))


class Observer:
    """A plugin of pytest: which lines of *files* each test runs, and how long it takes.

    What a fixture that tests share runs counts for all who use it.
    """

    def __init__(self, tree: Path, files: Sequence[str]) -> None:
        from coverage import Coverage

        self.files = {str(tree / file): file for file in files}
        self.coverage = Coverage(data_file=None, config_file=False, include=list(self.files))
        self.coverage.start()
        self.context = ""
        self.seconds: dict[str, float] = defaultdict(float)
        self.shared: dict[str, list[str]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Pytest runs a test with its fixtures."""
        names = getattr(item, "fixturenames", ())
        self.shared[item.nodeid] = [f"fixture {name}" for name in names]
        return (yield from self._within(item.nodeid))

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Iterator[None]:
        """Pytest makes a fixture."""
        if fixturedef.scope == "function":
            return (yield)
        return (yield from self._within(f"fixture {fixturedef.argname}"))

    def _within(self, context: str) -> Iterator[None]:
        before, self.context = self.context, context
        self.coverage.switch_context(context)
        begun = time.process_time()
        result = yield
        self.seconds[context] += time.process_time() - begun
        self.context = before
        self.coverage.switch_context(before)
        return result

    def write(self, path: Path) -> None:
        """For ``Reach.read``."""
        self.coverage.stop()
        users = defaultdict(list)
        for test, names in self.shared.items():
            for name in (test, *names):
                users[name].append(test)
        measured = self.coverage.get_data()
        lines = {
            file: {
                str(line): sorted({test for context in contexts for test in users[context]})
                for line, contexts in measured.contexts_by_lineno(absolute).items()
            }
            for absolute, file in self.files.items()
        }
        seconds = {
            test: sum(self.seconds.get(name, 0.0) for name in (test, *names))
            for test, names in self.shared.items()
        }
        path.write_text(json.dumps({"seconds": seconds, "lines": lines}))
