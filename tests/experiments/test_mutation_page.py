"""docs/mutation.md is what its script writes; its samples are the same on every computer."""

import pytest

from experiments.mutation import page as script
from experiments.mutation.areas import areas
from experiments.mutation.results import Results


def test_the_page_is_what_the_script_writes():
    assert (script.DOCS / "mutation.md").read_text() == script.page()


def test_every_survivor_has_a_reason():
    assert "not looked at yet" not in script.page()


def test_no_reason_is_given_for_what_does_not_survive():
    living = {t.address for t in Results.read().trials.values() if t.verdict == "survived"}
    assert set(script._reasons()["survivors"]) <= living


@pytest.mark.parametrize(("n_killed", "n"), [(0, 10), (5, 10), (34, 40), (40, 40)])
def test_the_ends_of_the_interval_are_as_far_away_as_95_percent_allow(n_killed, n):
    # Wilson's interval: shares p from which the estimate is z standard deviations of p away.
    for end in script.interval(n_killed, n):
        away = (n_killed / n - end) ** 2
        assert away == pytest.approx(script.Z**2 * end * (1 - end) / n, abs=1e-12)


def test_files_and_tests_of_all_areas_are_there():
    for area in areas():
        named = [*area.files, *area.tests, *(test.split("::")[0] for test in area.without)]
        assert area.files
        assert all((script.TREE / name).exists() for name in named if "*" not in name)


def test_an_area_runs_each_test_once_and_none_that_is_left_out():
    area = next(area for area in areas() if area.name == "report")
    tests = [word for word in area.command() if word.startswith("tests/")]
    assert "tests/report/test_tables.py" in tests
    assert len(tests) == len(set(tests))
    assert not set(tests) & set(area.without)
    (one,) = (word for word in area.command(["tests/a.py"]) if word.startswith("tests/"))
    assert one == "tests/a.py"
