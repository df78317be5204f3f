"""From files, presets and overrides to a scenario: which wins, and whose it is."""

import pytest

from spinn2sim.spec import dump_scenario, load_scenario
from spinn2sim.spec.provenance import USER, Provenance
from tests.spec.refusals import preset_refusal

PAPER = "preset: paper-12pe\n"


# Which wins


def test_a_file_that_says_nothing_else_is_its_preset(load):
    assert load(PAPER) == load_scenario(preset="paper-12pe")


def test_a_path_may_be_text(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text(PAPER)
    assert load_scenario(str(path)) == load_scenario(path)


def test_the_file_is_over_its_preset_and_an_override_over_both(load):
    text = PAPER + "seed: 5\nn_pe: 4\nchip: {pe: {clock: 100MHz}}\n"
    scenario = load(text, overrides=["n_pe=2", "chip.noc.clock=300MHz", " seed = 6 ", "n_pe=3"])
    assert (scenario.n_pe, scenario.seed) == (3, 6)
    assert (scenario.chip.pe.clock, scenario.chip.noc.clock) == (100_000_000, 300_000_000)
    assert scenario.chip.noc.hop_cycles == 5
    assert load(text).seed == 5


def test_a_preset_named_by_an_override_is_the_one_underneath(load):
    assert load(PAPER, overrides=["preset=paper-1pe"]).name == "paper-1pe"


def test_parameters_are_merged_key_by_key(load):
    parameters = load(PAPER + "parameters: {n_rec: 60}\n").parameters
    assert (parameters["n_rec"], parameters["n_in"]) == (60, 80)


def test_a_list_replaces_the_presets(load):
    scenario = load(PAPER + "n_pe: 4\nchip: {qpes: [[2, 3]]}\n")
    assert scenario.chip.qpes == ((2, 3),)


def test_an_override_may_hold_a_mapping_or_text_with_an_equals_sign():
    overrides = ["parameters={n_rec: 60, note: a=b}", "workload.source=a=b.wav"]
    scenario = load_scenario(preset="paper-12pe", overrides=overrides)
    assert (scenario.parameters["n_rec"], scenario.parameters["note"]) == (60, "a=b")
    assert scenario.workload.source == "a=b.wav"


# The machine underneath


def test_machine_replaces_the_machine_under_a_scenario():
    there = load_scenario(preset="paper-12pe")
    here = load_scenario(preset="paper-12pe", machine="spinnaker2")
    assert (here.chip.name, here.chip.pe.clock) == ("spinnaker2", 150_000_000)
    assert (here.firmware, here.parameters) == (there.firmware, there.parameters)
    assert here.provenance["chip.pe.clock"].source == "EP, CHIP: at 0.5 V; 300 MHz at 0.8 V"


def test_machine_replaces_the_machine_under_a_scenario_that_rests_on_another():
    scenario = load_scenario(preset="paper-1pe", machine="spinnaker2")
    assert (scenario.name, scenario.chip.name) == ("paper-1pe", "spinnaker2")
    chip = load_scenario(preset="paper-1pe").chip
    assert scenario.with_changes(chip=chip, provenance={}).n_pe == 1


def test_machine_replaces_the_machine_that_a_file_names(load):
    text = "preset: fpga-prototype\nname: a\nn_pe: 1\nfirmware: a:B\nhost: {latency: 1us}\n"
    scenario = load(text, machine="spinnaker2")
    assert (scenario.chip.name, scenario.host.latency) == ("spinnaker2", 1_000)


def test_a_machine_that_could_replace_nothing_is_refused(refusal):
    text = dump_scenario(load_scenario(preset="paper-12pe"))
    message = "s.yaml: rests on no preset that 'spinnaker2' could replace"
    assert refusal(text, machine="spinnaker2") == message


def test_a_machine_must_be_a_machine_preset():
    assert preset_refusal(machine="spinnaker") == (
        "machine spinnaker: no preset 'spinnaker'; did you mean 'spinnaker2'?"
    )
    assert preset_refusal(machine="paper-1pe") == (
        "machine paper-1pe: is a whole scenario; name a preset without firmware"
    )


def test_a_machine_alone_is_not_a_scenario():
    assert preset_refusal("spinnaker2") == (
        "preset spinnaker2: describes a machine only; give name, n_pe and firmware in a file or by "
        "--set"
    )
    overrides = ["name=a", "n_pe=152", "firmware=a:B"]
    assert load_scenario(preset="spinnaker2", overrides=overrides).n_pe == 152


def test_a_file_and_a_preset_at_once_or_neither_are_a_programming_error(tmp_path):
    with pytest.raises(AssertionError, match="name either a file or a preset"):
        load_scenario()
    with pytest.raises(AssertionError, match="name either a file or a preset"):
        load_scenario(tmp_path / "s.yaml", preset="paper-12pe")


# Whose it is


def test_a_value_from_the_users_file_or_override_is_the_users(load):
    text = PAPER + "chip: {pe: {clock: 100MHz}}\n"
    scenario = load(text, overrides=["host.latency=40us"])
    users = {path for path, found in scenario.provenance.items() if found == USER}
    assert users == {"chip.pe.clock", "host.latency"}
    assert scenario.provenance["chip.noc.hop_cycles"].source == "CHIP"


def test_a_user_may_give_a_source(load):
    annotated = "{value: 7, source: my bench, confidence: measured, range: [6, 8]}"
    scenario = load(PAPER + f"chip: {{noc: {{hop_cycles: {annotated}}}}}\n")
    assert scenario.chip.noc.hop_cycles == 7
    assert scenario.provenance["chip.noc.hop_cycles"] == Provenance(
        source="my bench", confidence="measured", range=(6, 8)
    )


def test_sources_given_apart_from_the_values_count_for_these_only(load):
    text = PAPER + (
        "chip: {noc: {hop_cycles: 7, link_cycles: 2, eject_cycles: 3}}\n"
        "provenance: {chip.noc.hop_cycles: {source: my bench, confidence: measured},"
        " chip.noc.eject_cycles: {source: my bench, confidence: measured}}\n"
    )
    found = load(text, overrides=["chip.noc.eject_cycles=4"]).provenance
    assert found["chip.noc.hop_cycles"].source == "my bench"
    assert found["chip.noc.link_cycles"] == found["chip.noc.eject_cycles"] == USER
    assert found["chip.noc.clock"].confidence == "guess"


def test_a_parameter_of_the_firmware_may_have_a_source(load):
    scenario = load(PAPER + "parameters: {eta: {value: 3, source: me, confidence: guess}}\n")
    assert scenario.parameters["eta"] == 3
    assert scenario.provenance["parameters.eta"].source == "me"


def test_whole_numbers_in_a_range_stay_whole():
    found = load_scenario(preset="paper-12pe").provenance["chip.noc.fifo_flits"]
    assert str(found.range) == "(2, 8)"


def test_an_override_over_a_users_sourced_value_is_the_users(load):
    text = PAPER + "chip: {noc: {hop_cycles: {value: 7, source: me, confidence: measured}}}\n"
    scenario = load(text, overrides=["chip.noc.hop_cycles=9"])
    assert scenario.chip.noc.hop_cycles == 9
    assert scenario.provenance["chip.noc.hop_cycles"] == USER


def test_what_is_no_hardware_carries_no_provenance(load):
    scenario = load(PAPER + "seed: 3\n", overrides=["n_pe=2", "parameters.n_rec=60"])
    assert scenario.provenance == load_scenario(preset="paper-12pe").provenance


# There and back


ROUND_TRIPS = [
    {"preset": "paper-12pe"},
    {"preset": "paper-1pe"},
    {"preset": "paper-12pe", "machine": "spinnaker2"},
    {"preset": "paper-12pe", "overrides": ["chip.pe.clock=150MHz", "strict=true", "seed=0"]},
    {"preset": "paper-12pe", "overrides": ["parameters.day=2026-11-21", "parameters.none=null"]},
    {"preset": "paper-12pe", "overrides": ["parameters.deep={a: [{b: 1.5}, ~]}"]},
    {"preset": "paper-12pe", "overrides": ["workload.source='1'", "name='on'"]},
]


@pytest.mark.parametrize("options", ROUND_TRIPS)
def test_a_dumped_scenario_loads_to_an_equal_one(options, load):
    scenario = load_scenario(**options)
    assert load(dump_scenario(scenario)) == scenario


def test_what_is_not_known_is_left_out_of_a_dump():
    text = dump_scenario(load_scenario(preset="paper-12pe", overrides=["parameters.none=null"]))
    assert text.count("null") == 1


def test_an_override_of_a_dumped_scenario_is_the_users_and_the_rest_keeps_its_sources(load):
    original = load_scenario(preset="paper-12pe")
    changed = load(dump_scenario(original), overrides=["chip.pe.clock=150MHz"])
    assert changed.chip.pe.clock == 150_000_000
    assert dict(changed.provenance) == original.provenance | {"chip.pe.clock": USER}


def test_a_source_given_in_a_dumped_scenario_counts(load):
    original = load_scenario(preset="paper-12pe")
    annotated = "{value: 7, source: my bench, confidence: measured}"
    changed = load(dump_scenario(original), overrides=[f"chip.noc.hop_cycles={annotated}"])
    found = Provenance(source="my bench", confidence="measured")
    assert dict(changed.provenance) == original.provenance | {"chip.noc.hop_cycles": found}
