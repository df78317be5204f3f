"""Addresses: what makes a point another one, and what does not."""

import pytest

from spinn2sim.explore import address as addresses
from spinn2sim.explore import code_version as versions
from spinn2sim.explore.address import address
from spinn2sim.explore.fidelities import NoSettings
from spinn2sim.explore.learning import LearningSettings
from spinn2sim.explore.variant import Variant
from tests.explore.sweeps import scenario


def key(*overrides, variant=Variant(), fidelity="check", settings=NoSettings()):  # noqa: B008
    return address(scenario(*overrides), variant, fidelity, settings)


def test_name_and_provenance_are_not_part_of_a_point():
    named = scenario("name=other").with_changes(provenance={})
    assert address(named, Variant(), "check", NoSettings()) == key()


@pytest.mark.parametrize(
    "changed",
    [
        lambda: key("chip.pe.clock=151MHz"),
        lambda: key("parameters.n_rec=21"),
        lambda: key("parameters.learning_rate=0.01"),
        lambda: key("power.baseline_mw=75"),
        lambda: key("workload.n_samples=2"),
        lambda: key("seed=2"),
        lambda: key(fidelity="simulate"),
        lambda: key(variant=Variant("neighbour")),
        lambda: key(variant=Variant(costs=(("e_prop", 0.5),))),
        lambda: key(settings=LearningSettings(epochs=3)),
    ],
)
def test_all_that_can_change_an_answer_makes_another_point(changed):
    assert changed() != key()


def test_what_a_named_cost_table_holds_is_part_of_the_point(tmp_path):
    table = tmp_path / "costs.yaml"
    table.write_text("one")
    one = key(f"parameters.cost_table={table}")
    table.write_text("two")
    assert key(f"parameters.cost_table={table}") != one


def test_what_a_folder_of_audio_holds_is_part_of_the_point(tmp_path):
    def mark():
        addresses._mark_of_folder.cache_clear()  # as in another process
        return key(f"workload.source={tmp_path}")

    empty = mark()
    (tmp_path / "yes.wav").write_bytes(b"sound")
    assert mark() != empty


def test_another_version_of_the_code_makes_another_point(monkeypatch):
    before = key()
    monkeypatch.setattr(
        "spinn2sim.explore.address.code_version", lambda firmware: f"other {firmware}"
    )
    assert key() != before


def test_the_code_is_all_that_an_answer_passes_through_and_no_report_of_it():
    found = {
        path.relative_to(versions.ROOT).as_posix() for path in versions._modules(versions.ENTRY)
    }
    assert {
        "spinn2sim/hw/pe.py",
        "spinn2sim/hw/noc/kernels.py",
        "spinn2sim/report/energy.py",
        "spinn2sim/training/loop.py",
        "spinn2sim/explore/largest.py",
        "spinn2sim/units.py",
    } <= found
    assert not {name for name in found if name.endswith(("cli.py", "terminal.py"))}


def test_the_version_changes_with_the_source_of_a_firmware(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    source = "from firmware_models.eprop import Eprop\nclass Mine(Eprop):\n    pass\n"
    module = tmp_path / "mine_of_test.py"
    module.write_text(source)
    first = versions.code_version("mine_of_test:Mine")
    module.write_text(f"{source}# changed\n")
    versions.code_version.cache_clear()
    assert versions.code_version("mine_of_test:Mine") != first
