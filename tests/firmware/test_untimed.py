"""The machine without a clock: what programs may expect of it, and how it says that they hang."""

import numpy as np
import pytest

from spinn2sim.errors import DeadlockError, FirmwareError
from spinn2sim.firmware import Charge, Frame, PEContext, WorkloadShape
from spinn2sim.firmware.untimed import LogEntry, run_untimed
from tests.hw.programs import NoProgram, Script, ScriptParameters, YieldsNumbers

SHAPE = WorkloadShape(1, 1, 1, 1)


def scripts(*programs):
    parameters = ScriptParameters(programs=programs)
    return [
        Script(parameters, PEContext(pe, len(programs), 0, SHAPE, 5)) for pe in range(len(programs))
    ]


def answers(*programs, frames=()):
    firmwares = scripts(*programs)
    run_untimed(firmwares, frames)
    return [firmware.answers for firmware in firmwares]


def stuck(*programs):
    with pytest.raises(DeadlockError) as error:
        run_untimed(scripts(*programs), [])
    return str(error.value)


def test_charges_are_counted_by_label_and_pe():
    first = [("compute", "a", 2), ("compute_all", [Charge("a", 3), Charge("b", 4, "sample")])]
    run = run_untimed(scripts(first, [("compute", "a", 9)]), [])
    assert run.cycles == ({"a": 5, "b": 4}, {"a": 9})


def test_packets_and_figures_are_counted():
    run = run_untimed(scripts([("multicast", [1, 2]), ("log", "x", 3)], [("log", "y", 4)]), [])
    assert run.n_packets == (2, 0)
    assert run.log == (LogEntry(0, "x", 3.0), LogEntry(1, "y", 4.0))


def test_time_steps_and_frames_come_in_order():
    frames = [Frame(np.array([k], np.float32), k % 2) for k in range(3)]
    program = [("wait_timer",), ("read_input",)] * 3
    assert answers(program, program, frames=frames) == [[0, 0, 0, 1, 1, 1, 2, 2, 0]] * 2


def test_a_barrier_brings_what_was_sent_before_it_and_nothing_later():
    first = [("multicast", [5]), ("barrier",), ("multicast", [6]), ("barrier",)]
    second = [("barrier",), ("barrier",)]
    assert answers(first, second) == [[0, 0], [1, 5, 1, 6]]


def test_receive_takes_the_oldest_packets_and_leaves_the_rest():
    assert answers([("multicast", [3, 2, 1])], [("receive", 2), ("receive", 1)])[1] == [
        2,
        2,
        3,
        1,
        1,
    ]


def test_dma_is_written_when_its_sender_has_waited_for_it():
    meet, take = ("barrier",), ("take_dma", "x")
    sender = [("dma_write", 1, "x", (7,), 16), meet, meet, ("wait_dma",), meet]
    assert answers(sender, [meet, take, meet, meet, take, take])[1] == [0, 0, 0, 0, 7]


def test_what_is_shared_can_be_read():
    sharer = [("share", "x", 1, 1), ("barrier",), ("share", "x", 2, 1), ("barrier",)]
    reader = [("barrier",), ("barrier",), ("read_neighbour", 0, "x")]
    assert answers(sharer, reader)[1] == [0, 0, 2]


def test_what_is_not_shared_cannot_be_read():
    with pytest.raises(FirmwareError) as refused:
        answers([], [("read_neighbour", 0, "x")])
    assert str(refused.value) == "PE 1: PE 0 shares no 'x'; share it before a barrier"


def test_a_deadlock_says_who_waits_for_what():
    assert stuck(
        [("barrier",)],
        [("multicast", [1]), ("receive", 2)],
        [("multicast", [4]), ("read_input",)],
        [],
    ) == (
        "deadlock: 3 of 4 PEs wait for ever (1 halted)\n"
        "  PE 0 waits in barrier since 0.000000 ms: the sync flags of other PEs\n"
        "  PE 1 waits in receive since 0.000000 ms: 1 more packets\n"
        "  PE 2 waits in read_input since 0.000000 ms: input after its end"
    )


def test_yielding_what_is_no_op_is_refused():
    with pytest.raises(FirmwareError) as refused:
        run_untimed([YieldsNumbers(YieldsNumbers.Parameters(), PEContext(0, 1, 0, SHAPE, 5))], [])
    assert str(refused.value) == "PE 0: 5 is not an op; yield ops of PEContext only"


def test_a_program_without_ops_is_refused():
    with pytest.raises(FirmwareError) as refused:
        run_untimed([NoProgram(NoProgram.Parameters(), PEContext(0, 1, 0, SHAPE, 5))], [])
    assert str(refused.value) == "PE 0: main() is no program; yield at least one op in it"
