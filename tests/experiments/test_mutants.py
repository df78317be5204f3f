"""Mutants of a file, and the order in which they are drawn."""

import pytest

pytest.importorskip("cosmic_ray")

from experiments.mutation.mutants import drawn, mutants

SOURCE = """\
def f(x: int | None = 1) -> "int | str":
    y: int | float = x
    return y + 2
"""


@pytest.fixture
def population(tmp_path):
    (tmp_path / "f.py").write_text(SOURCE)
    return list(mutants(tmp_path, "f.py"))


def test_annotations_are_left_out(population):
    assert not [mutant for mutant in population if "Operator_BitOr_" in mutant.operator]
    assert {mutant.source(SOURCE).splitlines()[1] for mutant in population} == {
        "    y: int | float = x"
    }


def test_a_mutant_differs_in_one_place(population):
    minus = next(mutant for mutant in population if mutant.operator.endswith("Add_Sub"))
    assert minus.source(SOURCE) == SOURCE.replace("y + 2", "y - 2")


def test_the_order_is_that_of_the_seed_whatever_the_order_of_the_files(population):
    assert drawn(population, 3) == drawn(population[::-1], 3)
    assert drawn(population, 3) != drawn(population, 4)
    assert sorted(drawn(population, 3)) == sorted(population)


def test_a_mutant_knows_its_line(population):
    assert {mutant.line for mutant in population if mutant.operator.endswith("Add_Sub")} == {3}


def test_what_cosmic_ray_cannot_change_is_no_mutant(tmp_path):
    source = "try:\n    f()\nexcept (OSError, a.b.Error):\n    pass\n"
    (tmp_path / "f.py").write_text(source)
    found = [each for each in mutants(tmp_path, "f.py") if "Exception" in each.operator]
    assert [each.source(source) is None for each in found] == [False, True]
