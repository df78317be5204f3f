"""The fidelity check: the very run of `spinn2sim check`, and its figures as columns."""

from fnmatch import fnmatchcase

import pytest

from spinn2sim.errors import SpecError
from spinn2sim.explore.columns import SUMMARY_OUTPUTS
from spinn2sim.explore.fidelities import FIDELITIES, NoSettings
from spinn2sim.explore.variant import Variant
from spinn2sim.feasibility import check, short_run
from tests.explore.sweeps import scenario


def test_columns_are_the_figures_of_the_summary_with_units():
    wanted = scenario("n_pe=2")
    found = FIDELITIES["check"].evaluate(wanted, Variant(), NoSettings())
    summary = check(wanted).summary
    assert found["slack_cycles"] == summary.slack_cycles
    assert found["energy_chip_j"] == summary.energy_j["chip"]
    assert found["power_chip_mw"] == pytest.approx(1e3 * summary.energy_j["chip"] / 0.16)
    assert found["response_ms"] == pytest.approx(summary.response_cycles / 150e3)
    assert found["share_e_prop"] == summary.label_share["e_prop"]
    assert found["utilisation_memory"] == summary.utilisation["memory"]
    assert found["waiting_sync_cycles_per_step"] == summary.waiting_cycles_per_step["sync"]


def test_every_column_is_announced_and_every_announced_name_is_there():
    found = FIDELITIES["check"].evaluate(scenario("n_pe=2"), Variant(), NoSettings())
    assert [name for name in found if not _is_announced(name)] == []
    assert [name for name in SUMMARY_OUTPUTS if "*" not in name and name not in found] == []


def _is_announced(name):
    return any(fnmatchcase(name, pattern) for pattern in SUMMARY_OUTPUTS)


def test_a_network_beyond_all_memory_is_refused_and_not_tried():
    with pytest.raises(SpecError, match="n_rec = 1,000,000: networks of up to 16,384"):
        short_run(scenario("parameters.n_rec=1000000"))
