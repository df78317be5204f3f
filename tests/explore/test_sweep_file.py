"""Sweep files: what a user may write, and what comes back as one that rests on nothing else."""

import pytest

from spinn2sim.errors import MissingFileError, SpecError
from spinn2sim.explore.plan import make_plan
from spinn2sim.explore.sweep_file import dump_sweep, load_sweep, make_sweep
from tests.explore.sweeps import content, write


def test_a_sweep_comes_back_from_its_resolved_file_with_the_same_points(tmp_path):
    given = write(
        tmp_path / "given.yaml",
        fidelities=["check", {"fidelity": "train", "settings": {"epochs": 2}}],
        constraints=["slack_cycles >= 0"],
    )
    sweep, scenario = load_sweep(given)
    resolved = tmp_path / "sweep.yaml"
    resolved.write_text(dump_sweep(sweep, scenario))
    again = load_sweep(resolved)
    assert again[1] == scenario
    assert list(make_plan(*again, "again").points()) == list(
        make_plan(sweep, scenario, "given").points()
    )


def test_a_base_file_is_looked_for_beside_the_sweep(tmp_path):
    (tmp_path / "one.yaml").write_text("preset: paper-1pe\nname: one\nseed: 7\n")
    path = write(tmp_path / "sweep.yaml", base={"file": "one.yaml", "set": {"n_pe": 2}})
    _, scenario = load_sweep(path)
    assert (scenario.name, scenario.seed, scenario.n_pe) == ("one", 7, 2)


def test_a_sweep_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(MissingFileError, match=r"sweep not found: .*nothing\.yaml; check the path"):
        load_sweep(tmp_path / "nothing.yaml")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"axis": []}, "sweep: unknown key 'axis'; did you mean 'axes'?"),
        ({"name": "../up"}, "sweep: name = '../up': string should match pattern"),
        ({"base": {}}, "sweep: base: give one of preset, file or scenario"),
        ({"base": {"preset": "paper-2pe"}}, "no preset 'paper-2pe'; did you mean"),
        ({"fidelities": []}, "sweep: fidelities = []: expected 1 or more values, got 0"),
        (
            {"fidelities": [{"fidelity": "check", "atmost": 3}]},
            "sweep: fidelities.0: unknown key 'atmost'; did you mean 'at_most'?",
        ),
        (
            {"axes": [{"grid": {"n_pe": {"low": 1, "hihg": 2}}}]},
            "sweep: axes.0: key 'grid.n_pe.range.high' is missing",
        ),
        ({"base": {"preset": "paper-1pe", "set": {"n_pe": 0}}}, "accepted range is 1 to"),
    ],
)
def test_a_mistake_is_told_with_what_would_be_right(changes, message):
    with pytest.raises(SpecError) as refusal:
        make_sweep(content(**changes), "sweep")
    assert message in str(refusal.value)
