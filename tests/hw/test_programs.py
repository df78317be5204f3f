"""Programs as numbers: other spikes in the same programs."""

import numpy as np
import pytest

from spinn2sim.hw.replay import layout as at
from spinn2sim.hw.replay.programs import Programs

#: PE 0 multicasts twice and once with payloads between; PE 1 once, behind an op without numbers.
OPS = [
    [(at.MULTICAST, 2, 0), (at.MULTICAST, 3, 1), (at.MULTICAST, 0, 0), (at.HALT, 0, 0)],
    [(at.RECEIVE, 5, 0), (at.MULTICAST, 1, 0), (at.HALT, 0, 0), (at.HALT, 0, 0)],
]


def programs():
    nothing = np.zeros((0, 3), np.int64)
    spikes = np.array([(0, 0, 7), (0, 0, 8), (1, 1, 9)], np.int64)
    return Programs(np.array(OPS, np.int64), (), spikes, nothing, (), np.zeros(0))


def test_multicasts_without_payload_get_other_numbers_of_packets_and_keys():
    before = programs()
    other = before.with_spikes([[[4], [5, 6, 7]], [[]]])
    assert other.ops[:, :, at.FIRST].tolist() == [[1, 3, 3, 0], [5, 0, 0, 0]]
    assert other.spikes.tolist() == [[0, 0, 4], [0, 2, 5], [0, 2, 6], [0, 2, 7]]
    for unchanged in (at.CODE, at.SECOND):
        assert np.array_equal(other.ops[:, :, unchanged], before.ops[:, :, unchanged])
    assert before.ops.tolist() == np.array(OPS).tolist()


def test_programs_without_spikes_have_an_empty_table_of_them():
    assert programs().with_spikes([[[], []], [[]]]).spikes.shape == (0, 3)


def test_another_number_of_multicasts_is_refused():
    with pytest.raises(AssertionError, match="PE 1 multicasts 1 times"):
        programs().with_spikes([[[], []], [[], []]])


def test_ops_are_counted_over_all_pes():
    assert [programs().n_of(code) for code in (at.MULTICAST, at.RECEIVE, at.SEND)] == [4, 1, 0]
    assert programs().n_pe == 2
