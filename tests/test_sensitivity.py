"""Sensitivity: each guess at both ends of its range, one at a time."""

import pytest

from spinn2sim import load_scenario, simulate
from spinn2sim.report.guesses import guesses
from spinn2sim.sensitivity import Outcome, sensitivity


def outcome(value="1", *, fits=True, slack_cycles=0):
    return Outcome(value, fits, "-", slack_cycles, 1.0, None)


@pytest.fixture(scope="module")
def scenario():
    """A network so small that a check is quick, on two PEs."""
    sizes = ("parameters.n_in=40", "parameters.n_rec=6", "parameters.n_out=2", "n_pe=2")
    return load_scenario(preset="paper-12pe", overrides=(*sizes, "workload.derivative_order=0"))


@pytest.fixture(scope="module")
def checks():
    """The scenarios that were checked, in order."""
    return []


@pytest.fixture(scope="module")
def found(scenario, checks):
    """The report, with checks that are short runs without a search for the largest network."""
    shares = []
    with pytest.MonkeyPatch.context() as patch:

        def check(wanted, value):
            checks.append(wanted)
            return outcome(value, slack_cycles=len(checks))

        patch.setattr("spinn2sim.sensitivity._checked", check)
        trace = _traced(scenario)
        report = sensitivity(scenario, trace, progress=shares.append)
    assert shares[-1] == 1
    return report


def _traced(scenario):
    from spinn2sim.feasibility import noise

    return simulate(scenario, noise(scenario, 12))


def row(found, path):
    return next(each for each in found.rows if each.path == path)


def test_every_guess_of_the_run_is_moved_or_listed(found, scenario):
    assert [each.path for each in found.rows] == [
        guess.path for guess in guesses(_traced(scenario))
    ]


def test_a_guess_is_tried_at_both_ends_and_nothing_else_is_changed(found, checks, scenario):
    ends = [end.value for end in row(found, "chip.noc.fifo_flits").ends]
    assert ends == ["2", "8"]
    moved = [wanted for wanted in checks if wanted.chip.noc.fifo_flits == 8]
    assert len(moved) == 1
    noc = moved[0].chip.noc.with_changes(fifo_flits=4)
    assert moved[0].with_changes(chip=moved[0].chip.with_changes(noc=noc)) == scenario


def test_an_end_that_is_the_value_itself_is_not_checked_again(found):
    now, fast = row(found, "chip.noc.clock").ends
    assert (now.value, now.slack_cycles) == ("65MHz", found.now.slack_cycles)
    assert (fast.value, fast.slack_cycles > 1) == ("300MHz", True)


def test_a_choice_is_tried_the_other_way_if_the_machine_has_it(found):
    # The prototype has no event router.
    assert [end.value for end in row(found, "chip.noc.multicast").ends] == ["tree"]


def test_a_guess_without_range_is_listed_with_the_reason(found):
    qpes = row(found, "chip.qpes")
    assert (qpes.ends, qpes.note) == ((), "no range is known, so it was not moved")


def test_a_coefficient_is_moved_in_a_cost_table_of_its_own(found, checks):
    reduce = row(found, "costs: reduce_output")
    assert [end.value for end in reduce.ends] == ["24 cycles per O", "216 cycles per O"]
    tables = [wanted.parameters["cost_table"] for wanted in checks]
    assert sum(table != "paper" for table in tables) == 2 * sum(
        each.path.startswith("costs: ") for each in found.rows
    )


def test_a_real_check_at_both_ends_moves_the_slack(scenario, monkeypatch):
    monkeypatch.setattr("spinn2sim.sensitivity.MAX_PES_SEARCHED", 0)
    trace = _traced(scenario)
    wake = next(guess for guess in guesses(trace) if guess.path == "chip.pe.wake_cycles")
    monkeypatch.setattr("spinn2sim.sensitivity.guesses", lambda _: (wake,))
    found = sensitivity(scenario, trace)
    quick, slow = found.rows[0].ends
    assert quick.slack_cycles == found.now.slack_cycles + 10
    assert slow.slack_cycles == found.now.slack_cycles - 30
    assert found.now.fits
    assert found.now.largest_n_rec is None


def test_an_end_that_cannot_be_run_is_told_and_not_fatal(scenario, monkeypatch):
    trace = _traced(scenario)
    strange = scenario.provenance["chip.comms.fifo_events"].with_changes(range=(64, 1_000_000))
    wanted = scenario.with_changes(
        provenance={**scenario.provenance, "chip.comms.fifo_events": strange}
    )
    monkeypatch.setattr("spinn2sim.sensitivity._checked", lambda _, value: outcome(value))
    _, high = row(sensitivity(wanted, trace), "chip.comms.fifo_events").ends
    assert "does not fit in pe.sram.reserved_bytes" in high.problem
