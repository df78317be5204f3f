"""The all-reduce on the board: when it happens, and in which order it adds."""

import numpy as np
import pytest

from firmware_models.eprop.all_reduce import place_of
from spinn2sim.elaboration import TIMER_REFERENCE_HZ, elaborate, timebase_of
from spinn2sim.firmware import WorkloadShape
from spinn2sim.hw import Chip
from spinn2sim.minibatch.board import Board
from spinn2sim.minibatch.placement import alone
from spinn2sim.trace import Recorder
from spinn2sim.units import Ticks
from tests.hw.machine import APART, HOP, TO_NEIGHBOUR
from tests.minibatch.machine import N_TIMESTEPS, SIZES, scenario_of, workload_of

SHAPE = WorkloadShape(1, N_TIMESTEPS, SIZES["n_in"], SIZES["n_out"])


def board_of(scenario):
    return Board(scenario, elaborate(alone(scenario, 0), workload_of(scenario)), SHAPE)


def gradients_of(scenario, seed=0):
    rng, sizes = np.random.default_rng(seed), SIZES
    shapes = {"in": sizes["n_in"], "rec": sizes["n_rec"]}

    def one():
        matrices = {name: rng.random((sizes["n_rec"], n), np.float32) for name, n in shapes.items()}
        return {**matrices, "out": rng.random((sizes["n_out"], sizes["n_rec"]), np.float32)}

    return [one() for _ in range(scenario.batch.groups)]


def begin_of(scenario, late=()):
    """All PEs begin at once, but some *late* groups, by number and ticks."""
    begin = np.zeros((scenario.batch.groups, scenario.n_pe), np.int64)
    for group, ticks in late:
        begin[group] = ticks
    return begin.ravel()


def tree_sum(gradients, name):
    """Own, first child, second child."""

    def of(group):
        total = gradients[group][name].copy()
        for child in place_of(group, len(gradients)).children:
            total += of(child)
        return total

    return of(0)


@pytest.mark.parametrize("late", [(), ((0, 10**6),), ((1, 10**6), (3, 5 * 10**5))])
def test_the_sum_is_added_in_the_order_of_the_tree_whoever_is_late(late):
    scenario = scenario_of()
    gradients = gradients_of(scenario)
    found = board_of(scenario).run(gradients, begin_of(scenario, late))
    rows = np.concatenate([part["rec"] for part in found.sums])
    assert np.array_equal(rows, tree_sum(gradients, "rec"))
    columns = np.concatenate([part["out"] for part in found.sums], axis=1)
    assert np.array_equal(columns, tree_sum(gradients, "out"))


def test_the_all_reduce_waits_for_the_last_group():
    scenario = scenario_of()
    gradients = gradients_of(scenario)
    together = board_of(scenario).run(gradients, begin_of(scenario))
    later = board_of(scenario).run(gradients, begin_of(scenario, ((2, 10**6),)))
    assert later.reduced.min() > 10**6 > together.reduced.max()


def test_alone_in_the_network_an_all_reduce_takes_what_its_parts_take():
    """Two groups of one PE, neighbours on the mesh; ticks are cycles of PE and NoC."""
    scenario = scenario_of(*APART, groups=2, n_pe=1)
    found = board_of(scenario).run(gradients_of(scenario), begin_of(scenario))
    n_in, n_rec, n_out = SIZES.values()
    words = [n_rec * n_in, n_rec * n_rec, n_rec * n_out]
    beats = [-(-n // 4) for n in words]  # four words each
    signal, take, setup, completion, banks = 15, 30, 60, 52, 4
    spacing, inject = 2, 4  # from a beat to the next: DMA, link to the router
    flight = TO_NEIGHBOUR + HOP
    add = round(15.4 * sum(words))

    def transfer(begin):
        """Three blocks, each after its set-up and the one before; when their core goes on."""
        free = granted = 0
        for n in beats:
            begin += setup
            started = max(begin, free)
            for beat in range(n):
                granted = max(started + spacing * beat, granted + inject)
            free = started + spacing * n
        return granted + flight + completion

    ready = signal + flight  # group 0 has told group 1
    written = transfer(ready + take) + signal + flight
    held_up = sum(beats) // banks
    added = written + take + held_up + add
    passed_on = transfer(added) + signal
    update = found.finished - found.reduced
    assert found.reduced[0] == passed_on
    again = (sum(beats) * 2) // banks - held_up  # of its own DMA, paid before, and of the other's
    assert passed_on + flight + take <= found.reduced[1] <= passed_on + flight + take + again
    assert update[0] == update[1] > 0


class Machine:
    """What the SimPy machine asks of a firmware that exchanges gradients."""

    def __init__(self, exchange):
        self.main, self.layout = exchange.main, exchange.firmware.layout


def test_the_simpy_machine_does_the_same_at_the_same_ticks():
    scenario = scenario_of()
    gradients = gradients_of(scenario)
    begin = begin_of(scenario, ((1, 12_345 * 3), (2, 7)))
    board = board_of(scenario)
    found = board.run(gradients, begin)
    recorder, timebase = Recorder(), timebase_of(scenario)
    exchanges = board._exchanges(gradients)
    chip = Chip(
        scenario=scenario,
        timebase=timebase,
        timer_reference=timebase.clock(TIMER_REFERENCE_HZ),
        period=Ticks(650_000),
        firmwares=[Machine(exchange) for exchange in exchanges],
        frames=[],
        recorder=recorder,
        begin=[Ticks(int(tick)) for tick in begin],
    )
    chip.run(lambda _: None)
    ends = np.zeros(16, np.int64)
    for pe, _, start, charges in recorder.rows["work"]:
        ends[pe] = max(ends[pe], start + sum(cycles for _, cycles, _ in charges))
    assert ends.tolist() == found.finished.tolist()
    for exchange, expected in zip(exchanges, found.sums, strict=False):
        assert all(np.array_equal(expected[name], exchange.gradient[name]) for name in expected)
    assert sum(row[3] for row in recorder.rows["sends"]) == 3 * 3 * 4  # 3 children, 4 places


def sums_of(found, name, axis=0):
    return np.concatenate([part[name] for part in found.sums], axis=axis)


def test_later_gradients_are_added_in_the_order_of_the_tree_without_the_programs():
    scenario = scenario_of()
    board, later = board_of(scenario), gradients_of(scenario, seed=1)
    board.run(gradients_of(scenario), begin_of(scenario))
    board._executed = None
    found = board.run(later, begin_of(scenario))
    assert np.array_equal(sums_of(found, "rec"), tree_sum(later, "rec"))
    assert np.array_equal(sums_of(found, "out", axis=1), tree_sum(later, "out"))


def in_another_order(gradients):
    return {name: sum(each[name] for each in gradients) for name in gradients[0]}


def test_a_firmware_that_adds_up_in_another_order_than_its_programs_is_not_believed():
    scenario = scenario_of()
    board, gradients = board_of(scenario), gradients_of(scenario)
    board._firmwares[0].add_up = in_another_order
    assert not np.array_equal(in_another_order(gradients)["rec"], tree_sum(gradients, "rec"))
    for _ in range(2):
        found = board.run(gradients, begin_of(scenario))
        assert np.array_equal(sums_of(found, "rec"), tree_sum(gradients, "rec"))


def test_a_board_that_is_used_again_does_the_same_as_a_new_one():
    scenario = scenario_of()
    gradients, late = gradients_of(scenario), begin_of(scenario, ((2, 10**5),))
    board = board_of(scenario)
    board.run(gradients_of(scenario, seed=1), begin_of(scenario))
    again, new = board.run(gradients, late), board_of(scenario).run(gradients, late)
    assert again.digest == new.digest
    assert again.finished.tolist() == new.finished.tolist()
