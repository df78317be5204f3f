"""The verdict: what is inside of which band, and what each kind of claim may be called."""

import pytest

from spinn2sim.claims import Claim, Found, Row, Verdict
from spinn2sim.claims.claim import Band
from spinn2sim.claims.verdict import judge

CONTENT = {
    "id": "t.step",
    "section": "Time",
    "claim": "Cycles of a step",
    "value": 200,
    "unit": "K cycles",
    "tolerance": {"relative": 0.01, "why": "digits"},
    "vagueness": {"relative": 0.1, "why": "about"},
    "provenance": {"origin": "text", "where": "Figure 6", "known": "about"},
    "compute": "some.module:function",
}


def claim(**changes):
    if changes.get("kind") == "put in":
        changes["put_in_by"] = "the fit"
    return Claim.model_validate(CONTENT | changes)


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (200, Verdict.REPRODUCED),
        (202, Verdict.REPRODUCED),
        (198, Verdict.REPRODUCED),
        (202.1, Verdict.VAGUE),
        (180, Verdict.VAGUE),
        (220.1, Verdict.NOT_REPRODUCED),
        (179.9, Verdict.NOT_REPRODUCED),
    ],
)
def test_a_prediction_is_judged_by_both_bands(value, verdict):
    assert judge(claim(), value) is verdict


@pytest.mark.parametrize(
    ("kind", "verdict"), [("put in", Verdict.PUT_IN), ("hypothesis", Verdict.HYPOTHESIS)]
)
@pytest.mark.parametrize("value", [200, 215])
def test_what_is_no_prediction_is_never_called_reproduced(kind, verdict, value):
    assert judge(claim(kind=kind), value) is verdict


@pytest.mark.parametrize("kind", ["prediction", "put in", "hypothesis"])
def test_outside_of_the_bands_nothing_is_reproduced_whatever_its_kind(kind):
    assert judge(claim(kind=kind), 300) is Verdict.NOT_REPRODUCED


def test_without_vagueness_only_the_tolerance_counts():
    assert judge(claim(vagueness=None), 203) is Verdict.NOT_REPRODUCED


@pytest.mark.parametrize(
    ("paper", "ours", "verdict"),
    [
        ("adam", "adam", Verdict.REPRODUCED),
        ("adam", "sgd", Verdict.NOT_REPRODUCED),
        (False, False, Verdict.REPRODUCED),
        (False, True, Verdict.NOT_REPRODUCED),
        (False, 0, Verdict.NOT_REPRODUCED),
        ("1", 1, Verdict.NOT_REPRODUCED),
    ],
)
def test_words_and_truth_values_are_the_same_or_not(paper, ours, verdict):
    assert judge(claim(value=paper), ours) is verdict


def test_the_wider_of_the_two_widths_counts():
    band = Band(relative=0.1, absolute=5, why="a reason")
    assert (band.width(20), band.width(-200)) == (5, 20)


def test_the_edge_of_a_band_is_inside_though_floats_round():
    narrow = {"absolute": 0.1, "why": "a digit"}
    assert (
        judge(claim(value=0.2, tolerance=narrow, vagueness=None), 0.1 + 0.2) is Verdict.REPRODUCED
    )


def test_a_row_without_a_value_is_not_computed_and_differs_by_nothing():
    row = Row(claim(slow=True), None)
    assert (row.verdict, row.difference) == (Verdict.NOT_COMPUTED, None)


def test_the_difference_is_ours_less_the_papers():
    assert Row(claim(), Found(190)).difference == -10
    assert Row(claim(value="adam"), Found("sgd")).difference is None
