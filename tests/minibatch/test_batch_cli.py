"""``spinn2sim batch``."""

import json
from pathlib import Path

import jsonschema
import pytest

from spinn2sim.schemas import schema_of
from spinn2sim.spec import dump_scenario
from tests.minibatch.machine import scenario_of

PING = """\
preset: fpga-prototype
name: ping
n_pe: 4
firmware: firmware_models.ping:Ping
"""


@pytest.fixture
def file(cli):  # noqa: ARG001 - which goes into a folder of the test
    """A scenario file in the folder of the test, for 80 inputs and the 12 classes of speech."""
    given = {"n_in": 80, "n_rec": 8, "n_out": 12}
    Path("small.yaml").write_text(dump_scenario(scenario_of(groups=2, **given)))
    return "small.yaml"


def test_batch_prints_the_figures_and_what_the_host_makes_of_it(cli, file):
    code, out, err = cli("batch", file, "--verify")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("FITS: real time")
    assert lines[1] == "test: 2 groups on 8 PEs of 1 chip at 65 MHz"
    assert any(line.startswith("all-reduce ") and "% of the batch" in line for line in lines)
    assert sum(line.startswith("energy ") for line in lines) == 2
    assert any(line.startswith("host       weights differ by ") for line in lines)


def test_batch_prints_json(cli, file):
    code, out, err = cli("batch", file, "--batches", "2", "--verify", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    jsonschema.validate(found, schema_of("batch"))
    assert found.keys() == schema_of("batch")["properties"].keys()
    assert found["n_batches"] == 2
    assert 0 <= found["host_difference"] < 1e-5


def test_groups_other_than_the_batch_size_are_refused(cli, file):
    code, out, err = cli("batch", file, "--groups", "4", "--batches", "1")
    assert (code, out) == (2, "")
    assert err.startswith("error: parameters: update_every = 2: a mini-batch over 4 groups")


def test_run_refuses_a_scenario_with_groups(cli, file):
    code, _, err = cli("run", file)
    assert code == 2
    assert "use `spinn2sim batch`" in err


def test_a_scenario_without_groups_is_refused(cli):
    Path("ping.yaml").write_text(PING)
    assert cli("batch", "ping.yaml", "--batches", "1") == (
        2,
        "",
        (
            "error: batch: has no groups; set batch={groups: 10, groups_per_host: 10} or other "
            "numbers\n"
        ),
    )


def test_without_a_scenario_a_file_is_asked_for(cli):
    assert cli("batch") == (
        2,
        "",
        "error: batch: name a scenario file that has a batch; see batch --help\n",
    )
