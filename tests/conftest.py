"""Runs that many tests look at and none changes, made once per process."""

import os
import sys

import pytest

import spinn2sim.cli
import spinn2sim.elaboration
import spinn2sim.run_folder
from spinn2sim import load_scenario, simulate
from spinn2sim.elaboration import scenario_workload
from spinn2sim.report import summarise
from spinn2sim.run_folder import write_run
from spinn2sim.spec import WorkloadSpec


@pytest.fixture(scope="session", autouse=True)
def cache_of_tests(request, tmp_path_factory):
    """Tests keep features beside pytest's own cache, not where the user's are."""
    cache = getattr(request.config, "cache", None)
    folder = cache.mkdir("spinn2sim") if cache else tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_CACHE_HOME", str(folder))
        yield


@pytest.fixture(scope="session")
def utterance():
    """One embedded utterance as the paper's network gets it."""
    return scenario_workload(load_scenario(preset="paper-12pe"))


@pytest.fixture(scope="session")
def paper_trace(utterance):
    """The paper's network on 12 PEs."""
    return simulate(load_scenario(preset="paper-12pe"), utterance)


@pytest.fixture(scope="session")
def small_trace(utterance):
    """The paper's network on one PE."""
    return simulate(load_scenario(preset="paper-1pe"), utterance)


@pytest.fixture(scope="session")
def paper_run(paper_trace, tmp_path_factory):
    """The run folder of the paper's network on 12 PEs."""
    folder = tmp_path_factory.mktemp("runs") / "paper"
    scenario = load_scenario(preset="paper-12pe")
    write_run(folder, scenario, paper_trace, summarise(paper_trace), wall_s=1.0)
    return folder


@pytest.fixture
def ping_yaml(tmp_path):
    """The file of a small scenario, where ``cli`` works."""
    path = tmp_path / "ping.yaml"
    path.write_text(
        "preset: fpga-prototype\nname: ping\nn_pe: 4\nfirmware: firmware_models.ping:Ping\n"
    )
    return path


@pytest.fixture
def cli(monkeypatch, capsys, tmp_path, utterance):
    """Run the command line in a folder of its own: exit code, standard output and error.

    The embedded speech is loaded once for all tests, and figures are left out. Modules that were
    imported from the folder are forgotten.
    """
    load = spinn2sim.elaboration.scenario_workload

    def load_once(scenario):
        return utterance if scenario.workload == WorkloadSpec() else load(scenario)

    monkeypatch.setattr(spinn2sim.elaboration, "scenario_workload", load_once)
    monkeypatch.setattr(spinn2sim.run_folder, "draw_profile", lambda *_: None)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys, "path", list(sys.path))

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["spinn2sim", *map(str, arguments)])
        code = 0
        try:
            spinn2sim.cli.main()
        except SystemExit as end:
            code = end.code
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    yield run
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(os.fspath(tmp_path)):
            del sys.modules[name]


@pytest.fixture(autouse=True)
def _capable_terminal(monkeypatch):
    """Tests that pretend to be a terminal mean one with colours, whatever the caller's is."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
