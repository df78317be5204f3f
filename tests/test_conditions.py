"""Conditions on the summary: what holds, and what is refused before a long run."""

import pytest

from spinn2sim.conditions import parse_condition
from spinn2sim.errors import SpecError
from spinn2sim.report import summarise
from tests.report.traces import Story


@pytest.fixture(scope="module")
def summary():
    story = Story(n_pe=2).step(0, 0, 300, ("a", 300)).step(1, 0, 100, ("a", 100))
    story.recorder.log(0, 0, "gone", float("nan"))
    return summarise(story.trace())


def refusal(text):
    with pytest.raises(SpecError) as error:
        parse_condition(text)
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("cycles_per_step > 199", True),
        ("cycles_per_step > 200", False),
        ("cycles_per_step >= 200", True),
        ("cycles_per_step < 200", False),
        ("cycles_per_step <= 200", True),
        ("cycles_per_step == 200", True),
        ("cycles_per_step != 200", False),
        ("cycles_per_step>1.5e2", True),
        ("  slack_cycles < 701 ", True),
        ("slack_cycles < -1", False),
        ("label_share.a == 1", True),
        ("energy_j.chip > 0.5", False),
        ("tightest.pe == 0", True),
        ("tightest.label == a", True),
        ("fits == true", True),
        ("fits == False", False),
        ("fits != false", True),
        ("bound_by == compute", True),
        ("bound_by != 'compute'", False),
        ('name == "story"', True),
    ],
)
def test_a_condition_holds_or_not(summary, text, holds):
    assert parse_condition(text).holds(summary) is holds


@pytest.mark.parametrize("text", ["", "nonsense", "overruns", "overruns = 3", "> 3", "overruns >"])
def test_what_is_no_comparison_is_refused(text):
    assert refusal(text) == (
        f"--fail-if {text!r}: expected FIGURE OPERATOR NUMBER, as in 'cycles_per_step > 250000'"
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("cycles_per_stp > 3", "no figure 'cycles_per_stp'; did you mean 'cycles_per_step'?"),
        ("overruns > many", "'many' is not a number"),
        ("overruns > 250,000", "'250,000' is not a number"),
        ("overruns > true", "True is not a number"),
        ("overruns > nan", "'nan' is not a number"),
        ("overruns > NaN", "'NaN' is not a number"),
        ("overruns > Infinity", "'Infinity' is not a number"),
        ("multiply_share > x", "'x' is not a number"),
        ("energy_j > 1", "energy_j has parts; name one of them, as energy_j.PART"),
        ("energy_j. > 1", "energy_j has parts; name one of them, as energy_j.PART"),
        ("energy_j.chip > x", "'x' is not a number"),
        ("overruns.x > 1", "overruns is one value, without parts such as 'x'"),
        ("fits == maybe", "fits is true or false, not 'maybe'"),
        ("fits > false", "False can be compared with == and != only"),
        ("bound_by > host", "'host' can be compared with == and != only"),
    ],
)
def test_a_condition_that_cannot_be_meant_is_refused(text, problem):
    assert refusal(text) == f"--fail-if {text!r}: {problem}"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("energy_j.chp > 1", "energy_j has no part 'chp'; did you mean 'chip'?"),
        ("log.gone > 1", "log.gone is null, which 1 cannot be compared with"),
        ("multiply_share > 0.5", "multiply_share is null, which 0.5 cannot be compared with"),
        ("tightest.pe == a", "tightest.pe is 0, which 'a' cannot be compared with"),
        ("bound_by == 3", "bound_by is 'compute', which 3 cannot be compared with"),
    ],
)
def test_what_only_the_run_can_tell_is_refused_after_it(summary, text, problem):
    with pytest.raises(SpecError) as error:
        parse_condition(text).holds(summary)
    assert str(error.value) == f"--fail-if {text!r}: {problem}"
