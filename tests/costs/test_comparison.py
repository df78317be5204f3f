"""Tables side by side: cycles, bands and shares at one size."""

import pytest

from spinn2sim.costs import Costs, compare
from tests.costs.profiles import like

SIZES = {"L": 10, "I": 80, "R": 120, "O": 12}


def table(*terms, **changes):
    """Of (label, cycles, per, every, only)."""
    fields = ("label", "cycles", "per", "every", "only")
    made = [
        dict(zip(fields, term, strict=False))
        | {"status": "free", "source": "x", "range": [term[1] - 1, term[1] + 2]}
        for term in terms
    ]
    return like("work").with_changes(terms=made, **changes)


def compared(n_pe=12, pe=0, sizes=SIZES, **tables):
    return compare(tables, dict.fromkeys(tables, sizes), n_pe=n_pe, pe=pe)


def test_the_parts_of_a_function_are_summed_with_the_ends_of_their_ranges():
    found = compared(a=table(("work.x", 5, "L*I"), ("work.y", 3, "L")))
    assert found.step == {"work": {"a": Costs(4030, 3220, 5650)}}


def test_each_table_has_the_functions_that_it_has():
    one = table(("work", 5, "1"), ("late", 9, "1", "sample"))
    other = table(("rest", 4, "1"), ("work", 6, "1"))
    found = compared(one=one, other=other)
    assert {name: list(by_table) for name, by_table in found.step.items()} == {
        "work": ["one", "other"],
        "rest": ["other"],
    }
    assert found.total("other", "step") == Costs(10, 8, 14)
    assert found.total("other", "sample") == Costs(0, 0, 0)
    assert found.total("one", "sample") == Costs(9, 8, 11)


def test_only_what_this_pe_does_counts():
    terms = [("a", 5, "1"), ("b", 6, "1", "step", "multi_pe"), ("c", 7, "1", "step", "pe0")]
    assert list(compared(t=table(*terms)).step) == ["a", "b", "c"]
    assert list(compared(t=table(*terms), pe=3).step) == ["a", "b"]
    assert list(compared(t=table(*terms), n_pe=1).step) == ["a", "c"]


def test_the_figures_of_the_paper_are_told_where_the_table_tells_them():
    parts = [("e_prop.x.multiply", 6, "L"), ("e_prop.x.add", 1, "L"), ("rest", 3, "L")]
    found = compared(
        a=table(*parts, ("weight_update.adam", 8, "L", "sample")), b=table(("r", 3, "L"))
    )
    assert found.figures["a"] == {
        "cycles_per_step": 100,
        "eprop_share": 0.7,
        "multiply_share": pytest.approx(6 / 7),
        "update_over_step": 0.8,
    }
    assert found.figures["b"] == {
        "cycles_per_step": 30,
        "eprop_share": None,
        "multiply_share": None,
        "update_over_step": None,
    }


def test_a_size_beyond_the_fit_is_named():
    narrow = table(("work", 5, "L"), fitted_on={"L": [20, 40]})
    assert compared(a=narrow).extrapolated == {"a": ("L = 10 (fitted on 20 to 40)",)}


def test_it_is_plain_json():
    found = compared(a=table(("work", 5, "L"))).as_dict()
    assert found["total"]["step"]["a"] == {"cycles": 50, "low": 40, "high": 70}
    assert found["step"]["work"]["a"] == {"cycles": 50, "low": 40, "high": 70}
    assert found["sizes"] == SIZES
