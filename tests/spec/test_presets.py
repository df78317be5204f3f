"""The presets: complete, sourced, and true to the chips they describe."""

from pathlib import Path

import pytest

from spinn2sim.spec import load_scenario, presets
from spinn2sim.spec.provenance import HARDWARE

SCENARIOS = ("paper-12pe", "paper-1pe")
MACHINES = ("fpga-prototype", "spinnaker2")
BOARDS = ("spinnaker2-board",)
FILES = Path(__file__).parents[2] / "experiments" / "scenarios"

#: Guesses that are one of a few choices, or a shape, and so have no low and high end.
CHOICES = {"chip.qpes", "chip.noc.multicast", "board.size", "board.group_pes", "board.ports"}


@pytest.fixture(params=MACHINES + BOARDS)
def scenario(request):
    return load_scenario(preset="paper-12pe", machine=request.param)


def values(content, prefix=""):
    """(key path, value) of everything in *content* that is not a mapping."""
    for key, item in content.items():
        path = f"{prefix}{key}"
        if isinstance(item, dict):
            yield from values(item, f"{path}.")
        else:
            yield path, item


def hardware(scenario):
    dumped = scenario.model_dump(mode="json", exclude_none=True)
    return dict(values({part: dumped[part] for part in HARDWARE if part in dumped}))


def guesses(scenario):
    return {
        path: found for path, found in scenario.provenance.items() if found.confidence == "guess"
    }


# Each one


def test_every_preset_is_known_here_and_says_what_it_is():
    assert sorted(presets()) == sorted(SCENARIOS + MACHINES + BOARDS)
    assert presets()["fpga-prototype"] == (
        "The FPGA prototype of the e-prop paper: 4 QPEs = 16 PEs at 65 MHz behind fpga_if."
    )


@pytest.mark.parametrize("preset", SCENARIOS)
def test_a_scenario_preset_loads_under_its_own_name(preset):
    assert load_scenario(preset=preset).name == preset


@pytest.mark.parametrize("preset", SCENARIOS)
def test_a_scenario_file_is_the_preset_of_its_name(preset):
    path = FILES / f"{preset.replace('-', '_')}.yaml"
    assert load_scenario(path) == load_scenario(preset=preset)


def test_every_number_of_the_machine_has_a_source(scenario):
    given = {path: value for path, value in hardware(scenario).items() if value is not None}
    numbers = {path for path, value in given.items() if not isinstance(value, str)}
    n_more = 0 if scenario.chip.name == "fpga-prototype" else 7  # Levels and DRAM.
    assert len(numbers) == 36 + n_more + (0 if scenario.board is None else 15)
    assert numbers - set(scenario.provenance) == set()


def test_every_source_is_of_a_value_of_the_machine(scenario):
    assert set(scenario.provenance) - set(hardware(scenario)) == set()


def test_no_source_is_empty_and_none_is_the_user(scenario):
    for path, found in scenario.provenance.items():
        assert found.source.strip(), path
        assert found.confidence != "user", path


def test_what_has_no_source_is_a_guess(scenario):
    for path, found in scenario.provenance.items():
        if found.source.startswith("-"):
            assert found.confidence == "guess", path


def test_every_guess_has_a_range_unless_it_is_a_choice(scenario):
    assert {path for path, found in guesses(scenario).items() if found.range is None} <= CHOICES


def test_only_guesses_have_a_range(scenario):
    ranged = {path for path, found in scenario.provenance.items() if found.range is not None}
    assert ranged <= set(guesses(scenario))
    assert len(ranged) >= 14


def test_both_ends_of_every_range_are_accepted_and_the_value_is_between(scenario):
    machine = scenario.chip.name
    for path, found in guesses(scenario).items():
        if found.range is None:
            continue
        low, high = (
            hardware(load_scenario(preset="paper-12pe", machine=machine, overrides=[change]))[path]
            for change in (f"{path}={end}" for end in found.range)
        )
        assert low < high, path
        assert low <= hardware(scenario)[path] <= high, path


# What the machines are


def test_the_prototype_is_the_papers():
    chip = load_scenario(preset="paper-12pe").chip
    assert (chip.name, len(chip.qpes), chip.n_pe) == ("fpga-prototype", 4, 16)
    assert (chip.pe.clock, chip.noc.multicast) == (65_000_000, "per_qpe")
    sram = chip.pe.sram
    assert (sram.code_bytes, sram.data_bytes) == (32 * 1024, 96 * 1024)
    assert sram.variable_bytes == 72 * 1024


def test_spinnaker2_has_152_pes_around_its_periphery():
    chip = load_scenario(preset="paper-12pe", machine="spinnaker2").chip
    everywhere = {(x, y) for x in range(1, 8) for y in range(1, 7)}
    assert set(chip.qpes) == everywhere - {(4, 3), (4, 4), (7, 3), (7, 4)}
    assert (len(chip.qpes), chip.n_pe) == (38, 152)
    assert (chip.pe.clock, chip.noc.clock) == (150_000_000, 300_000_000)
    assert chip.noc.multicast == "tree"


def test_spinnaker2_is_the_prototype_where_it_says_nothing_else():
    own, prototype = (
        hardware(load_scenario(preset="paper-12pe", machine=machine)) for machine in MACHINES[::-1]
    )
    changed = {path for path in own if own[path] != prototype.get(path)}
    assert changed == {
        "chip.name",
        "chip.qpes",
        "chip.pe.clock",
        "chip.noc.clock",
        "chip.noc.multicast",
        "chip.pe.dvfs_switch",
        "chip.dram.size_bytes",
        "chip.dram.rate",
        "chip.dram.latency",
        "power.link_bit_pj",
        "power.dram_bit_pj",
        "power.whole_chip",
    }


def test_qpes_are_numbered_row_by_row(scenario):
    assert list(scenario.chip.qpes) == sorted(scenario.chip.qpes, key=lambda qpe: qpe[::-1])


@pytest.mark.parametrize(
    ("preset", "n_pe", "n_rec"), [("paper-12pe", 12, 120), ("paper-1pe", 1, 20)]
)
def test_the_papers_networks(preset, n_pe, n_rec):
    scenario = load_scenario(preset=preset)
    sizes = {name: scenario.parameters[name] for name in ("n_in", "n_rec", "n_out")}
    assert sizes == {"n_in": 80, "n_rec": n_rec, "n_out": 12}
    assert (scenario.n_pe, scenario.timestep) == (n_pe, 10_000_000)
