"""Formulas: the terms that made the cycles are found again, and errors are what they say."""

import numpy as np
import pytest

from spinn2sim.costs import fit_formula
from spinn2sim.costs.fitting import candidates, choose, fit_terms, units_of
from tests.costs.profiles import SIZES, SYMBOLS, profile_of


def formula_of(cycles, sizes=None, band=None):
    return fit_formula(profile_of(sizes, band, work=cycles).functions["work"], SYMBOLS)


def coefficients(formula):
    return {term.per: round(term.cycles, 4) for term in formula.terms}


@pytest.mark.parametrize(
    ("cycles", "terms"),
    [
        (lambda *_: 20, {"1": 20}),
        (lambda own, *_: 55 * own, {"L": 55}),
        (lambda own, n_in, *_: 30 + 18 * own + 11 * own * n_in, {"1": 30, "L": 18, "L*I": 11}),
        (
            lambda own, n_in, rec, out: 100 * own + 90 * own * (n_in + rec + out),
            {"L": 100, "L*I": 90, "L*R": 90, "L*O": 90},
        ),
        (lambda own, *rest: 8 + (12 * own + 9) * rest[-1], {"1": 8, "O": 9, "L*O": 12}),
    ],
)
def test_the_terms_that_made_the_cycles_are_found(cycles, terms):
    formula = formula_of(cycles)
    assert coefficients(formula) == terms
    assert formula.worst_error < 1e-9
    assert formula.worst_left_out < 1e-9
    assert formula.r2 == pytest.approx(1)
    assert formula.n_sizes == len(SIZES)


def test_work_is_not_negative_even_if_that_would_fit_better():
    formula = formula_of(lambda own, n_in, *_: 50 * own * n_in - 200)
    assert all(term.cycles >= 0 for term in formula.terms)
    assert formula.worst_error > 0.01


def test_a_term_that_hardly_matters_is_left_out():
    formula = formula_of(lambda own, n_in, *_: 1000 * own * n_in + own)
    assert list(coefficients(formula)) == ["L*I"]


def test_noise_does_not_make_terms():
    rng = np.random.default_rng(3)
    formula = formula_of(lambda own, *_: 55 * own * (1 + 0.01 * rng.standard_normal()))
    assert list(coefficients(formula)) == ["L"]
    assert 0.001 < formula.worst_error <= formula.worst_left_out < 0.05


def test_the_band_is_fitted_to_the_ends_that_were_measured():
    formula = formula_of(lambda own, n_in, *_: 30 + 11 * own * n_in, band=(0.5, 1.5))
    ends = {term.per: (round(term.low, 4), round(term.high, 4)) for term in formula.terms}
    assert ends == {"1": (15, 45), "L*I": (5.5, 16.5)}


def noisy():
    """Cycles of 55 L with noise, (n_sizes,), and L."""
    own = np.array([size[0] for size in SIZES], float)
    return 55 * own * (1 + 0.02 * np.random.default_rng(4).standard_normal(len(own))), own


def slopes_with_one_left_out(cycles, own):
    """The slope of least squares in relative errors, by hand: of 1 = slope * own / cycles."""
    shares = own / cycles
    return [
        np.delete(shares, left_out).sum() / (np.delete(shares, left_out) ** 2).sum()
        for left_out in range(len(own))
    ]


def test_without_a_measured_band_it_is_what_leaving_sizes_out_makes_of_it():
    cycles, own = noisy()
    by_size = dict(zip(SIZES, cycles, strict=True))
    (term,) = formula_of(lambda *size: by_size[size]).terms
    slopes = slopes_with_one_left_out(cycles, own)
    assert (term.low, term.high) == pytest.approx((min(slopes), max(slopes)))
    assert term.low < term.cycles < term.high


def test_the_error_of_a_size_left_out_is_that_of_a_fit_to_the_others():
    cycles, own = noisy()
    by_size = dict(zip(SIZES, cycles, strict=True))
    errors = np.abs(slopes_with_one_left_out(cycles, own) * own / cycles - 1)
    formula = formula_of(lambda *size: by_size[size])
    assert formula.worst_left_out == pytest.approx(errors.max())


def test_a_small_size_counts_as_much_as_a_large_one():
    """Relative errors: 10 % at one size of three moves the coefficient by a third of that."""
    units, cycles = np.array([[1.0], [10.0], [1000.0]]), np.array([1.1, 10.0, 1000.0])
    assert fit_terms(units * 100, cycles * 100)[0] == pytest.approx(1.03, abs=0.005)


def test_a_size_that_does_not_vary_is_in_no_term():
    sizes = np.array([[5, 80, 12], [10, 80, 12], [20, 80, 12]])
    assert candidates(sizes, ("L", "I", "O")) == ["1", "L"]


def test_units_are_products_of_sizes():
    sizes = np.array([[5, 80], [10, 40]])
    assert units_of(sizes, ("L", "I"), ["1", "I", "L*I"]).tolist() == [[1, 80, 400], [1, 40, 400]]


def test_terms_that_cannot_be_told_apart_are_not_both_taken():
    """On one PE the own neurons are all recurrent ones: L = R."""
    sizes = [(n, i, n, 12) for n, i in [(5, 10), (10, 40), (20, 10), (40, 80), (76, 20), (9, 30)]]
    formula = formula_of(lambda own, _, rec, __: 20 + 3 * own + 4 * rec, sizes)
    assert coefficients(formula) in ({"1": 20, "L": 7}, {"1": 20, "R": 7})


def test_three_sizes_are_enough_for_one_term():
    assert coefficients(formula_of(lambda own, *_: 9 * own, SIZES[:3])) == {"L": 9}


def test_a_function_that_takes_no_time_has_a_formula():
    formula = formula_of(lambda *_: 0)
    assert coefficients(formula) == {"1": 0}
    assert (formula.r2, formula.worst_error) == (1, 0)


def test_r2_is_the_share_of_the_variance():
    own = np.array([size[0] for size in SIZES], float)
    wrong = own * 1.1 ** np.resize([1, -1], len(own))
    by_size = dict(zip(SIZES, wrong, strict=True))
    formula = formula_of(lambda *size: by_size[size], [*SIZES])
    said = sum(
        term.cycles * units_of(np.array(SIZES), SYMBOLS, [term.per])[:, 0] for term in formula.terms
    )
    expected = 1 - ((wrong - said) ** 2).sum() / ((wrong - wrong.mean()) ** 2).sum()
    assert formula.r2 == pytest.approx(expected)
    assert 0 < formula.r2 < 1


def test_the_choice_is_the_smallest_set_that_predicts_about_as_well_as_the_best():
    rng = np.random.default_rng(6)
    units = np.column_stack([np.ones(12), rng.integers(1, 90, (12, 3))]).astype(float)
    assert choose(units, units @ [0.0, 5.0, 0.0, 2.0]) == [1, 3]


def test_a_formula_reads_as_one_writes_it():
    formula = formula_of(lambda own, n_in, *_: 30 + 18.25 * own + 11 * own * n_in)
    assert str(formula) == "30 + 18.25 L + 11 L*I"
