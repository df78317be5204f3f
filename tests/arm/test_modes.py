"""Edge mode against instruction mode, and both against an independent counter."""

import shutil
import time

import pytest

from spinn2sim.arm import Machine, load_elf
from tests.arm import qemu
from tests.arm.firmware import SIZES, elf, firmwares

for module in ("unicorn", "capstone", "elftools"):
    pytest.importorskip(module, reason="needs spinn2sim[elf]")

WITHIN = 0.005
SPEED_UP = 8


def measured(firmware, mode):
    machine = Machine(firmware, mode=mode)
    assert machine.call("firmware_setup", *SIZES.values(), 1).int_result == 0
    return [machine.call(name) for name in (*firmware.labels.step, *firmware.labels.sample)]


@pytest.mark.parametrize("path", firmwares("O1 O2 O3"))
def test_edge_mode_is_within_half_a_percent_of_instruction_mode(path):
    firmware = load_elf(path)
    pairs = zip(measured(firmware, "edges"), measured(firmware, "instructions"), strict=True)
    for edges, one_by_one in pairs:
        assert edges.cycles == pytest.approx(one_by_one.cycles, rel=WITHIN), edges.function
        assert edges.n_instructions == one_by_one.n_instructions
        assert edges.mix == one_by_one.mix
        assert edges.float_result == one_by_one.float_result


def seconds(machine, n):
    """Processor time of *n* rounds, once the code is decoded."""
    names = machine.elf.labels.step
    machine.call("firmware_setup", 6, 16, 30, 6, 1)
    for name in names:
        machine.call(name)
    start = time.process_time()
    for _ in range(n):
        for name in names:
            machine.call(name)
    return (time.process_time() - start) / n


@pytest.mark.parametrize("level", ["O1", "O2", "O3"])
def test_edge_mode_is_at_least_eight_times_faster(level):
    firmware = elf(f"kernels-{level}")
    ratio = seconds(Machine(firmware, mode="instructions"), 1) / seconds(Machine(firmware), 20)
    assert ratio >= SPEED_UP


@pytest.mark.skipif(shutil.which("qemu-arm") is None, reason="qemu-arm is not installed")
@pytest.mark.parametrize("path", firmwares())
def test_as_many_instructions_are_counted_as_qemu_executes(path, tmp_path):
    firmware = load_elf(path)
    names = [*firmware.labels.step, *firmware.labels.sample]
    setup = (*SIZES.values(), 1)
    machine = Machine(firmware)
    counted = [machine.call("firmware_setup", *setup), *map(machine.call, names)]
    calls = [("firmware_setup", setup), *((name, ()) for name in names)]
    assert [each.n_instructions for each in counted] == qemu.count(firmware, calls, tmp_path)
