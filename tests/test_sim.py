"""simulate(): what is refused before time starts, and what a finished run leaves."""

import numpy as np
import pytest

from spinn2sim import load_scenario, simulate
from spinn2sim.elaboration import elaborate, load_firmware, make_firmware
from spinn2sim.errors import (
    FirmwareNotFoundError,
    PlacementError,
    SpecError,
    SramOverflowError,
    WorkloadError,
)
from spinn2sim.sim import compile_kernels
from tests.hw.machine import answers, run, scenario_of, workload_of


def eprop(*overrides, machine=None):
    return load_scenario(preset="paper-12pe", machine=machine, overrides=overrides)


def refusal(kind, call, *arguments):
    with pytest.raises(kind) as error:
        call(*arguments)
    return str(error.value)


def test_a_network_too_large_for_its_pes_is_told_how_many_it_needs():
    assert refusal(SramOverflowError, simulate, eprop("n_pe=1"), workload_of(2, 80)) == (
        "PE 0: 663,904 B do not fit in 73,728 B of data SRAM; spread it over 10 or more PEs, use a "
        "smaller network, or set chip.pe.sram.check=relaxed to run it all the same"
    )


def test_the_number_of_pes_that_it_is_told_is_the_least_that_works():
    workload = workload_of(2, 80)
    assert len(elaborate(eprop("n_pe=10"), workload)) == 10
    with pytest.raises(SramOverflowError):
        elaborate(eprop("n_pe=9"), workload)


def test_a_network_too_large_for_the_chip_is_told_so():
    too_large = eprop("n_pe=4", "parameters.n_rec=1000")
    assert refusal(SramOverflowError, simulate, too_large, workload_of(2, 80)) == (
        "PE 0: 7,540,952 B do not fit in 73,728 B of data SRAM; even 16 PEs (the whole chip) are "
        "too few: use a smaller network or set chip.pe.sram.check=relaxed to run it all the same"
    )


def test_a_network_too_large_on_as_many_pes_as_it_has_neurons_is_told_so():
    wanted = eprop("parameters.n_rec=100", "chip.pe.sram.data_bytes=26KB", machine="spinnaker2")
    assert "even 100 PEs (the most it can use) are too few" in refusal(
        SramOverflowError, simulate, wanted, workload_of(2, 80)
    )


@pytest.mark.parametrize("n_neurons", range(20, 60, 3))
def test_the_largest_slice_counts_which_is_not_that_of_pe_0(n_neurons):
    def scenario(n_pe):
        limit = "chip.pe.sram.data_bytes=28KB"  # 4 KB for variables: four neurons of 1,000 B
        return scenario_of(limit, firmware="Slices", n_pe=n_pe, n_neurons=n_neurons)

    least = -(-n_neurons // 4)
    for n_pe in range(1, least):
        message = refusal(SramOverflowError, elaborate, scenario(n_pe), workload_of())
        assert f"spread it over {least} or more PEs" in message
    assert elaborate(scenario(least), workload_of())


def test_a_relaxed_check_runs_what_does_not_fit():
    relaxed = ("n_pe=1", "chip.pe.sram.check=relaxed")
    trace = simulate(eprop(*relaxed), workload_of(2, 80))
    assert trace.tables["pes"]["sram_bytes"].tolist() == [663_904]


def test_arrays_that_just_fill_the_sram_fit():
    fitting = scenario_of(n_bytes=73_728)
    assert simulate(fitting, workload_of()).tables["pes"]["sram_bytes"].tolist() == [73_728]
    with pytest.raises(SramOverflowError):
        simulate(scenario_of(n_bytes=73_729), workload_of())


def test_more_pes_than_the_chip_has_are_refused():
    assert refusal(PlacementError, simulate, eprop("n_pe=17"), workload_of(2, 80)) == (
        "n_pe: 17 PEs do not fit on chip 'fpga-prototype', which has 16; use 1 to 16 PEs or a "
        "larger chip"
    )


UNLOADABLE = {
    "firmware_modelz.eprop:Eprop": (
        "there is no module 'firmware_modelz'; expected package.module:Class"
    ),
    "firmware_models.eprob:Eprop": (
        "there is no module 'firmware_models.eprob'; expected package.module:Class"
    ),
    "firmware_models.eprop:Epropp": (
        "module 'firmware_models.eprop' has no 'Epropp'; did you mean 'Eprop'?"
    ),
    "tests.hw.broken:X": (
        "module 'tests.hw.broken' cannot be imported: ModuleNotFoundError: No module named "
        "'no_such_library'"
    ),
    "tests.hw.raising:X": "module 'tests.hw.raising' cannot be imported: ValueError: no licence",
    "tests.hw.programs:NoFirmware": "NoFirmware is no firmware: it lacks main, readout",
    "tests.hw.programs:np": "np is no firmware: it lacks Parameters, main, readout",
}


@pytest.mark.parametrize(("path", "message"), UNLOADABLE.items(), ids=UNLOADABLE)
def test_a_firmware_that_cannot_be_loaded_is_named_with_the_reason(path, message):
    assert refusal(FirmwareNotFoundError, load_firmware, path) == (
        f"firmware: cannot load {path!r}: {message}"
    )


def test_a_firmware_without_layout_is_refused():
    message = refusal(
        FirmwareNotFoundError, simulate, scenario_of(firmware="NoLayout"), workload_of()
    )
    assert message == (
        "firmware: cannot load 'tests.hw.programs:NoLayout': NoLayout is no firmware: it lacks "
        "layout, sizes"
    )


@pytest.mark.parametrize("path", ["firmware_models.ping:Ping", "firmware_models.eprop:Eprop"])
def test_the_firmwares_of_the_project_load(path):
    assert load_firmware(path).__name__ == path.partition(":")[2]


def test_a_misspelt_parameter_is_refused_with_the_nearest_one():
    assert refusal(SpecError, simulate, eprop("parameters.n_reg=3"), workload_of(2, 80)) == (
        "parameters: unknown key 'n_reg'; did you mean 'n_rec'?"
    )


def test_each_pe_is_told_who_it_is_and_what_the_workload_is_like():
    scenario = scenario_of("seed=7", "host.steps_per_buffer=3", n_pe=4)
    workload = workload_of(n_timesteps=6, n_in=5, n_samples=2)
    context = make_firmware(scenario, workload, 4, 2).pe
    assert (context.pe, context.n_pe, context.seed, context.steps_per_buffer) == (2, 4, 7, 3)
    shape = context.workload
    assert (shape.n_samples, shape.n_timesteps, shape.n_in, shape.n_classes) == (2, 6, 5, 2)


def test_an_empty_workload_is_refused_by_itself():
    with pytest.raises(WorkloadError):
        workload_of(n_samples=0)


def test_progress_goes_from_nothing_to_all_and_never_back():
    shares = []
    programs = [[("wait_timer",), ("barrier",)] * 500]
    scenario = scenario_of(n_pe=4, programs=programs)
    simulate(scenario, workload_of(500), progress=shares.append)
    assert shares == sorted(shares)
    assert 0 <= shares[0] < 0.2
    assert 0.8 < shares[-1] <= 1


def test_there_is_no_progress_before_the_timer_runs():
    shares = []
    programs = [[*[("barrier",)] * 600, ("wait_timer",)]]
    simulate(scenario_of(n_pe=2, programs=programs), workload_of(10, 80), progress=shares.append)
    assert shares[0] == 0


def test_the_readout_is_what_the_program_left_and_can_no_longer_change():
    trace = run([[("wait_timer",)], [("wait_timer",), ("wait_timer",)]], workload=workload_of(2))
    assert answers(trace) == [[0], [0, 1]]
    with pytest.raises(ValueError, match="read-only"):
        trace.readout(0)["answers"][0] = 1


def test_equal_runs_have_equal_digests_and_other_runs_have_others():
    def digest(*overrides, work=10):
        return run([[("wait_timer",), ("compute", "work", work)]], *overrides).digest()

    assert digest() == digest()
    others = [digest("seed=2"), digest("chip.pe.clock=150MHz"), digest(work=11)]
    assert len({digest(), *others}) == 4


def test_the_trace_says_what_ran():
    trace = run([[("wait_timer",)]] * 3, workload=workload_of(n_timesteps=4, n_in=2, n_samples=2))
    meta = trace.meta
    assert meta["scenario"]["firmware"] == "tests.hw.programs:Script"
    assert meta["workload"]["targets"] == [0, 1]
    assert (meta["workload"]["n_timesteps"], meta["workload"]["n_in"]) == (4, 2)
    assert meta["costs"] is None
    assert meta["sizes"] == [{}, {}, {}]
    assert meta["layouts"] == [[["array", "uint8", [0], 0, False]]] * 3
    assert np.array_equal(trace.tables["pes"]["pe"], [0, 1, 2])


def test_compiling_leaves_it_to_the_run_to_say_what_is_wrong():
    wrong = eprop("n_pe=1")
    assert compile_kernels(wrong, workload_of(2, 80)) is None
    with pytest.raises(SramOverflowError):
        simulate(wrong, workload_of(2, 80))


def test_a_program_that_needs_more_steps_than_compiling_runs_is_not_refused_by_it():
    wanted = scenario_of(programs=[[("wait_timer",), *[("read_input",)] * 4]])
    assert compile_kernels(wanted, workload_of(4)) is None
    assert simulate(wanted, workload_of(4)).n_pe == 1
