"""From files, presets and overrides to a scenario: which wins, whose it is, and what is refused."""

import pytest

from spinn2sim.errors import MissingFileError, SpecError
from spinn2sim.spec import dump_scenario, load_scenario, presets
from spinn2sim.spec.provenance import USER, Provenance

PAPER = "preset: paper-12pe\n"
ALL_PRESETS = ", ".join(sorted(presets()))
SCENARIO_KEYS = (
    "batch, board, chip, faults, firmware, host, n_pe, name, parameters, patience_steps, power, "
    "provenance, seed, strict, timestep, workload"
)
CLOCK_RATE = "expected a clock rate such as 150MHz, accepted range is 1,000 to 10,000,000,000 Hz"


@pytest.fixture
def load(tmp_path):
    """Load a scenario file with the given text."""

    def write_and_load(text, **options):
        path = tmp_path / "s.yaml"
        path.write_text(text, encoding="utf-8")
        return load_scenario(path, **options)

    return write_and_load


@pytest.fixture
def refusal(load, tmp_path):
    """The message for a scenario file with the given text; its path is written ``s.yaml``."""

    def load_and_read(text, **options):
        with pytest.raises(SpecError) as refused:
            load(text, **options)
        return str(refused.value).replace(str(tmp_path / "s.yaml"), "s.yaml")

    return load_and_read


def preset_refusal(preset="paper-12pe", **options):
    with pytest.raises(SpecError) as refused:
        load_scenario(preset=preset, **options)
    return str(refused.value)


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


# Overrides that are refused


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("seed", "--set seed: expected key.path=value"),
        ("", "--set : expected key.path=value"),
        ("=3", "--set =3: expected key.path=value"),
        ("faults=", "--set faults=: the value is empty; null leaves a key out"),
        ("faults= ", "--set faults= : the value is empty; null leaves a key out"),
        ("preset.x=1", "--set preset.x=1: 'preset' is a value, not a group of keys"),
        ("seed.x.y=1", "--set seed.x.y=1: 'seed' is a value, not a group of keys"),
        (
            "n_pe=[",
            (
                "--set n_pe=[: not valid YAML: line 1: while parsing a flow node expected the node "
                "content, but found '<stream end>'"
            ),
        ),
        (
            "chip.pe.clok=1MHz",
            "preset paper-12pe: unknown key 'chip.pe.clok'; did you mean 'clock'?",
        ),
        ("chip.pe.clock=-1", f"preset paper-12pe: chip.pe.clock = -1: {CLOCK_RATE}"),
        ("chip.pe.clock=null", f"preset paper-12pe: chip.pe.clock = None: {CLOCK_RATE}"),
        ("chip.pe.clock.x=1", f"preset paper-12pe: chip.pe.clock: {CLOCK_RATE}"),
        ("chip=3", "preset paper-12pe: chip = 3: expected a mapping of keys to values"),
        (
            "n_pe=yes",
            (
                "preset paper-12pe: n_pe = True: expected a number, accepted range is 1 to "
                "1,000,000 PE"
            ),
        ),
    ],
)
def test_a_wrong_override_is_refused(override, message):
    assert preset_refusal(overrides=["seed=2", override]) == message


# Files that are refused


def test_a_missing_file_is_named_with_a_remedy(tmp_path):
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(MissingFileError) as refused:
            load_scenario(path)
        assert str(refused.value) == (
            f"scenario not found: {path}; check the path, or use --preset"
        )


def test_a_file_that_cannot_be_read_is_named_with_the_reason(tmp_path):
    path = tmp_path / ("a" * 300)
    with pytest.raises(SpecError) as refused:
        load_scenario(path)
    assert str(refused.value) == f"{path}: cannot be read: File name too long"


def test_a_binary_file_is_refused(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_bytes(b"\x7fELF\xff\xfe")
    with pytest.raises(SpecError) as refused:
        load_scenario(path)
    assert str(refused.value) == f"{path}: not a text file"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a mapping of keys to values, got NoneType"),
        ("- preset: paper-12pe\n", "expected a mapping of keys to values, got list"),
        ("paper-12pe", "expected a mapping of keys to values, got str"),
        (PAPER + "seed: 1\nseed: 2\n", "not valid YAML: line 3: key 'seed' comes twice"),
        (
            PAPER + "chip:\n\tname: a\n",
            (
                "not valid YAML: line 3: while scanning for the next token found character '\\t' "
                "that cannot start any token"
            ),
        ),
        (
            PAPER + "chip: {name: a\n",
            (
                "not valid YAML: line 3: while parsing a flow mapping expected ',' or '}', but got "
                "'<stream end>'"
            ),
        ),
        ("preset: nope\n", f"no preset 'nope'; known keys: {ALL_PRESETS}"),
        ("preset: paper12\n", "no preset 'paper12'; did you mean 'paper-12pe'?"),
        ("preset: [1]\n", f"no preset [1]; known keys: {ALL_PRESETS}"),
        (PAPER + "sede: 1\n", "unknown key 'sede'; did you mean 'seed'?"),
        (PAPER + "zzz: 1\n", f"unknown key 'zzz'; known keys: {SCENARIO_KEYS}"),
        (
            PAPER + "chip: {pe: {sram: {bank: 2}}}\n",
            "unknown key 'chip.pe.sram.bank'; did you mean 'banks'?",
        ),
        (PAPER + "chip: {pe: {clock: -65MHz}}\n", f"chip.pe.clock = '-65MHz': {CLOCK_RATE}"),
        (PAPER + "n_pe: 0\n", "n_pe = 0: accepted range is 1 to 1,000,000 PE"),
        (PAPER + "provenance: 3\n", "provenance: expected a mapping of key paths to sources"),
        (
            PAPER + "chip: {noc: {hop_cycles: {value: 4, source: me}}}\n",
            "key 'provenance.chip.noc.hop_cycles.confidence' is missing",
        ),
        (
            PAPER + "chip: {noc: {hop_cycles: {value: 4, source: me, confidence: sure}}}\n",
            (
                "provenance.chip.noc.hop_cycles.confidence = 'sure': input should be 'measured', "
                "'published', 'derived', 'guess' or 'user'"
            ),
        ),
        (
            PAPER + "provenance: {seed.x: {source: me, confidence: guess}}\n",
            "provenance: no value at 'seed.x'",
        ),
        (
            PAPER + "provenance: {chip.noc.hop_cycle: {source: me, confidence: guess}}\n",
            "provenance: no value at 'chip.noc.hop_cycle'; did you mean 'hop_cycles'?",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(refusal, text, message):
    assert refusal(text) == f"s.yaml: {message}"


def test_a_file_without_preset_must_say_everything(refusal):
    keys = ("chip", "host", "power", "n_pe", "firmware", "timestep")
    assert refusal("name: a\n").splitlines() == [f"s.yaml: key '{key}' is missing" for key in keys]
