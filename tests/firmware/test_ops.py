"""PEContext: the ops it makes, and those that it refuses to make."""

import re

import numpy as np
import pytest

from spinn2sim.errors import FirmwareError
from spinn2sim.firmware import Charge, PEContext, WorkloadShape, contract, ops

PE = PEContext(1, 3, 0, WorkloadShape(1, 1, 1, 1), 5)


def test_a_compute_op_knows_the_sum_of_its_charges():
    charges = (Charge("a", 2), Charge("b.c", 3, "sample"))
    assert PE.compute_all(iter(charges)) == ops.Compute(charges)
    assert PE.compute_all(charges).cycles == 5
    assert PE.compute("a", 7, "sample").charges == (Charge("a", 7, "sample"),)


def test_counts_from_numpy_become_plain_integers():
    assert type(PE.compute("a", np.int64(7)).cycles) is int
    keys = PE.multicast(np.array([2, 1])).keys
    assert keys == (2, 1)
    assert {type(key) for key in keys} == {int}


def test_an_op_is_asked_with_yield_from_and_answers_what_it_is_sent():
    def program():
        answers.append((yield from PE.wait_timer()))

    answers = []
    asked = program()
    assert next(asked) == ops.WaitTimer()
    with pytest.raises(StopIteration):
        asked.send(42)
    assert answers == [42]


def test_keys_of_32_bits_are_the_largest():
    assert PE.multicast([0, 2**32 - 1]).keys == (0, 2**32 - 1)


REFUSED = {
    "work of -1 cycles under 'a'; charge whole cycles, 0 or more": lambda: PE.compute("a", -1),
    "work of 1.5 cycles under 'a'; charge whole cycles, 0 or more": lambda: PE.compute("a", 1.5),
    "work of -2 cycles under 'b'; charge whole cycles, 0 or more": lambda: PE.compute_all(
        [Charge("a", 9), Charge("b", -2)]
    ),
    "multicast of key -1; use keys of 32 bits": lambda: PE.multicast([5, -1]),
    "multicast of key 4294967296; use keys of 32 bits": lambda: PE.multicast([2**32]),
    "multicast of 2 keys with 1 payloads; give each packet a payload, or none any": (
        lambda: PE.multicast([1, 2], [(1.0,)])
    ),
    "receive of -1 packets; receive 0 or more": lambda: PE.receive(-1),
    "barrier with a lookahead of -1 cycles; promise whole cycles, 0 or more": (
        lambda: PE.barrier(-1)
    ),
    "barrier with a lookahead of 1.5 cycles; promise whole cycles, 0 or more": (
        lambda: PE.barrier(1.5)
    ),
    "share of 'x' with -1 words; share 0 words or more": lambda: PE.share("x", None, -1),
    "DMA of 16 B ('x') to PE 1; write 0 B or more to another PE of the run": (
        lambda: PE.dma_write(1, "x", None, 16)
    ),
    "DMA of 16 B ('x') to PE 3; write 0 B or more to another PE of the run": (
        lambda: PE.dma_write(3, "x", None, 16)
    ),
    "DMA of -1 B ('x') to PE 0; write 0 B or more to another PE of the run": (
        lambda: PE.dma_write(0, "x", None, -1)
    ),
    "read of 'x' from the SRAM of PE -1; read that of another PE of the run": (
        lambda: PE.read_neighbour(-1, "x")
    ),
    "read of 'x' from the SRAM of PE 1; read that of another PE of the run": (
        lambda: PE.read_neighbour(1, "x")
    ),
}


@pytest.mark.parametrize(("message", "make"), REFUSED.items(), ids=REFUSED)
def test_what_no_machine_can_do_is_refused_when_the_op_is_made(message, make):
    with pytest.raises(FirmwareError, match=f"^PE 1: {re.escape(message)}$"):
        make()


def test_an_inbox_is_in_order_of_key():
    inbox = ops.make_inbox(0, np.array([3, 1, 3, 2]), [(3, (1.0,)), (1, (2.0,))])
    assert inbox.keys.tolist() == [1, 2, 3, 3]
    assert inbox.payloads == {3: (1.0,), 1: (2.0,)}


def test_two_payloads_with_one_key_would_show_the_order_of_arrival():
    payloads = [(1, (1.0,)), (7, (2.0,)), (7, (3.0,))]
    with pytest.raises(FirmwareError) as refused:
        ops.make_inbox(4, np.array([1, 7, 7]), payloads)
    assert str(refused.value) == (
        "PE 4: two packets with key 7 bring a payload; give every packet with a payload a key of "
        "its own"
    )


def test_a_multicast_of_one_key_is_made_once_and_issued_again():
    pe = PEContext(1, 3, 0, WorkloadShape(1, 1, 1, 1), 5)
    assert pe.multicast([7]) is pe.multicast(np.array([7]))
    assert pe.multicast([7]).keys == (7,)
    assert pe.multicast([8]).keys == (8,)


def test_a_multicast_with_payload_is_not_taken_for_one_without():
    pe = PEContext(1, 3, 0, WorkloadShape(1, 1, 1, 1), 5)
    for _ in range(2):
        assert pe.multicast([7], [(1.0,)]).payloads == ((1.0,),)
        assert pe.multicast([7]).payloads == ()


def test_a_pe_keeps_no_more_multicasts_than_it_may(monkeypatch):
    monkeypatch.setattr(contract, "MOST_LONE", 2)
    pe = PEContext(1, 3, 0, WorkloadShape(1, 1, 1, 1), 5)
    again = [pe.multicast([key]) is pe.multicast([key]) for key in range(4)]
    assert again == [True, True, False, False]
