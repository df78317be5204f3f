"""Programs as numbers: other spikes in the same programs."""

import numpy as np
import pytest

from spinn2sim.hw.replay import layout as at
from spinn2sim.hw.replay.programs import Programs

#: Two multicasts each: PE 0 has one with payloads between, PE 1 another op before, all are padded.
OPS = [
    [(at.MULTICAST, 2, 0), (at.MULTICAST, 3, 1), (at.MULTICAST, 0, 0), (at.HALT, 0, 0)],
    [(at.RECEIVE, 5, 0), (at.MULTICAST, 1, 0), (at.MULTICAST, 4, 0), (at.HALT, 0, 0)],
]


def programs(ops=OPS):
    nothing = np.zeros((0, 3), np.int64)
    spikes = np.array([(0, 0, 7), (0, 0, 8), (1, 1, 9)], np.int64)
    return Programs(np.array(ops, np.int64), (), spikes, nothing, (), np.zeros(0))


def numbers(*rows):
    """(n, 3): PE, the how manieth of its multicasts, key."""
    return np.array(rows, np.int64).reshape(-1, 3)


def test_multicasts_without_payload_get_other_numbers_of_packets_and_keys():
    before = programs()
    other = before.with_spikes(numbers((0, 0, 4), (0, 1, 5), (0, 1, 6), (1, 1, 3)))
    assert other.ops[:, :, at.FIRST].tolist() == [[1, 3, 2, 0], [5, 0, 1, 0]]
    assert other.spikes.tolist() == [[0, 0, 4], [0, 2, 5], [0, 2, 6], [1, 2, 3]]
    for unchanged in (at.CODE, at.SECOND):
        assert np.array_equal(other.ops[:, :, unchanged], before.ops[:, :, unchanged])
    assert before.ops.tolist() == np.array(OPS).tolist()


def test_programs_without_spikes_have_an_empty_table_of_them():
    silent = programs().with_spikes(numbers())
    assert silent.spikes.shape == (0, 3)
    assert silent.ops[:, :, at.FIRST].tolist() == [[0, 3, 0, 0], [5, 0, 0, 0]]


def test_pes_that_multicast_more_often_than_others_are_refused():
    with pytest.raises(AssertionError, match="some PEs multicast more often than others"):
        programs([OPS[0], [*OPS[1][:2], *[(at.HALT, 0, 0)] * 2]]).with_spikes(numbers())


def test_ops_are_counted_over_all_pes():
    assert programs().survey().n_by_code[[at.MULTICAST, at.RECEIVE, at.SEND]].tolist() == [5, 1, 0]
    assert programs().n_pe == 2


def test_the_largest_block_of_each_pe_is_found():
    blocks = [
        [(at.DMA_WRITE, 1, 40), (at.DMA_WRITE, 1, 80), (at.DMA_WRITE, 1, 60), (at.HALT, 0, 0)]
    ]
    found = programs([*blocks, [*[(at.LOG, 0, 99)] * 3, (at.HALT, 0, 0)]]).survey()
    assert found.most_bytes.tolist() == [80, 0]
    assert found.targets.tolist() == [[False, True], [False, False]]


def test_a_spike_beyond_the_multicasts_of_its_pe_is_refused():
    with pytest.raises(AssertionError, match="a spike belongs to no multicast"):
        programs().with_spikes(numbers((0, 2, 4)))
