"""Of many samples the programs run the first; what the learner adds is what they would do."""

import numpy as np
import pytest

from firmware_models.eprop import Eprop
from firmware_models.eprop.training.learner import Learner
from spinn2sim import load_scenario, simulate
from spinn2sim.elaboration import scenario_workload
from spinn2sim.recording import record
from spinn2sim.rehearsal import rehearse

SMALL = (
    *("n_pe=3", "parameters.n_rec=24", "workload.n_samples=4"),
    # Quick to learn and quick to spike: later samples differ from the first.
    *("parameters.learning_rate=0.05", "parameters.v_th=0.2"),
)


def small(*overrides):
    scenario = load_scenario(preset="paper-12pe", overrides=[*SMALL, *overrides])
    return scenario, scenario_workload(scenario)


@pytest.mark.parametrize(
    "overrides",
    [
        (),
        ("parameters.feedback=adaptive", "parameters.optimiser=sgd"),
        ("parameters.feedback=random", "parameters.n_lif=10", "parameters.optimiser=momentum"),
        ("n_pe=1",),
        ("n_pe=5", "parameters.decay=0.5", "parameters.decay_every=2"),
        ("parameters.rate_weight=0.1", "parameters.eligibility=exact"),
    ],
)
def test_a_rehearsed_run_is_the_run_of_the_simpy_machine(overrides):
    scenario, workload = small(*overrides)
    rehearsed = rehearse(scenario, workload)
    assert rehearsed is not None
    assert len(rehearsed.programs.spikes) > 100, "a run without spikes would show little"
    by_simpy, compiled = (simulate(scenario, workload, timing=t) for t in ("simpy", "compiled"))
    assert compiled.timed_by == "compiled"
    assert compiled.digest() == by_simpy.digest()


def test_what_is_rehearsed_is_what_the_programs_do():
    scenario, workload = small()
    rehearsed, ran = rehearse(scenario, workload), record(scenario, workload)
    for name in ("ops", "spikes", "log", "log_values"):
        assert np.array_equal(getattr(rehearsed.programs, name), getattr(ran.programs, name)), name
    assert rehearsed.programs.segments == ran.programs.segments
    assert rehearsed.programs.log_names == ran.programs.log_names
    values = rehearsed.programs.log_values
    assert len(set(values[rehearsed.programs.log[:, 2] == 1].tolist())) == workload.n_samples


def test_a_rehearsed_run_may_begin_with_given_weights():
    scenario, workload = small()
    learned = Eprop.gather([each.readout() for each in record(scenario, workload).firmwares])
    by_simpy, compiled = (
        simulate(scenario, workload, weights=learned, timing=t) for t in ("simpy", "compiled")
    )
    assert compiled.digest() == by_simpy.digest()
    assert compiled.digest() != simulate(scenario, workload, timing="compiled").digest()


@pytest.mark.parametrize(
    "overrides",
    [
        ("workload.n_samples=1",),
        ("parameters.update_every=2",),
        ("parameters.update_every=timestep",),
        ("parameters.division=neuron", "n_pe=6"),
        ("parameters.bfloat16=[w]",),
    ],
)
def test_programs_that_do_not_repeat_run_themselves(overrides):
    assert rehearse(*small(*overrides)) is None


class BeginsWithWork(Eprop):
    """Does once what its parent does for each sample."""

    def main(self):
        yield self.program.work.error
        yield from super().main()


def test_a_subclass_does_not_inherit_the_promise_to_repeat():
    parameters = ("n_pe=3", "parameters.n_rec=24", "workload.n_samples=4")
    firmware = f"firmware={__name__}:BeginsWithWork"
    scenario = load_scenario(preset="paper-12pe", overrides=[*parameters, firmware])
    workload = scenario_workload(scenario)
    assert rehearse(scenario, workload) is None
    by_simpy, compiled = (simulate(scenario, workload, timing=t) for t in ("simpy", "compiled"))
    assert compiled.timed_by == "compiled"
    assert compiled.digest() == by_simpy.digest()


def test_a_learner_without_a_raster_is_not_asked(monkeypatch):
    monkeypatch.delattr(Learner, "sends")
    assert rehearse(*small()) is None


@pytest.mark.parametrize("what", ["sends", "figures", "weights"])
def test_a_learner_that_differs_in_the_first_sample_is_not_believed(what, monkeypatch):
    kept = getattr(Learner, what)

    def other(self, *arguments):
        found = kept(self, *arguments)
        if what == "sends":
            return found[:-1]
        if what == "figures":
            return found | {"loss": [np.nextafter(found["loss"][0], 9)]}
        found["w_in"][0, 0] = np.nextafter(found["w_in"][0, 0], np.float32(9))
        return found

    monkeypatch.setattr(Learner, what, other)
    scenario, workload = small()
    assert rehearse(scenario, workload) is None
    monkeypatch.undo()
    assert simulate(scenario, workload, timing="compiled").timed_by == "compiled"
