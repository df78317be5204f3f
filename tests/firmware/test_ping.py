"""The smallest firmware, on the untimed machine."""

import pytest

from firmware_models.ping import Ping, PingParameters
from spinn2sim.firmware import Firmware, PEContext, WorkloadShape
from spinn2sim.firmware.untimed import run_untimed

NO_INPUT = WorkloadShape(n_samples=0, n_timesteps=0, n_in=0, n_classes=0)


def pings(n_pe, **given):
    parameters = PingParameters(**given)
    return [Ping(parameters, PEContext(pe, n_pe, 1, NO_INPUT, 5)) for pe in range(n_pe)]


def heard_by(firmware: Firmware):
    return firmware.readout()["heard"].tolist()


def test_everyone_hears_the_call_and_all_answers_but_its_own():
    firmwares = pings(4, n_rounds=2)
    run_untimed(firmwares, [])
    assert [heard_by(firmware) for firmware in firmwares] == [
        [0, 2, 2, 2],
        [2, 0, 2, 2],
        [2, 2, 0, 2],
        [2, 2, 2, 0],
    ]


def test_a_round_costs_each_answering_pe_its_work_and_one_packet():
    run = run_untimed(pings(3, n_rounds=5, answer_cycles=40), [])
    assert run.n_packets == (5, 5, 5)
    assert [cycles["answer"] for cycles in run.cycles] == [0, 200, 200]


@pytest.mark.parametrize("n_pe", [1, 6])
def test_what_is_allocated_is_what_is_reported(n_pe):
    firmware = pings(n_pe)[0]
    assert firmware.layout.n_bytes == firmware.heard.nbytes == 4 * n_pe
