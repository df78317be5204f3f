"""Programs op by op: when they go on for ever, what they wait for, and what is left behind."""

import gc
import weakref

import pytest

from spinn2sim.firmware import PEContext, WorkloadShape
from spinn2sim.firmware.execution import Endless, Execution
from tests.hw.programs import Script, ScriptParameters

SHAPE = WorkloadShape(1, 1, 1, 1)
WORK, TIMER, MEET = ("compute", "a", 1), ("wait_timer",), ("barrier",)


def execution(*programs, **limits):
    parameters = ScriptParameters(programs=programs)
    firmwares = [
        Script(parameters, PEContext(pe, len(programs), 0, SHAPE, 5)) for pe in range(len(programs))
    ]
    issued = [[] for _ in firmwares]
    notes = [each.append for each in issued]
    return Execution(firmwares, (), notes, **limits), issued, firmwares


@pytest.mark.parametrize("op", [WORK, ("multicast", []), ("log", "x", 1), MEET])
def test_a_program_may_issue_so_many_ops_in_a_time_step_and_no_more(op):
    step = [op, op, TIMER]
    execution(step * 5, max_ops=3)[0].run()
    with pytest.raises(Endless):
        execution([*step, op, *step], max_ops=3)[0].run()


def test_a_program_may_wait_for_so_many_time_steps_and_no_more():
    run, _, _ = execution([TIMER] * 4, max_timesteps=4)
    run.run()
    assert run.n_timesteps == (4,)
    with pytest.raises(Endless):
        execution([TIMER] * 5, max_timesteps=4)[0].run()


def test_every_op_is_noted_once_though_its_program_has_to_wait_in_it():
    run, issued, _ = execution(
        [("receive", 1), MEET, WORK], [TIMER, ("multicast", [1]), MEET, TIMER]
    )
    run.run()
    assert [[type(op).__name__ for op in each] for each in issued] == [
        ["Receive", "Barrier", "Compute"],
        ["WaitTimer", "Multicast", "Barrier", "WaitTimer"],
    ]


def test_a_run_that_is_over_leaves_no_garbage():
    gc.disable()
    try:
        run, issued, firmwares = execution([MEET, ("multicast", [1])], [TIMER, MEET])
        run.run()
        gone = weakref.ref(run), *map(weakref.ref, firmwares)
        del run, issued, firmwares
        assert [each() for each in gone] == [None, None, None]
    finally:
        gc.enable()
