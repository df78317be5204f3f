"""``--json`` everywhere: one object, of a format that is named, versioned and documented."""

import json
from dataclasses import fields

import jsonschema
import numpy as np
import pytest
from typer.main import get_command

from spinn2sim.cli import app
from spinn2sim.json_formats import FORMATS, TYPES, name_of, stamped
from spinn2sim.report import Summary
from spinn2sim.schemas import schema_of, summary_keys

PROFILE = "function,L,I,R,O,cycles\n" + "\n".join(
    f"input_current,{n},{i},120,12,{100 + 20 * n * i}" for n in (5, 10, 20) for i in (40, 80, 160)
)


def leaves(command, name=""):
    """Every command by its whole name."""
    for part, below in getattr(command, "commands", {}).items():
        whole = f"{name} {part}".strip()
        yield from leaves(below, whole) if hasattr(below, "commands") else [(whole, below)]


COMMANDS = dict(leaves(get_command(app)))
FORMATTED = {each.partition(" --")[0] for f in FORMATS.values() for each in f.command.split(", ")}


def test_every_command_prints_json_if_asked_to_and_schema_always():
    silent = {
        name
        for name, command in COMMANDS.items()
        if not any("--json" in each.opts for each in command.params)
    }
    assert silent == {"schema"}


def test_every_command_has_a_format_and_every_format_a_command():
    assert set(COMMANDS) - {"schema"} == FORMATTED


def test_every_type_of_a_key_is_one_of_json_schema():
    assert {key.type for each in FORMATS.values() for key in each.keys.values()} <= set(TYPES)
    for kind in ("scenario", *FORMATS):
        jsonschema.Draft202012Validator.check_schema(schema_of(kind))


def test_every_key_of_a_summary_is_told():
    assert list(summary_keys()) == [field.name for field in fields(Summary)]
    assert all(len(key.meaning) > 5 for key in summary_keys().values())


@pytest.fixture
def printed(cli):
    """The object that a command prints, which agrees with the schema of its *kind*."""

    def of(kind, *arguments):
        code, out, err = cli(*arguments, "--json")
        assert (code, err) == (0, ""), (arguments, err)
        content = json.loads(out)
        assert content["format"] == name_of(kind)
        jsonschema.validate(content, schema_of(kind))
        known = {*schema_of(kind)["properties"]}
        assert content.keys() <= known, content.keys() - known
        return content

    return of


def test_what_commands_around_a_run_print_agrees_with_its_schema(printed, tmp_path):
    small = ("--preset", "paper-1pe", "--set", "parameters.n_rec=4")
    for name in ("a", "b"):
        printed("run", "run", *small, "--out", name)
    printed("power", "power", "a", "--training", "eprop-paper")
    printed("explain", "explain", "a")
    assert printed("explain", "explain", "a", "n_weights")["figure"] == "n_weights"
    assert printed("compare", "compare", "a", "b")["figures"] == []
    page = printed("report", "report", "a", "-o", "a.html", "--no-sensitivity")
    assert (tmp_path / page["file"]).is_file()
    exported = printed("export", "export", "a", "--perfetto", "trace.json", "--window", "0:5ms")
    assert exported["files"] == ["trace.json"]
    printed("check", "check", "--n-rec", "4", "--pes", "1", "--clock", "65MHz,150MHz")
    assert "paper-12pe" in printed("presets", "presets")["presets"]


def test_what_commands_around_costs_and_sweeps_print_agrees_with_its_schema(printed, tmp_path):
    (tmp_path / "profile.csv").write_text(PROFILE)
    printed("costs-fit", "costs", "fit", "profile.csv")
    printed("costs-compare", "costs", "compare", "paper", "measured")
    (tmp_path / "sweep.yaml").write_text(
        "name: one\nbase: {preset: paper-1pe}\n"
        "axes: [{grid: {parameters.n_rec: [4]}}]\nfidelities: [check]\n"
    )
    printed("sweep", "sweep", "run", "sweep.yaml", "--workers", 1)
    printed("sweep-status", "sweep", "status", "runs/one-sweep")
    printed("sweep", "sweep", "collect", "runs/one-sweep")
    printed("sweep-shard", "sweep", "resume", "runs/one-sweep", "--shard", "1/1", "--workers", 1)
    script = printed("sweep-export", "sweep", "export", "sweep.yaml", "--slurm-array", 2)["script"]
    assert script.endswith("array.sbatch")


def test_what_data_show_prints_agrees_with_its_schema(printed, tmp_path):
    import soundfile

    for word, n in (("yes", 3), ("no", 2)):
        folder = tmp_path / "corpus" / word
        folder.mkdir(parents=True)
        for number in range(n):
            noise = np.random.default_rng(number).normal(size=16_000) / 10
            soundfile.write(folder / f"{number:08x}_nohash_0.wav", noise, 16_000)
    shown = printed("data-show", "data", "show", "corpus")
    assert shown["counts"]["clips"] == 5
    assert sum(shown["classes"]["yes"].values()) == 3
    assert shown["problems"] == []


def test_a_key_that_is_missing_or_not_in_the_format_is_a_mistake():
    assert stamped("presets", {"presets": {}}) == {"format": "spinn2sim/presets/1", "presets": {}}
    with pytest.raises(AssertionError, match=r"presets: \['presets'\] missing"):
        stamped("presets", {})
    with pytest.raises(AssertionError, match=r"presets: \['more'\] are not in its format"):
        stamped("presets", {"presets": {}, "more": 1})


def test_an_unknown_format_is_refused_with_the_nearest_one(cli):
    code, out, err = cli("schema", "chek")
    assert (code, out) == (2, "")
    assert err == "error: schema: no format 'chek'; did you mean 'check'?\n"
