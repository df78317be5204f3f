"""Scenario files and overrides that cannot be used: one message that names place and remedy."""

import pytest

from spinn2sim.errors import MissingFileError, SpecError
from spinn2sim.spec import load_scenario, presets
from tests.spec.refusals import preset_refusal

PAPER = "preset: paper-12pe\n"
ALL_PRESETS = ", ".join(sorted(presets()))
SCENARIO_KEYS = (
    "batch, board, chip, faults, firmware, host, n_pe, name, parameters, patience_steps, power, "
    "provenance, seed, strict, timestep, workload"
)
AN_OVERRIDE = "expected key.path=value, as chip.pe.clock=150MHz"
CLOCK_RATE = "expected a clock rate such as 150MHz, accepted range is 1,000 to 10,000,000,000 Hz"


# Overrides that are refused


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("seed", f"--set seed: {AN_OVERRIDE}"),
        ("", f"--set '': {AN_OVERRIDE}"),
        (" ", f"--set ' ': {AN_OVERRIDE}"),
        ("=3", f"--set =3: {AN_OVERRIDE}"),
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
        ("chip.pe.clock=null", f"preset paper-12pe: chip.pe.clock = nothing: {CLOCK_RATE}"),
        ("chip.pe.clock.x=1", f"preset paper-12pe: chip.pe.clock: {CLOCK_RATE}"),
        ("chip=3", "preset paper-12pe: chip = 3: expected a mapping of keys to values"),
        (
            "n_pe=yes",
            (
                "preset paper-12pe: n_pe = true: expected a whole number, accepted range is 1 to "
                "1,000,000 PE"
            ),
        ),
    ],
)
def test_a_wrong_override_is_refused(override, message):
    assert preset_refusal(overrides=["seed=2", override]) == message


# Files that are refused


def test_a_missing_file_is_named_with_a_remedy(tmp_path):
    path = tmp_path / "none.yaml"
    with pytest.raises(MissingFileError) as refused:
        load_scenario(path)
    assert str(refused.value) == f"scenario not found: {path}; check the path, or use --preset"


def test_a_folder_is_no_scenario(tmp_path):
    with pytest.raises(SpecError) as refused:
        load_scenario(tmp_path)
    assert str(refused.value) == (
        f"{tmp_path}: is a folder; name a scenario file in it, or a --preset"
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
        ("", "expected a mapping of keys to values, got nothing"),
        ("- preset: paper-12pe\n", "expected a mapping of keys to values, got a list"),
        ("paper-12pe", "expected a mapping of keys to values, got text"),
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
        ("preset: nope\n", f"no preset 'nope'; known presets: {ALL_PRESETS}"),
        ("preset: paper12\n", "no preset 'paper12'; did you mean 'paper-12pe'?"),
        ("preset: [1]\n", f"no preset [1]; known presets: {ALL_PRESETS}"),
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
                "provenance.chip.noc.hop_cycles.confidence = 'sure': expected 'measured', "
                "'published', 'derived', 'guess' or 'user'; did you mean 'measured'?"
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


def test_a_file_without_a_machine_is_told_to_rest_on_a_preset(refusal):
    message = "s.yaml: names no machine; rest it on one, as preset: fpga-prototype"
    assert refusal("name: a\n") == refusal("name: a\npreset: null\n") == message


def test_a_machine_without_preset_must_say_everything(refusal):
    assert refusal("name: a\nchip: {}\n").splitlines()[:2] == [
        (
            "s.yaml: keys 'chip.name', 'chip.qpes', 'chip.pes_per_qpe', 'chip.pe', 'chip.noc', "
            "'chip.comms' and 'chip.dma' are missing"
        ),
        "s.yaml: keys 'host', 'power', 'n_pe', 'firmware' and 'timestep' are missing",
    ]


# Parts that a scenario does not have


BOARD_KEYS = (
    "board.outline, board.size, board.system_pes, board.ports, board.packet_bits, board.rate, "
    "board.rate_between_boards, board.latency, board.drop_cycles"
)
NO_BOARD = (
    "the scenario has no board to change; rest it on a preset that has one (spinnaker2-board), or "
    f"give all of {BOARD_KEYS}"
)


@pytest.mark.parametrize(
    ("override", "more"),
    [
        ("board.placement=packed", ""),
        (
            "board.placement=wole",
            "board.placement = 'wole': expected 'whole' or 'packed'; did you mean 'whole'?",
        ),
        ("board.placment=whole", "unknown key 'board.placment'; did you mean 'placement'?"),
    ],
)
def test_a_change_of_a_board_on_a_machine_without_one_names_the_machine_that_has(override, more):
    lines = [f"--set {override}: {each}" for each in (NO_BOARD, more) if each]
    assert preset_refusal(overrides=["seed=2", override]).splitlines() == lines


def test_a_change_of_a_part_that_no_preset_has_lists_its_keys():
    assert preset_refusal(overrides=["batch.groups=10"]) == (
        "--set batch.groups=10: the scenario has no batch to change; give all of batch.groups, "
        "batch.groups_per_host"
    )


def test_a_part_within_a_part_is_named_with_its_path():
    message = preset_refusal(overrides=["chip.event_router.drop_cycles=3"])
    assert "the scenario has no chip.event_router to change; rest it on a preset" in message


def test_a_part_that_is_given_in_full_by_several_overrides_is_taken():
    overrides = ["batch.groups=10", "batch.groups_per_host=5"]
    scenario = load_scenario(preset="paper-12pe", overrides=overrides)
    assert scenario.batch is not None
    assert scenario.batch.groups == 10


def test_a_mistake_elsewhere_is_not_put_down_to_a_part_that_is_there():
    for machine in ("spinnaker2-board", None):
        message = preset_refusal(machine=machine, overrides=["faults.seed=1", "n_pe=0"])
        assert message == "preset paper-12pe: n_pe = 0: accepted range is 1 to 1,000,000 PE"


def test_a_part_set_to_null_is_left_out_with_its_provenance():
    overrides = ["board=null", "n_pe=8"]
    options = {"preset": "paper-12pe", "machine": "spinnaker2-board"}
    scenario = load_scenario(**options, overrides=overrides)
    assert scenario.board is None
    assert not [path for path in scenario.provenance if path.startswith("board")]
    assert load_scenario(**options).provenance["board.size"]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            "batch={groups: 10}",
            "key 'batch.groups_per_host' is missing; give it, or leave batch out",
        ),
        (
            "faults={host: {}}",
            (
                "keys 'faults.host.probability' and 'faults.host.delay' are missing; give them, or "
                "leave faults.host out"
            ),
        ),
        (
            "faults={host: {probability: 1, delay: 3ms}}",
            (
                "faults.host.delay = '3ms': expected the shortest and the longest stall, as [10us, "
                "3ms]"
            ),
        ),
        (
            "faults={host: {probability: 1, delay: [3ms, 1]}}",
            (
                "faults.host: delay: the shortest, 3ms, is above the longest, 1ns; write the "
                "shortest first (a number without a unit is in ns)"
            ),
        ),
        ("chip.qpes=3", "chip.qpes = 3: expected a list"),
        ("chip.qpes=[[3]]", "chip.qpes.0: too few values in the list"),
        (
            "chip.qpes=[[3, 4, 5]]",
            "chip.qpes.0 = [3, 4, 5]: expected 2 values, got 3",
        ),
        ("strict=maybe", "strict = 'maybe': expected true or false"),
        ("name=null", "name = nothing: expected text"),
        ("name=[null, true, {a: b}]", "name = [null, true, {a: 'b'}]: expected text"),
        ("parameters=[]", "parameters = []: expected a mapping of keys to values"),
    ],
)
def test_a_wrong_value_is_refused_in_the_words_of_yaml(override, message):
    assert preset_refusal(overrides=[override]) == f"preset paper-12pe: {message}"
