"""A program that asks for a level or policy that it cannot have: one message, on any machine."""

import dataclasses

import pytest

from spinn2sim import simulate
from spinn2sim.elaboration import elaborate
from spinn2sim.errors import FirmwareError, SpecError
from spinn2sim.firmware import Levels
from spinn2sim.firmware.levels import POLICIES
from spinn2sim.recording import record
from spinn2sim.report.fall_backs import fall_backs
from tests.hw.machine import workload_of
from tests.hw.test_firmware_levels import HIGH, scenario_of

KNOWN = "ask for one of 0 ('0.5 V'), 1 ('0.8 V')"
CANNOT = "chip 'spinnaker2' cannot switch; use the preset spinnaker2, with chip.pe.dvfs=firmware"
ALLOW = "set chip.pe.dvfs=firmware, or let the program do without"


@pytest.mark.parametrize(
    ("op", "overrides", "message"),
    [
        (
            ("set_level", "0.6 V"),
            (),
            f"it asks for performance level '0.6 V', and there is none; {KNOWN}",
        ),
        (("set_level", 2), (), f"it asks for performance level 2, and there is none; {KNOWN}"),
        (("set_level", -1), (), f"it asks for performance level -1, and there is none; {KNOWN}"),
        (("set_level", 0.5), (), f"it asks for performance level 0.5, and there is none; {KNOWN}"),
        (
            ("set_level", True),
            (),
            f"it asks for performance level True, and there is none; {KNOWN}",
        ),
        (
            ("choose_policy", "fastest"),
            (),
            "it asks for the policy 'fastest', and there is none; ask for " + ", ".join(POLICIES),
        ),
        (
            ("set_level", "0.5 V"),
            ("chip.pe.dvfs=race_to_idle",),
            "it asks for performance level '0.5 V', and chip.pe.dvfs = race_to_idle decides; "
            + ALLOW,
        ),
        (
            ("choose_policy", "fixed"),
            ("chip.pe.dvfs=fixed",),
            f"it asks for the policy 'fixed', and chip.pe.dvfs = fixed decides; {ALLOW}",
        ),
        (
            ("set_level", 0),
            ("chip.pe.dvfs=fixed", "chip.pe.dvfs_switch=null"),
            f"it asks for performance level 0, and {CANNOT}",
        ),
    ],
)
@pytest.mark.parametrize("timing", ["simpy", "compiled"])
def test_what_a_program_may_not_choose_is_one_message(op, overrides, message, timing):
    scenario = scenario_of([[op]], *overrides)
    with pytest.raises(FirmwareError) as error:
        simulate(scenario, workload_of(), timing=timing)
    assert str(error.value) == f"PE 0: {message}"


def test_of_two_levels_with_one_voltage_the_number_tells_which():
    levels = Levels(("0.5 V", "0.5 V", "0.8 V"))
    with pytest.raises(FirmwareError, match=r"'0.5 V', and there are several; ask for one of 0 "):
        levels.number(3, "0.5 V")
    assert levels.number(3, 1) == 1


def test_a_context_without_a_chip_has_no_levels():
    (firmware,) = elaborate(scenario_of([[]]), workload_of())
    alone = dataclasses.replace(
        firmware.pe, levels=type(firmware.pe).__dataclass_fields__["levels"].default
    )
    message = "PE 0: it asks for performance level 0, and it runs without a chip; give its"
    with pytest.raises(FirmwareError, match=message):
        alone.set_level(0)


def test_the_compiled_machine_leaves_such_runs_to_simpy_and_says_why():
    scenario = scenario_of([[("wait_timer",), ("set_level", HIGH)]])
    reason = "chip.pe.dvfs = firmware is for the SimPy machine"
    trace = simulate(scenario, workload_of(), timing="compiled")
    assert fall_backs(trace).as_dict()["fall_back"] == reason
    with pytest.raises(SpecError) as error:
        record(scenario, workload_of())
    assert str(error.value) == f"compiled machine: {reason}; use timing simpy"
