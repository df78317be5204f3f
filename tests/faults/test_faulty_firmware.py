"""The program of a PE that is slow or dies, op by op, without a machine around it."""

from types import SimpleNamespace

import pytest

from spinn2sim.firmware import Charge, ops
from spinn2sim.hw.faults import FaultyFirmware, afflicted
from spinn2sim.hw.faults.firmware import SLOW_PE
from spinn2sim.spec import FaultsSpec

WORK = ops.Compute((Charge("a", 3), Charge("b", 4)))
N_STEPS = 4


class Worker:
    """Before the first time step and in each of them the same work; notes what it is answered."""

    layout, costs, sizes = object(), object(), {"N": 3}

    def __init__(self):
        self.answers = []

    def main(self):
        for _ in range(N_STEPS):
            self.answers.append((yield WORK))
            self.answers.append((yield ops.WaitTimer()))
        self.answers.append((yield WORK))

    def readout(self):
        return {"x": 7}


def issued(firmware):
    """The ops of the program, each answered with its number."""
    program, found = firmware.main(), []
    op = next(program)
    while True:
        found.append(op)
        try:
            op = program.send(len(found))
        except StopIteration:
            return found


def extra_cycles(found):
    """Of each piece of work: cycles beyond its own, None if none are said."""
    work = [op for op in found if type(op) is ops.Compute]
    return [op.charges[2].cycles if len(op.charges) > 2 else None for op in work]


@pytest.mark.parametrize(("factor", "extra"), [(1.0, 0), (1.01, 1), (1.5, 4), (2.0, 7), (10, 63)])
def test_each_work_of_a_slow_pe_takes_longer_by_whole_cycles(factor, extra):
    slow = FaultyFirmware(Worker(), 1, FaultsSpec(slow={"pes": [1], "factor": factor}))
    found = issued(slow)
    # What comes before the first time step is not slower.
    assert extra_cycles(found) == [None] + [extra] * N_STEPS
    assert found[-1].charges == (*WORK.charges, Charge(SLOW_PE, extra))
    assert found[-1] is found[2], "the same op again and again"


def test_a_pe_is_slow_from_a_time_step_on():
    faults = FaultsSpec(slow={"pes": [0], "factor": 2, "from_timestep": 2})
    assert extra_cycles(issued(FaultyFirmware(Worker(), 0, faults))) == [None, None, None, 7, 7]


@pytest.mark.parametrize(("dies_at", "n_ops"), [(0, 1), (1, 3), (3, 7)])
def test_a_dead_pe_never_asks_for_its_next_time_step(dies_at, n_ops):
    faults = FaultsSpec(dead={"pes": [5], "from_timestep": dies_at})
    dead = FaultyFirmware(Worker(), 5, faults)
    assert dead.died is None
    assert len(issued(dead)) == n_ops
    assert dead.died == dies_at


def test_a_program_is_answered_as_without_faults_and_ends_as_it_does():
    worker = Worker()
    faulty = FaultyFirmware(worker, 0, FaultsSpec(slow={"pes": [0], "factor": 2}))
    assert len(issued(faulty)) == 2 * N_STEPS + 1
    assert worker.answers == list(range(1, 2 * N_STEPS + 2))
    assert faulty.died is None


def test_memory_costs_and_results_are_those_of_the_firmware():
    worker = Worker()
    faulty = FaultyFirmware(worker, 0, FaultsSpec(dead={"pes": [0], "from_timestep": 1}))
    assert (faulty.layout, faulty.costs, faulty.sizes) == (
        worker.layout,
        worker.costs,
        worker.sizes,
    )
    assert faulty.readout() == {"x": 7}


def test_only_the_pes_that_are_named_are_afflicted():
    firmwares = [SimpleNamespace(number=pe) for pe in range(4)]
    faults = FaultsSpec(slow={"pes": [1], "factor": 2}, dead={"pes": [3, 1], "from_timestep": 2})
    found = afflicted(firmwares, faults)
    assert [type(each) is FaultyFirmware for each in found] == [False, True, False, True]
    assert found[0] is firmwares[0]
