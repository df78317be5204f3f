"""What programs get of each other's packets without a clock, against one queue per PE."""

import copy
from collections import deque

import numpy as np
import pytest

from spinn2sim.errors import FirmwareError
from spinn2sim.firmware import Inbox, ops
from spinn2sim.firmware.delivery import Unopened
from spinn2sim.firmware.packets import Packets


class Queues:
    """The slow way: each packet is put into the queue of each PE that gets it."""

    def __init__(self, n_pe):
        self.alone = [deque() for _ in range(n_pe)]
        self.common = [deque() for _ in range(n_pe)]

    def multicast(self, source, op):
        for place, key in enumerate(op.keys):
            for pe, queue in enumerate(self.common):
                if pe != source:
                    queue.append((key, op.payloads[place] if op.payloads else ()))

    def take(self, pe, n_packets):
        queues = self.alone[pe], self.common[pe]
        taken = [next(queue for queue in queues if queue).popleft() for _ in range(n_packets)]
        return sorted(key for key, _ in taken), {key: words for key, words in taken if words}

    def take_all(self):
        n_waiting = [len(a) + len(c) for a, c in zip(self.alone, self.common, strict=True)]
        return [self.take(pe, n) for pe, n in enumerate(n_waiting)]


def content(inbox):
    return inbox.keys.tolist(), dict(inbox.payloads)


def hand_over(packets, source, op):
    packets.multicasts.append(op)
    packets.senders.append(source)


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("traffic", ["spikes", "received", "payloads", "alone"])
def test_every_pe_gets_what_the_others_have_sent_since_the_last_barrier(traffic, seed):
    rng = np.random.default_rng([seed, len(traffic)])
    n_pe = int(rng.integers(2, 7))
    packets, queues, next_key = Packets(n_pe), Queues(n_pe), 1_000
    for _ in range(int(rng.integers(1, 5))):  # barriers
        for _ in range(int(rng.integers(0, 12))):
            source, n_keys = int(rng.integers(n_pe)), int(rng.integers(1, 4))
            if traffic == "payloads" and rng.random() < 0.5:
                keys = range(next_key, next_key := next_key + n_keys)
                op = ops.Multicast(tuple(keys), tuple((float(key),) for key in keys))
            else:
                op = ops.Multicast(tuple(rng.integers(0, 50, n_keys).tolist()))
            hand_over(packets, source, op)
            queues.multicast(source, op)
            to = int(rng.integers(n_pe))
            if traffic == "alone" and to != source:
                packets.send_to(to, source)
                queues.alone[to].append((source, ()))
            if traffic == "received":
                n_taken = int(rng.integers(0, packets.n_waiting(to) + 1))
                assert content(packets.take(to, n_taken)) == queues.take(to, n_taken)
        expected = queues.take_all()
        taken = packets.take_all()
        if rng.random() < 0.5:
            assert list(map(content, taken)) == expected


def test_of_two_payloads_with_one_key_nobody_can_tell_which_was_first():
    packets = Packets(3)
    for source in (0, 1):
        hand_over(packets, source, ops.Multicast((7,), ((1.0,),)))
    with pytest.raises(FirmwareError, match="PE 2: two packets with key 7 bring a payload"):
        packets.take_all()


def spikes(*keys_of_pes):
    packets = Packets(len(keys_of_pes))
    for pe, keys in enumerate(keys_of_pes):
        hand_over(packets, pe, ops.Multicast(keys))
    return packets


def test_an_inbox_is_made_when_somebody_looks_into_it():
    packets = spikes((3, 1), (2,))
    _, unread = packets.take_all()
    hand_over(packets, 0, ops.Multicast((9,)))
    _, second = packets.take_all()
    assert type(unread) is type(second) is Unopened
    assert second.keys.tolist() == [9]
    assert unread.keys.tolist() == [1, 3]


def test_where_programs_look_the_next_inboxes_are_made_at_once():
    packets = spikes((3, 1), (2,))
    assert packets.take_all()[1].keys.tolist() == [1, 3]
    hand_over(packets, 0, ops.Multicast((9,)))
    assert [type(inbox) for inbox in packets.take_all()] == [Inbox, Inbox]


@pytest.fixture
def unopened():
    inbox = spikes((3, 1), (2,)).take_all()[1]
    assert type(inbox) is Unopened
    return inbox


def test_an_inbox_that_is_not_made_yet_unpacks_like_any_other(unopened):
    keys, payloads = unopened
    assert keys.tolist() == [1, 3]
    assert payloads == {}


def test_an_inbox_that_is_not_made_yet_matches_like_any_other(unopened):
    match unopened:
        case Inbox(keys, payloads):
            assert (keys.tolist(), payloads) == ([1, 3], {})
        case _:
            pytest.fail("it is no inbox")


def test_an_inbox_that_is_not_made_yet_is_a_tuple_like_any_other(unopened):
    assert len(unopened) == 2
    assert unopened[0].tolist() == [1, 3]
    assert unopened[-1] == {}
    assert unopened == unopened._replace()
    assert (unopened != unopened._replace()) is False
    assert unopened._replace(payloads={1: (2.0,)}).payloads == {1: (2.0,)}
    assert unopened._asdict()["keys"] is unopened.keys
    assert repr(unopened) == "Inbox(keys=array([1, 3]), payloads={})"


def test_an_inbox_that_is_not_made_yet_can_be_copied(unopened):
    copied = copy.deepcopy(unopened)
    assert type(copied) is Inbox
    assert content(copied) == ([1, 3], {})


def test_what_a_program_does_to_its_keys_no_other_program_sees():
    first, second, third = spikes((1,), (2,), ()).take_all()
    third.keys[:] = 0
    assert third.keys.tolist() == [0, 0]
    assert (first.keys.tolist(), second.keys.tolist()) == ([2], [1])
