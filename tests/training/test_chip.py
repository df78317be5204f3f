"""Learning meets the machine: host and simulated chip learn the same weights, to the bit."""

import numpy as np
import pytest

from firmware_models.eprop import Eprop, gather
from spinn2sim.elaboration import TIMER_REFERENCE_HZ, elaborate, load_firmware
from spinn2sim.errors import FirmwareError, WeightsError
from spinn2sim.firmware import Frame, PEContext, WorkloadShape
from spinn2sim.firmware.learner import readout_digest, start_from
from spinn2sim.firmware.untimed import run_untimed
from spinn2sim.hw import Chip
from spinn2sim.spec import load_scenario
from spinn2sim.trace import Recorder
from spinn2sim.training.checkpoint import LAST, load_checkpoint, load_weights
from spinn2sim.training.loop import train
from spinn2sim.training.splits import sample_order
from spinn2sim.units import Timebase
from spinn2sim.workload import Sample, Workload
from tests.training.samples import CLASSES, SILENT, features_of, job_of, parameters_of

N_SAMPLES = 5


def features():
    return features_of(n_train=N_SAMPLES)


def workload_in_order(order):
    """The training samples as the host streams them."""
    part = features().train
    samples = (Sample(f"{k}", part.x[k], int(part.targets[k])) for k in order)
    return Workload(tuple(samples), CLASSES)


def scenario_of(n_pe=12, **parameters):
    scenario = load_scenario(preset="paper-12pe", overrides=[f"n_pe={n_pe}", "seed=1"])
    given = {"n_in": 6, "n_rec": 14, "n_out": 3, "learning_rate": 0.01} | parameters
    return scenario.with_changes(parameters=given)


def on_the_chip(scenario, workload, weights=None):
    """The network's weights after *workload* on the timed machine."""
    firmwares = elaborate(scenario, workload)
    if weights is not None:
        start_from(firmwares, weights)
    clocks = scenario.chip.pe.clock, scenario.chip.noc.clock, TIMER_REFERENCE_HZ
    timebase = Timebase.for_clocks(*clocks)
    frames = [Frame(row, sample.target) for sample in workload.samples for row in sample.values]
    chip = Chip(
        scenario=scenario,
        timebase=timebase,
        timer_reference=timebase.clock(TIMER_REFERENCE_HZ),
        period=timebase.hz * scenario.timestep // 10**9,
        firmwares=firmwares,
        frames=frames,
        recorder=Recorder(),
    )
    chip.run(lambda _: None)
    return gather([firmware.readout() for firmware in firmwares])


def on_the_host(folder, **given):
    job = job_of(folder, features=features, n_epochs=1, **given)
    train(job, SILENT)
    return load_checkpoint(folder / LAST).state


def same_weights(found, expected):
    assert found.keys() <= expected.keys()
    return all(np.array_equal(array, expected[name]) for name, array in found.items())


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"feedback": "adaptive"},
        {"feedback": "random", "parameter_set": "authors-exact"},
    ],
)
def test_a_checkpoint_of_online_equals_the_weights_of_the_chip_to_the_bit(tmp_path, given):
    host = on_the_host(tmp_path, parameters=parameters_of(**given))
    chip = on_the_chip(scenario_of(**given), workload_in_order(sample_order(1, 1, N_SAMPLES)))
    assert same_weights(chip, host)


def test_the_order_of_the_samples_matters_to_that_test(tmp_path):
    host = on_the_host(tmp_path)
    chip = on_the_chip(scenario_of(), workload_in_order(range(N_SAMPLES)))
    assert not same_weights(chip, host)


def test_what_is_pretrained_on_the_host_learns_on_as_the_host_would(tmp_path):
    on_the_host(tmp_path / "first", form="fast", seed=4)
    weights = load_weights(tmp_path / "first")
    host = on_the_host(tmp_path / "second", weights=weights)
    chip = on_the_chip(scenario_of(), workload_in_order(sample_order(1, 1, N_SAMPLES)), weights)
    assert same_weights(chip, host)
    fresh = on_the_host(tmp_path / "fresh")
    assert not same_weights(chip, fresh)


def firmwares_of(n_pe, **given):
    shape = WorkloadShape(1, 15, 6, 3)
    return [Eprop(parameters_of(**given), PEContext(pe, n_pe, 1, shape, 5)) for pe in range(n_pe)]


@pytest.mark.parametrize("n_pe", [1, 3, 14])
@pytest.mark.parametrize("feedback", ["symmetric", "random"])
def test_what_is_given_to_the_pes_is_read_out_again(n_pe, feedback):
    whole = Eprop.learner(
        parameters_of(feedback=feedback), n_timesteps=15, n_classes=3, seed=9, form="online"
    ).weights()
    firmwares = firmwares_of(n_pe, feedback=feedback)
    start_from(firmwares, whole)
    assert same_weights(gather([firmware.readout() for firmware in firmwares]), whole)


def test_other_first_weights_have_another_digest():
    firmwares, others = firmwares_of(3), firmwares_of(3)
    assert readout_digest(firmwares) == readout_digest(others)
    weights = gather([firmware.readout() for firmware in others])
    weights["w_rec"][13, 13] += 1
    start_from(others, weights)
    assert readout_digest(firmwares) != readout_digest(others)


def test_weights_of_another_network_are_refused_by_the_chip(tmp_path):
    weights = on_the_host(tmp_path)
    with pytest.raises(WeightsError) as error:
        start_from(firmwares_of(3, n_rec=20), weights)
    assert str(error.value) == (
        "weights w_in: float32 (14, 6) given, the network has float32 (20, 6); use a checkpoint of "
        "the same network"
    )


def test_a_firmware_that_cannot_start_from_weights_says_so():
    ping = load_firmware("firmware_models.ping:Ping")
    shape = WorkloadShape(1, 15, 6, 3)
    firmwares = [ping(ping.Parameters(), PEContext(pe, 2, 1, shape, 5)) for pe in range(2)]
    with pytest.raises(FirmwareError) as error:
        start_from(firmwares, {})
    assert str(error.value) == (
        "PE 0: Ping cannot start from given weights; give it load_weights() or run without a "
        "checkpoint"
    )


def test_the_untimed_run_learns_the_same_weights(tmp_path):
    host = on_the_host(tmp_path)
    workload = workload_in_order(sample_order(1, 1, N_SAMPLES))
    firmwares = elaborate(scenario_of(5), workload)
    run_untimed(firmwares, [Frame(row, s.target) for s in workload.samples for row in s.values])
    assert same_weights(gather([firmware.readout() for firmware in firmwares]), host)
