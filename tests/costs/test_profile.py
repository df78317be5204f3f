"""Profiles: what a CSV file means, and what its author is told."""

import numpy as np
import pytest

from spinn2sim.costs import read_profile
from spinn2sim.errors import MissingFileError, SpecError
from tests.costs.profiles import write_csv

EXPECTED = (
    "expected function, sizes, cycles and perhaps low and high, "
    "as in function,L,I,R,O,cycles,low,high"
)


def problems(path):
    with pytest.raises(SpecError) as refused:
        read_profile(path)
    assert refused.value.where == str(path)
    return list(refused.value.problems)


def test_a_line_is_a_call_and_every_other_column_a_size(tmp_path):
    rows = [
        ("work", 10, 80, 500, 450, 600),
        ("rest", 10, 80, 7, 7, 9),
        ("work", 5, 80, 260, 1, 261),
    ]
    path = write_csv(tmp_path / "p.csv", rows, "function,L,I,cycles,low,high")

    found = read_profile(path)

    assert found.symbols == ("L", "I")
    assert list(found.functions) == ["work", "rest"]
    work = found.functions["work"]
    assert work.sizes.tolist() == [[10, 80], [5, 80]]
    assert work.cycles.tolist() == [500, 260]
    assert (work.low.tolist(), work.high.tolist()) == ([450, 1], [600, 261])
    assert found.sizes.tolist() == [[5, 80], [10, 80]]


def test_without_a_band_it_has_no_width(tmp_path):
    work = read_profile(write_csv(tmp_path / "p.csv", [("work", 1, 2, 3, 4, 55)])).functions["work"]
    assert (work.low.tolist(), work.high.tolist()) == ([55], [55])
    assert not work.banded


def test_repeated_calls_have_their_mean_and_the_band_of_all(tmp_path):
    rows = [("work", 1, 10, 8, 12), ("work", 1, 14, 13, 20), ("work", 1, 12, 11, 12)]
    path = write_csv(tmp_path / "p.csv", rows, "function,L,cycles,low,high")

    work = read_profile(path).functions["work"]

    assert (work.cycles.tolist(), work.low.tolist(), work.high.tolist()) == ([12], [8], [20])
    assert work.banded


def test_two_underscores_of_a_c_function_are_the_dot_of_a_label(tmp_path):
    rows = [("e_prop__eps_v__add", 1, 2, 3, 4, 5)]
    assert list(read_profile(write_csv(tmp_path / "p.csv", rows)).functions) == ["e_prop.eps_v.add"]


def test_columns_come_in_any_order_and_spaces_do_not_matter(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("\ufeffcycles, L ,function\n 5 , 3 , work\n\n")
    work = read_profile(path).functions["work"]
    assert (work.sizes.tolist(), work.cycles.tolist()) == ([[3]], [5])


def test_a_size_left_out_leaves_the_rest(tmp_path):
    rows = [("work", n, 10 * n, 9 * n, 11 * n) for n in (1, 2, 3)]
    path = write_csv(tmp_path / "p.csv", rows, "function,L,cycles,low,high")
    rest = read_profile(path).functions["work"].without(np.array([False, True, False]))
    assert (rest.sizes.tolist(), rest.cycles.tolist()) == ([[1], [3]], [10, 30])
    assert (rest.low.tolist(), rest.high.tolist()) == ([9, 27], [11, 33])


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(MissingFileError) as refused:
        read_profile(tmp_path / "p.csv")
    assert str(refused.value) == (
        f"profile not found: {tmp_path / 'p.csv'}; "
        "name a CSV file: function,L,I,R,O,cycles,low,high"
    )


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        (
            "name,L,count",
            f"line 1: no column function and no column cycles; {EXPECTED}",
        ),
        (
            "function,L",
            f"line 1: no column cycles; {EXPECTED}",
        ),
        ("function,L,L,cycles", "line 1: column 'L' comes twice"),
        ("function,own L,cycles", "line 1: 'own L' is no name of a size; use a letter, as L"),
        ("function,L,cycles,low", "line 1: low and high belong together"),
        ("function,cycles", "line 1: no column is a size, as L"),
        ("function,L,cycles", "it has no line of cycles below its header"),
    ],
)
def test_a_header_that_cannot_be_used_is_refused(tmp_path, header, problem):
    assert problems(write_csv(tmp_path / "p.csv", [], header)) == [problem]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (("work", 1), "line 3: 2 values for 5 columns"),
        (("", 1, 5, 5, 5), "line 3: the function has no name"),
        (("work", "x", 5, 5, 5), "line 3: L = 'x': expected a whole number from 1"),
        (("work", 0, 5, 5, 5), "line 3: L = '0': expected a whole number from 1"),
        (("work", 1.5, 5, 5, 5), "line 3: L = '1.5': expected a whole number from 1"),
        (("work", 2**31, 5, 5, 5), "line 3: L = '2147483648': expected a whole number from 1"),
        (("work", 1, "many", 5, 5), "line 3: cycles = 'many': expected a number of cycles"),
        (("work", 1, "nan", 5, 5), "line 3: cycles = 'nan': expected a number of cycles"),
        (("work", 1, "inf", 5, 5), "line 3: cycles = 'inf': expected a number of cycles"),
        (("work", 1, -1, 5, 5), "line 3: cycles = '-1': expected a number of cycles"),
        (("work", 1, 5, 6, 7), "line 3: cycles 5 are not between low 6 and high 7"),
        (("work", 1, 9, 6, 7), "line 3: cycles 9 are not between low 6 and high 7"),
    ],
)
def test_a_line_that_cannot_be_used_is_refused_by_its_number(tmp_path, line, problem):
    rows = [("work", 1, 5, 5, 5), line]
    path = write_csv(tmp_path / "p.csv", rows, "function,L,cycles,low,high")
    assert problems(path) == [problem]


def test_only_the_first_problems_of_a_wrong_file_are_listed(tmp_path):
    path = write_csv(tmp_path / "p.csv", [("work", "?", 5)] * 100, "function,L,cycles")
    assert len(problems(path)) == 5


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "p.csv"
    path.write_bytes(b"\x7fELF\x80\xff")
    (problem,) = problems(path)
    assert problem.startswith("not a CSV file: 'utf-8' codec can't decode byte 0x80")


def test_an_empty_file_lacks_its_header(tmp_path):
    path = tmp_path / "p.csv"
    path.touch()
    assert problems(path)[0].startswith("line 1: no column function and no column cycles")
