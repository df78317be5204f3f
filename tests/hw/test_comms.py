"""Payloads: kept beside the NoC, which moves only their numbers."""

import pytest

from spinn2sim.hw.comms import PayloadTable
from tests.hw.machine import answers, run


def test_a_payload_is_kept_until_its_last_target_has_taken_it():
    table = PayloadTable()
    first, second = table.put((1.0,), 2), table.put((2.0,), 1)
    assert [table.take(first), table.take(second), table.take(first)] == [(1.0,), (2.0,), (1.0,)]
    for number in (first, second):
        with pytest.raises(KeyError):
            table.take(number)


def test_no_payload_has_number_0_which_stands_for_none():
    assert PayloadTable().put((1.0,), 1) > 0


def test_the_longest_key_and_the_longest_payload_arrive_whole():
    key, words = 2**32 - 1, (1.25, -2.5, 1e300, 0.1)
    programs = [[("multicast", [key], (words,)), ("barrier",)], [("barrier",)]]
    assert answers(run(programs))[1] == [1, key, key, *words]


def test_every_target_gets_every_payload():
    programs = [
        [("multicast", [10 + pe, 20 + pe], ((pe, 1), (pe, 2))), ("barrier",)] for pe in range(4)
    ]
    for pe, found in enumerate(answers(run(programs))):
        others = [other for other in range(4) if other != pe]
        keys = [tens + other for tens in (10, 20) for other in others]
        payloads = [n for key in keys for n in (key, key % 10, key // 10)]
        assert found == [6, *keys, *payloads]
