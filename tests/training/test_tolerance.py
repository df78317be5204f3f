"""The tolerance report: it agrees with what is right and finds what is wrong."""

import numpy as np
import pytest

from firmware_models.eprop import Eprop
from spinn2sim.elaboration import load_firmware
from spinn2sim.errors import DivergenceError, FirmwareNotFoundError, SpecError
from spinn2sim.firmware import FirmwareParameters
from spinn2sim.firmware.learner import trainable
from spinn2sim.training.tolerance import compare, relative_difference
from tests.training.samples import parameters_of
from tests.training.scripted import CoarseEprop, WrongEprop


def compared(firmware_class=Eprop, n_pes=(1, 3), **given):
    return compare(firmware_class, parameters_of(**given), n_networks=2, n_pes=n_pes, seed=0)


def test_every_form_is_held_to_its_oracle_in_every_matrix():
    found = compared()
    assert all(row.holds for row in found)
    exact = {(row.form, row.oracle, row.quantity) for row in found if row.tolerance == 0}
    weights = ("loss", "weights w_in", "weights w_rec", "weights w_out")
    assert exact == {
        (form, oracle, name)
        for form in ("reference", "online")
        for oracle in ("program on 1 PE", "program on 3 PEs")
        for name in weights
    }
    rest = [row for row in found if row.tolerance]
    assert {(row.form, row.oracle, row.tolerance) for row in rest} == {
        ("fast", "form reference", 1e-5)
    }
    names = [row.quantity for row in rest]
    assert names == ["gradient w_in", "gradient w_rec", "gradient w_out"]
    assert all(row.difference > 0 for row in rest[:2])


@pytest.mark.parametrize(
    "given",
    [
        {"parameter_set": "authors-exact"},
        {"parameter_set": "paper-text"},
        {"feedback": "adaptive", "update_every": 2},
        {"n_lif": 5, "optimiser": "momentum", "rate_weight": 1e-3},
        {"feedback": "random", "learning_rate": 0.1},
    ],
)
def test_every_kind_of_network_agrees(given):
    assert all(row.holds for row in compared(n_pes=(4,), **given))


def test_a_form_that_does_without_a_kind_of_network_is_left_out():
    found = compared(n_pes=(3,), update_every="timestep")
    assert all(row.holds for row in found)
    assert {row.form for row in found} == {"reference", "online"}


def test_a_program_that_is_wrong_on_some_pes_is_found_there():
    found = compared(WrongEprop)
    wrong = {(row.oracle, row.quantity) for row in found if not row.holds}
    weights = {"weights w_in", "weights w_rec", "weights w_out"}
    assert {("program on 3 PEs", name) for name in weights} <= wrong
    assert {oracle for oracle, _ in wrong} == {"program on 3 PEs"}


def test_a_form_that_claims_too_much_is_found():
    found = compared(CoarseEprop)
    assert {row.form for row in found if not row.holds} == {"fast"}


def test_more_pes_than_neurons_run_on_as_many_as_there_are():
    assert all(row.holds for row in compared(n_pes=(100,)))


def test_a_network_that_never_spikes_agrees_with_nothing():
    with pytest.raises(DivergenceError) as error:
        compared(v_th=1e30)
    assert str(error.value) == (
        "network 0: whatever the scale of its input, it spikes never or in every time step; "
        "validate with other parameters"
    )


@pytest.mark.parametrize(
    ("found", "expected", "difference"),
    [
        ([1.0, 2.0], [1.0, 2.0], 0.0),
        ([1.0, 2.5], [1.0, 2.0], 0.25),
        ([0.0, 0.0], [0.0, 0.0], 0.0),
        ([0.0, 1e-9], [0.0, 0.0], np.inf),
        ([np.nan, 0.0], [np.nan, 0.0], np.inf),
        ([np.inf, 0.0], [1.0, 0.0], np.inf),
        ([1.0], [1.0, 2.0], np.inf),
    ],
)
def test_the_difference_is_relative_to_the_largest_entry(found, expected, difference):
    assert relative_difference(np.array(found), np.array(expected)) == difference


def test_another_precision_is_another_array():
    ones = np.ones(3)
    assert relative_difference(ones.astype(np.float32), ones) == np.inf


class Unsized(FirmwareParameters):
    n_in: int = 3


def test_parameters_without_sizes_are_refused():
    with pytest.raises(SpecError) as error:
        compare(Eprop, Unsized(), n_networks=1, n_pes=(1,), seed=0)
    assert str(error.value) == "parameters: lack n_rec, n_out, which validate varies"


def test_a_firmware_that_cannot_learn_on_the_host_says_what_it_lacks():
    path = "firmware_models.ping:Ping"
    with pytest.raises(FirmwareNotFoundError) as error:
        trainable(path, load_firmware(path))
    assert str(error.value) == (
        "firmware: cannot load 'firmware_models.ping:Ping': Ping cannot learn on the host: it "
        "lacks forms, learner, gather"
    )
