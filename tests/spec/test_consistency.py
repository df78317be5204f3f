"""What the parts of a scenario demand of each other, and the numbers derived from them."""

import pytest

from spinn2sim.errors import SpecError
from spinn2sim.spec import load_scenario

WHERE = "preset paper-12pe: "


def load(*overrides):
    return load_scenario(preset="paper-12pe", overrides=overrides)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            "chip.pe.sram.reserved_bytes=98305",
            "chip.pe.sram: reserved_bytes must not exceed data_bytes = 98,304 B",
        ),
        (
            "chip.comms.fifo_events=6145",
            (
                "chip: comms.fifo_events: a receive FIFO of 24,580 B does not fit in "
                "pe.sram.reserved_bytes = 24,576 B"
            ),
        ),
        ("chip.qpes=[]", "chip: qpes must hold at least one coordinate, each once"),
        ("chip.qpes=[[0, 0], [0, 0]]", "chip: qpes must hold at least one coordinate, each once"),
        ("chip.qpes=[[0, 256]]", "chip.qpes.0.1 = 256: accepted range is 0 to 255 QPE"),
        ("chip.qpes=[[-1, 0]]", "chip.qpes.0.0 = -1: accepted range is 0 to 255 QPE"),
        ("chip.noc.payload_bits=193", "chip.noc: payload_bits must not exceed packet_bits = 192"),
        (
            "host.packet_payload_bytes=0",
            (
                "host.packet_payload_bytes = 0: expected a memory size such as 1472B, accepted "
                "range is 1 to 65,507 B"
            ),
        ),
        (
            "power.levels=[]",
            "power: levels must hold at least one level, each with a higher max_clock",
        ),
        (
            (
                "power.levels=[{voltage_mv: 800, max_clock: 300MHz, sleep_mw: 3, cycle_pj: 15}, "
                "{voltage_mv: 500, max_clock: 150MHz, sleep_mw: 1, cycle_pj: 8}]"
            ),
            "power: levels must hold at least one level, each with a higher max_clock",
        ),
        (
            "timestep=0",
            "timestep = 0 ns: must be a positive multiple of 1,000 ns, the tick of the timers",
        ),
        (
            "timestep=10000500ns",
            (
                "timestep = 10,000,500 ns: must be a positive multiple of 1,000 ns, the tick of "
                "the timers"
            ),
        ),
        ("firmware=eprop", "firmware = 'eprop': expected package.module:Class"),
        ("firmware=.eprop:Eprop", "firmware = '.eprop:Eprop': expected package.module:Class"),
        ("firmware='a:b.C'", "firmware = 'a:b.C': expected package.module:Class"),
        ("name=../a", "name = '../a': expected 1 to 100 printable characters without slashes"),
        ("name='a\\b'", "name = 'a\\\\b': expected 1 to 100 printable characters without slashes"),
        ("name=' '", "name = ' ': expected 1 to 100 printable characters without slashes"),
        ('name="a\\n"', "name = 'a\\n': expected 1 to 100 printable characters without slashes"),
        ("seed=-1", "seed = -1: accepted range is 0 to 9,223,372,036,854,775,807"),
        (
            "workload.derivative_order=3",
            "workload.derivative_order = 3: expected 0, 1 or 2",
        ),
        (
            "chip.comms.overflow=lose",
            "chip.comms.overflow = 'lose': expected 'drop', 'overwrite' or 'stall'",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(override, message):
    with pytest.raises(SpecError) as refused:
        load(override)
    assert str(refused.value) == WHERE + message


@pytest.mark.parametrize(
    "override",
    [
        "chip.pe.sram.reserved_bytes=98304",
        "chip.comms.fifo_events=6144",
        "chip.qpes=[[0, 255]]",
        "chip.noc.payload_bits=192",
        "host.packet_payload_bytes=1",
        "timestep=1us",
        f"name={'a' * 100}",
        "name=Düsentrieb's run",
        "firmware=a:B",
        "firmware=a.b_c.d:E1",
    ],
)
def test_what_just_fits_is_accepted(override):
    load(override)


def test_a_name_of_101_characters_is_too_long():
    with pytest.raises(SpecError, match="expected 1 to 100 printable characters"):
        load(f"name={'a' * 101}")


def test_two_levels_with_the_same_clock_are_refused():
    level = "{voltage_mv: 800, max_clock: 300MHz, sleep_mw: 3, cycle_pj: 15}"
    with pytest.raises(SpecError, match="levels must hold"):
        load(f"power.levels=[{level}, {level}]")


def test_the_reserve_is_not_for_variables():
    sram = load("chip.pe.sram.data_bytes=64KB", "chip.pe.sram.reserved_bytes=24KB").chip.pe.sram
    assert sram.variable_bytes == 40 * 1024


def test_pes_are_counted_over_qpes():
    assert load("chip.qpes=[[0, 0], [5, 5], [1, 0]]", "chip.pes_per_qpe=5").chip.n_pe == 15


def test_defaults_are_one_quiet_sample():
    scenario = load()
    assert (scenario.strict, scenario.patience_steps) == (False, 1_000)
    assert scenario.chip.pe.sram.check == "strict"
    assert (scenario.workload.derivative_order, scenario.seed) == (1, 1)
    quiet = load_scenario(preset="fpga-prototype", overrides=["name=a", "n_pe=1", "firmware=a:B"])
    assert (quiet.workload.source, quiet.workload.n_samples) == ("embedded", 1)
    assert (quiet.seed, quiet.parameters) == (0, {})


def test_a_change_keeps_the_rest_and_is_validated():
    scenario = load()
    assert scenario.with_changes(seed=9).with_changes(seed=1) == scenario
    with pytest.raises(
        SpecError, match=r"^Scenario: n_pe = 0: accepted range is 1 to 1,000,000 PE$"
    ):
        scenario.with_changes(n_pe=0)
