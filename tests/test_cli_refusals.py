"""What the command line refuses: one message in full, exit code 2, nothing written."""

import os
from pathlib import Path

import pytest

import spinn2sim.cli
import spinn2sim.elaboration
import spinn2sim.run_folder
import spinn2sim.sim

pytestmark = pytest.mark.usefixtures("ping_yaml")


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


REFUSED = [
    (("run",), "scenario: name one file, or one preset with --preset"),
    (
        ("run", "ping.yaml", "--preset", "paper-12pe"),
        "scenario: name one file, or one preset with --preset",
    ),
    (
        ("run", "nowhere.yaml"),
        "scenario not found: nowhere.yaml; check the path, or use --preset",
    ),
    (
        ("run", "--preset", "paper-12p"),
        "preset paper-12p: no preset 'paper-12p'; did you mean 'paper-12pe'?",
    ),
    (
        ("run", "ping.yaml", "--set", "nonsense"),
        "--set nonsense: expected key.path=value, as chip.pe.clock=150MHz",
    ),
    (
        ("run", "ping.yaml", "--set", "chip.pe.clok=3MHz"),
        "ping.yaml: unknown key 'chip.pe.clok'; did you mean 'clock'?",
    ),
    (
        ("run", "ping.yaml", "--fail-if", "nonsense"),
        "--fail-if 'nonsense': expected FIGURE OPERATOR NUMBER, as in 'cycles_per_step > 250000'",
    ),
    (
        ("run", "ping.yaml", "--samples", "0"),
        "ping.yaml: workload.n_samples = 0: accepted range is 1 to 10,000,000 sample",
    ),
    (
        ("run", "ping.yaml", "--audio", "nowhere.wav"),
        "audio not found: nowhere.wav; name a .wav or .flac file, a folder of them, or 'embedded'",
    ),
    (
        ("run", "ping.yaml", "--audio", "ping.yaml"),
        "audio file ping.yaml: is not a .wav or .flac file; convert it to one of these",
    ),
    (
        ("run", "ping.yaml", "--out", "ping.yaml"),
        "output ping.yaml: is a file; choose another --out",
    ),
    (
        ("run", "ping.yaml", "--out", ".", "--force"),
        "output .: holds more than a run (ping.yaml); choose another --out or move them",
    ),
    (
        ("check", "--clock", "65MHz,,150MHz"),
        (
            "--clock '65MHz,,150MHz': a clock rate is missing; give one or more with commas "
            "between them"
        ),
    ),
    (
        ("check", "--clock", ""),
        "command line: an empty argument '' follows '--clock'; give a value, or neither",
    ),
    (
        ("run", ""),
        "command line: an empty argument '' follows 'run'; give a value, or neither",
    ),
    (
        ("run", "ping.yaml", "--set", " "),
        "command line: an empty argument ' ' follows '--set'; give a value, or neither",
    ),
    (
        ("check", "--clock", "fast"),
        (
            "preset paper-12pe: chip.pe.clock = 'fast': expected a clock rate such as 150MHz, "
            "accepted range is 1,000 to 10,000,000,000 Hz"
        ),
    ),
    (
        ("check", "--pes", "17"),
        (
            "n_pe: 17 PEs do not fit on chip 'fpga-prototype', which has 16; use 1 to 16 PEs or a "
            "larger chip\nhint: --chip spinnaker2 has 152 PEs\n"
            "hint: --chip spinnaker2-board has 1,296 PEs"
        ),
    ),
    (
        ("check", "--pes", "200", "--n-rec", "400"),
        (
            "n_pe: 200 PEs do not fit on chip 'fpga-prototype', which has 16; use 1 to 16 PEs or a "
            "larger chip\nhint: --chip spinnaker2-board has 1,296 PEs"
        ),
    ),
    (
        ("check", "--n-rec", "5", "--pes", "12"),
        (
            "PE 0: 5 recurrent neurons cannot be spread over 12 PEs; use 1 to 5 PEs or n_rec of at "
            "least 12"
        ),
    ),
    (
        ("check", "ping.yaml"),
        (
            "firmware firmware_models.ping:Ping: its parameters lack n_in, n_rec, n_out, which "
            "check varies; use run"
        ),
    ),
    (
        ("explain", "nowhere", "overruns"),
        "trace not found: nowhere; name a run folder or its trace.npz",
    ),
    (
        ("explain", ".", "overruns"),
        "trace not found: trace.npz; name a folder that `run` has written",
    ),
    (
        ("explain", "ping.yaml", "overruns"),
        "trace ping.yaml: damaged or not a trace; run the scenario again",
    ),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_a_mistake_ends_in_one_message_and_nothing_is_written(cli, tmp_path, arguments, message):
    assert cli(*arguments) == (2, "", f"error: {message}\n")
    assert names_in(tmp_path) == ["ping.yaml"]


def test_a_figure_that_is_not_there_is_refused(cli, paper_run):
    assert cli("explain", paper_run, "cycles_per_stp") == (
        2,
        "",
        "error: explain: no figure 'cycles_per_stp'; did you mean 'cycles_per_step'?\n",
    )


def test_an_unknown_command_or_option_is_refused(cli):
    assert "Did you mean 'check'?" in cli("chekc")[2]
    assert "No such option: --bogus" in cli("run", "--bogus")[2]
    assert cli("run", "--bogus")[0] == 2


def test_a_place_that_cannot_be_written_is_refused_before_the_run(cli, monkeypatch):
    access = os.access  # root may write anywhere
    monkeypatch.setattr(os, "access", lambda path, mode: mode == os.R_OK and access(path, mode))
    monkeypatch.setattr(spinn2sim.sim, "simulate", lambda *_: pytest.fail("it ran"))
    here = Path.cwd()
    assert cli("run", "ping.yaml") == (
        2,
        "",
        (
            f"error: output runs/ping-001: {here} is not writable; choose another --out or change "
            f"its permissions\n"
        ),
    )


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        (PermissionError(13, "Permission denied", "secret.wav"), "secret.wav: Permission denied"),
        (OSError("odd"), "odd"),
        (MemoryError(), "this computer has too little memory for the run; use a smaller network"),
    ],
)
def test_what_the_system_refuses_is_one_message(cli, monkeypatch, problem, message):
    def refuse(*_, **__):
        raise problem

    monkeypatch.setattr(spinn2sim.sim, "simulate", refuse)
    assert cli("run", "ping.yaml") == (2, "", f"error: {message}\n")


def test_ctrl_c_ends_with_130_a_short_message_and_no_folder(cli, monkeypatch, tmp_path):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(spinn2sim.sim, "simulate", interrupt)
    assert cli("run", "ping.yaml") == (130, "", "interrupted\n")
    assert names_in(tmp_path) == ["ping.yaml"]


@pytest.mark.parametrize("option", ["--audio", "--data", "--out", "--preset"])
def test_an_empty_name_is_not_taken_for_the_current_folder(cli, tmp_path, option):
    told = f"error: command line: an empty argument '' follows {option!r}; give a value, or neither"
    assert cli("run", "ping.yaml", option, "") == (2, "", f"{told}\n")
    assert not (tmp_path / "runs").exists()


def test_a_run_takes_its_samples_from_one_place(cli, tmp_path):
    code, out, err = cli("run", "ping.yaml", "--audio", "a.wav", "--data", "corpus")
    assert (code, out) == (2, "")
    assert err == "error: run: give --audio or --data, not both\n"
    assert not (tmp_path / "runs").exists()
