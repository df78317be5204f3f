"""Matrices in a neighbour's SRAM: what they cost and where they count; they change nothing."""

from collections import Counter

import numpy as np
import pytest

from spinn2sim import load_scenario, simulate
from spinn2sim.errors import SpecError, SramOverflowError
from spinn2sim.feasibility import check, largest_network, noise
from spinn2sim.recording import record
from spinn2sim.replay import time_programs
from spinn2sim.report import memory, summarise
from spinn2sim.report.html.run_charts import memory_chart
from tests.eprop.networks import parameters_of, train

EVERYTHING = ["w", "dw", "m", "v", "eps_v", "eps_a", "e_bar"]


def scenario(far, n_rec=20, *overrides):
    wanted = load_scenario(preset="paper-1pe", overrides=overrides)
    return wanted.with_changes(parameters={**wanted.parameters, "n_rec": n_rec, "far": far})


def short(wanted, n_timesteps=4):
    return simulate(wanted, noise(wanted, n_timesteps))


def far_cycles(trace):
    """Cycles of far words by label, per time step or sample."""
    segments, labels = trace.tables["segments"], trace.meta["labels"]
    found = Counter()
    for label, cycles in zip(segments["label"], segments["cycles"], strict=True):
        if labels[label].endswith(".far"):
            found[labels[label]] += int(cycles)
    return +found


def test_each_far_word_costs_what_the_chip_says():
    given = ("chip.pe.sram.neighbour_read_cycles=4", "chip.pe.sram.neighbour_write_cycles=3")
    trace = short(scenario(["w_rec", "e_bar", "m_in"], 20, *given))
    assert far_cycles(trace) == {
        "recurrent_current.w.far": 20 * 20 * 4,
        "e_prop.filter.far": 20 * (80 + 20) * (4 + 3),
        "weight_update.w.far": 20 * 20 * (4 + 3),
        "weight_update.m.far": 20 * 80 * (4 + 3),
    }


def test_only_the_cycles_of_far_words_are_added():
    near, far = (short(scenario(given)) for given in ([], ["eps_a"]))
    extra = summarise(far).cycles_per_step - summarise(near).cycles_per_step
    assert extra == 20 * 100 * (4 + 1)
    assert np.array_equal(near.arrays["0/w_rec"], far.arrays["0/w_rec"])


def test_their_bytes_count_where_they_lie():
    near, far = (short(scenario(given)) for given in ([], ["m", "v"]))
    before, after = memory(near), memory(far)
    assert after.total == before.total
    assert before.bytes_by_pe.keys() == {0}
    # m_in and v_in, 20 x 80 words, to a lender each; m_rec and v_rec, 20 x 20, to the third.
    assert after.bytes_by_pe == {0: before.total - 16_000, 1: 6_400, 2: 6_400, 3: 3_200}
    assert far.tables["pes"]["sram_bytes"].tolist() == [before.total - 16_000]
    assert any(row.name == "m_in of PE 0" and row.pe in {1, 2} for row in after.rows)


def test_the_fullest_memory_may_be_a_lender():
    trace = short(scenario(EVERYTHING, 100, "chip.pe.sram.check=relaxed"))
    used = memory(trace)
    assert used.fullest_pe in {1, 2, 3}
    assert (used.capacity, used.reserved) == (96 * 1024, 0)
    assert summarise(trace).bound_by == "memory"


def test_more_than_the_neighbours_have_is_refused():
    with pytest.raises(SramOverflowError, match="B of lent SRAM"):
        short(scenario(EVERYTHING, 100))


def test_the_largest_network_counts_the_lenders():
    """By hand: the neurons beside which one more array does not fit."""
    found = largest_network(scenario(EVERYTHING)).memory
    short(scenario(EVERYTHING, found))
    with pytest.raises(SramOverflowError):
        short(scenario(EVERYTHING, found + 1))
    assert found > largest_network(scenario([])).memory


def test_the_reading_of_76_neurons_on_one_core_fits():
    """Claim t.single: one PE and its three neighbours, the weights near."""
    far = [name for name in EVERYTHING if name != "w"]
    verdict = check(scenario(far, 76, "chip.pe.clock=300MHz"))
    assert verdict.summary.utilisation["memory"] <= 1
    assert verdict.summary.sram_bytes_total > 4 * 72 * 1024


def test_the_compiled_replay_says_the_same():
    wanted = scenario(["m", "eps_a"])
    workload = noise(wanted, 5)
    replayed = time_programs(wanted, workload, record(wanted, workload))
    assert replayed.digest() == simulate(wanted, workload, timing="simpy").digest()


def test_without_a_chip_nothing_is_far():
    with pytest.raises(SpecError, match="far: there is no chip whose neighbours lend memory"):
        train(parameters_of(far=("m",)), 1)


def test_a_mini_batch_pays_for_moments_once():
    wanted = scenario(["m", "dw"])
    wanted = wanted.with_changes(
        parameters={**wanted.parameters, "update_every": 2},
        workload=wanted.workload.with_changes(n_samples=2),
    )
    one = noise(wanted, 3)
    two = type(one)(one.samples * 2, one.classes)
    trace = simulate(wanted, two)
    work, segments = trace.tables["work"], trace.tables["segments"]
    label = trace.meta["labels"].index("weight_update.m.far")
    charged = segments["segment"][(segments["label"] == label) & (segments["cycles"] > 0)]
    assert np.isin(work["segment"], charged).sum() == 1


def test_the_page_of_a_run_shows_the_lenders():
    trace = short(scenario(["m", "v"]))
    (chart,) = memory_chart(trace).figures.values()
    shown = dict.fromkeys(range(4), 0)
    for bar in chart["data"]:
        for pe, n_bytes in zip(bar["x"], bar["y"], strict=True):
            shown[pe] += n_bytes
    assert shown == memory(trace).bytes_by_pe
