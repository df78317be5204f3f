"""Fitted tables: what they say, where it is from, and how well they predict whole steps."""

import pytest

from spinn2sim.costs import fit_table
from spinn2sim.costs.writing import table_text
from spinn2sim.errors import SpecError
from spinn2sim.firmware.cost import load_cost_table
from tests.costs.profiles import SIZES, like, profile_of


def fitted(profile, *functions, complete=False):
    return fit_table(
        profile,
        like(*functions),
        name="mine",
        measured_on="measured by hand",
        made_by="hand",
        complete=complete,
    )


def test_a_term_has_its_formulas_coefficient_and_says_how_good_that_is():
    profile = profile_of(band=(0.9, 1.2), work=lambda own, n_in, *_: 30 + 11 * own * n_in)

    constant, product = fitted(profile, "work").table.terms

    assert (constant.label, constant.cycles, constant.per) == ("work", 30, "1")
    assert (product.cycles, product.per, product.range) == (11, "L*I", (9.9, 13.2))
    assert product.status == "constrained"
    assert product.source == (
        "measured at 12 sizes, fitted as 1 + L*I: R2 1.000000, worst error 0.00%, "
        "of a size left out 0.00%"
    )


def test_a_part_runs_when_and_where_its_function_does():
    profile = profile_of(**{"work.part": lambda own, *_: own, "late": lambda *_: 5})
    part, late = fitted(profile, "work", "late@sample@pe0").table.terms
    assert (part.every, part.only) == ("step", "always")
    assert (late.every, late.only) == ("sample", "pe0")


def test_the_table_says_on_what_it_was_measured_and_how_well_it_predicts():
    profile = profile_of(work=lambda own, *_: 9 * own, late=lambda *_: 5)

    table = fitted(profile, "work", "late@sample").table

    assert table.provenance == (
        "measured by hand; the cycles of a step at a size left out are predicted within 0.00%, "
        "the cycles of a sample at a size left out are predicted within 0.00%"
    )
    assert table.fitted_on == {"L": (3, 76), "I": (10, 160), "R": (20, 480), "O": (2, 40)}
    assert table.sizes == like("work").sizes


def test_a_whole_step_at_a_size_left_out_is_predicted_from_the_others_alone():
    """One odd size cannot be foreseen: the error is what it is more than the formula."""
    odd = (12, 120, 300, 20)

    def work(own, *rest):
        return 9 * own * (1.2 if (own, *rest) == odd else 1)

    found = fitted(profile_of(work=work, other=lambda own, *_: 9 * own), "work", "other")

    assert found.left_out["step"] == pytest.approx(0.2 / 2.2, rel=0.02)
    assert found.left_out["sample"] is None


def test_functions_measured_at_no_common_size_say_nothing_of_a_whole_step():
    one, other = (profile_of(SIZES[:6], work=work), profile_of(SIZES[6:], other=work))
    profile = type(one)(one.symbols, {**one.functions, **other.functions})
    assert fitted(profile, "work", "other").left_out["step"] is None


def work(own, *_):
    return 9 * own


def test_three_sizes_make_a_table_but_no_prediction():
    found = fitted(profile_of(SIZES[:3], work=work), "work")
    assert found.left_out == {"step": None, "sample": None}
    assert found.table.provenance == ("measured by hand; too few sizes to say how well it predicts")


def test_functions_that_were_not_measured_are_named_and_left_out():
    found = fitted(profile_of(work=work), "work", "sync", "sync.flag", "late@sample")
    assert found.missing == ("sync", "late")
    assert [term.label for term in found.table.terms] == ["work"]


def test_a_complete_table_takes_them_from_the_other_and_says_so():
    found = fitted(profile_of(work=work), "work", "late@sample@pe0", complete=True)
    late = found.table.terms[-1]
    assert (late.label, late.cycles, late.per, late.every) == ("late", 7, "L", "sample")
    assert (late.only, late.status, late.range) == ("pe0", "guess", (5, 9))
    assert late.source == "not measured; of the table 'known': a guess"


def test_a_function_that_the_other_table_does_not_know_is_refused():
    with pytest.raises(SpecError) as refused:
        fitted(profile_of(worc=work), "work")
    assert str(refused.value) == (
        "profile: function 'worc' is not in cost table 'known', which says when a function runs; "
        "did you mean 'work'?"
    )


def test_a_function_at_two_sizes_is_refused():
    with pytest.raises(SpecError) as refused:
        fitted(profile_of(SIZES[:2], work=work), "work")
    assert str(refused.value) == (
        "profile: function 'work' was measured at 2 sizes; a formula needs 3 or more"
    )


@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_a_written_table_reads_back_as_it_was(tmp_path, suffix):
    profile = profile_of(band=(0.9, 1.3), work=lambda own, n_in, *_: 30.5 + own * n_in / 3)
    table = fitted(profile, "work", "late@sample@pe0", complete=True).table
    path = tmp_path / f"mine.{suffix}"
    path.write_text(table_text(table, as_json=suffix == "json"))
    assert load_cost_table(str(path), tmp_path / "none") == table
