"""Variants: cost tables with scaled functions, and memory that idle neighbours lend."""

from pathlib import Path

import pytest

from spinn2sim.errors import SpecError
from spinn2sim.explore.cost_variant import cost_table, scaled
from spinn2sim.explore.neighbour import far_share, lend_memory
from spinn2sim.explore.variant import Variant, make_variant
from spinn2sim.feasibility import short_run
from spinn2sim.report import real_time, summarise
from tests.explore.sweeps import scenario


def busy(wanted, variant):
    with variant.realised(wanted) as found:
        return summarise(short_run(found))


def test_a_variant_that_changes_nothing_leaves_the_scenario_as_it_is():
    wanted = scenario()
    with Variant().realised(wanted) as found:
        assert found is wanted


def test_a_function_takes_its_share_of_cycles_and_the_others_stay():
    whole, half = (busy(scenario(), make_variant(v)) for v in ({}, {"costs.e_prop": 0.5}))

    def cycles(summary, function):
        return summary.label_share[function] * summary.cycles_per_step

    assert cycles(half, "e_prop") == pytest.approx(cycles(whole, "e_prop") / 2, abs=1)
    assert cycles(half, "output") == pytest.approx(cycles(whole, "output"), abs=1)
    assert half.cycles_per_update == whole.cycles_per_update


def test_a_part_of_a_function_may_be_scaled_and_says_so():
    table = cost_table(scenario())
    found = scaled(table, {"e_prop.filter": 0.0})
    changed = {
        term.label for term, old in zip(found.terms, table.terms, strict=True) if term != old
    }
    assert changed == {"e_prop.filter.multiply", "e_prop.filter.add"}
    assert all(term.cycles == 0 for term in found.terms if term.label in changed)
    assert found.provenance.endswith("; what if: e_prop.filter x 0")


def test_the_file_of_a_variant_ends_with_it():
    with make_variant({"costs.e_prop": 0.5}).realised(scenario()) as found:
        path = Path(found.parameters["cost_table"])
        assert path.is_file()
    assert not path.exists()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"memory": "neighbor"}, "variant: memory = 'neighbor'; did you mean 'neighbour'?"),
        ({"costs.e_prop": -1}, "variant: costs.e_prop = -1: expected a factor, 0 or more"),
        ({"costs.e_prop": True}, "variant: costs.e_prop = True: expected a factor, 0 or more"),
        ({"costs.e_prop": "x"}, "variant: costs.e_prop = 'x': expected a factor, 0 or more"),
    ],
)
def test_a_value_that_is_none_is_refused(values, message):
    with pytest.raises(SpecError) as refusal:
        make_variant(values)
    assert str(refusal.value) == message


def test_one_pe_in_a_qpe_gets_the_whole_data_sram_of_three_that_sleep():
    lent = lend_memory(scenario())
    assert lent.chip.pe.sram.variable_bytes == (72 + 3 * 96) * 1024
    assert lent.chip.pes_per_qpe == 1


@pytest.mark.parametrize(
    ("n_pe", "pes_per_qpe", "lent_kib"), [(38, 1, 288), (39, 2, 96), (77, 3, 32), (152, 4, 0)]
)
def test_the_more_pes_work_the_less_is_lent(n_pe, pes_per_qpe, lent_kib):
    lent = lend_memory(scenario(f"n_pe={n_pe}", "parameters.n_rec=200"))
    assert lent.chip.pes_per_qpe == pes_per_qpe
    assert lent.chip.pe.sram.variable_bytes == (72 + lent_kib) * 1024


def test_more_pes_than_the_chip_has_are_left_to_elaboration():
    wanted = scenario("n_pe=153", "parameters.n_rec=200")
    assert lend_memory(wanted) is wanted


def test_the_paper_s_reading_of_76_neurons_has_three_quarters_of_its_words_far_away():
    """Claim t.single: 72 to 79 % of the words of N_rec = 76 lie in neighbour SRAM."""
    assert 0.72 <= far_share(scenario("parameters.n_rec=76")) <= 0.79


def test_far_words_take_their_cycles():
    """N_rec = 76: the sums of accesses.yaml by hand, times the share of far words."""
    wanted = scenario("parameters.n_rec=76")
    near = busy(wanted, Variant()).cycles_per_step
    far = busy(wanted, Variant("neighbour")).cycles_per_step
    read, write, share = 4, 1, far_share(wanted)
    synapses_in, synapses_rec = 76 * 80, 76 * 76
    words = 4 * read + 3 * write, 5 * read + 4 * write
    extra = words[0] * synapses_in + words[1] * synapses_rec + 76 * 4 * (read + write)
    assert far - near == pytest.approx(share * extra, rel=1e-3)


def test_a_network_in_near_memory_pays_nothing():
    wanted = scenario("parameters.n_rec=12")
    assert busy(wanted, Variant("neighbour")).cycles_per_step == pytest.approx(
        busy(wanted, Variant()).cycles_per_step
    )


def test_a_firmware_that_says_nothing_of_its_words_has_no_neighbours():
    ping = scenario().with_changes(firmware="firmware_models.ping:Ping", parameters={})
    with pytest.raises(SpecError, match="have no cost_table"), Variant("neighbour").realised(ping):
        pass


def test_timing_is_all_that_a_variant_changes():
    plain, slow = (
        real_time(short_run(scenario())),
        busy(scenario(), make_variant({"costs.e_prop": 2.0})),
    )
    assert slow.n_steps == plain.response.shape[1]
    assert slow.log == busy(scenario(), Variant()).log
