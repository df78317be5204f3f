"""The commands of ``spinn2sim data``."""

import pytest
from typer.testing import CliRunner

from spinn2sim.data_cli import data_app
from spinn2sim.errors import MissingFileError
from spinn2sim.workload import espeak


def run(*arguments):
    """Standard output; an error of ours comes through for ``main`` to print."""
    found = CliRunner().invoke(data_app, list(map(str, arguments)), catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.output


def test_help_says_where_the_real_archive_is_to_be_had():
    told = " ".join(run("--help").split())
    assert "Google Speech Commands v0.01, published with TensorFlow" in told
    assert "speech_commands_v0.01.tar.gz" in told
    assert "spinn2sim never uses the network" in told


def test_show_lists_classes_counts_and_problems(speech_commands):
    lines = run("show", speech_commands).splitlines()
    assert [line.split() for line in lines[:3]] == [
        ["class", "train", "validation", "test"],
        ["yes", "3", "1", "1"],
        ["no", "2", "0", "1"],
    ]
    assert ["unknown", "4", "1", "0"] in [line.split() for line in lines]
    assert ["all", "9", "2", "2"] in [line.split() for line in lines]
    assert ["in", "both", "lists", "1"] in [line.split() for line in lines]
    where = lines.index("files that cannot be read:")
    assert lines[where + 1].startswith("no/0y_nohash_0.wav: cannot be read as WAV or FLAC")


def test_show_takes_an_archive_as_it_is(speech_commands, pack):
    assert run("show", pack(speech_commands)) == run("show", speech_commands)


def test_synth_makes_a_corpus_that_show_understands(tmp_path):
    try:
        espeak.find_espeak()
    except MissingFileError as error:
        pytest.skip(str(error))
    out = tmp_path / "corpus"
    told = run("synth", "--out", out, "--per-class", 3, "--seed", 2)
    assert told == f"36 clips in {out}; silence is cut from {out}/_background_noise_ on loading\n"
    assert ["all", "15", "12", "12"] in [line.split() for line in run("show", out).splitlines()]
