"""How values and differences read."""

import pytest

from spinn2sim.claims import Claim, Found, Row
from spinn2sim.claims.words import difference_text, shown

CONTENT = {
    "id": "a",
    "section": "Time",
    "claim": "Something",
    "tolerance": {"why": "a count"},
    "provenance": {"origin": "text", "where": "Table 1", "known": "stated"},
    "compute": "module:function",
}


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (25440, "", "25,440"),
        (691.328, "KB", "691.3 KB"),
        (91.12, "%", "91.12%"),
        (123456.7, "s", "123,457 s"),
        (0.0000005, "", "5e-07"),
        (True, "", "yes"),
        (False, "", "no"),
        ("12 x 10", "", "12 x 10"),
        (1, "PEs", "1 PE"),
        (1, "s", "1 s"),
    ],
)
def test_a_value_has_four_digits_that_count_and_its_unit(value, unit, text):
    assert shown(value, unit) == text


@pytest.mark.parametrize(
    ("paper", "ours", "unit", "text"),
    [
        (200, 180, "K cycles", "-10.0%"),
        (200, 200.04, "K cycles", "+0.02%"),
        (70, 83.9, "%", "+13.9"),
        (70, 69.99, "%", "-0.01"),
        (12, 12, "PEs", "0"),
        (0, 3, "steps", "+3"),
        ("adam", "sgd", "", ""),
    ],
)
def test_a_difference_is_a_share_or_points(paper, ours, unit, text):
    claim = Claim.model_validate(CONTENT | {"value": paper, "unit": unit})
    assert difference_text(Row(claim, Found(ours))) == text
