"""The prebuilt ELF files, in the emulated Cortex-M4F, compute what the kernels compute."""

import numpy as np
import pytest

from spinn2sim.arm import Machine, load_elf
from tests.eprop.c_firmware import (
    FIRMWARES,
    FOLDER,
    SIZES,
    arrays,
    assert_agrees,
    excite,
    expected,
    labels,
    stages,
)

for module in ("unicorn", "capstone", "elftools"):
    pytest.importorskip(module, reason="needs spinn2sim[elf]")


class ArmMemory:
    """The firmware in an emulated machine."""

    def __init__(self, name):
        self.elf = load_elf(FOLDER / "elf" / f"{name}.elf")
        self._machine = Machine(self.elf)
        self.read, self.write = self._machine.read, self._machine.write
        self.call = self._machine.call

    def setup(self, sizes, seed=1):
        return self.call("firmware_setup", *sizes.values(), seed).int_result

    def text(self, symbol):
        n_bytes = self.elf.symbols[symbol].size
        return self.read(symbol, np.uint8, n_bytes).tobytes().rstrip(b"\0")


@pytest.mark.parametrize("name", FIRMWARES)
def test_each_function_leaves_what_the_kernels_leave(name):
    memory, style = ArmMemory(name), name.partition("-")[0]
    step, sample = labels(memory)
    for sizes in (SIZES[0], SIZES[2]):
        assert memory.setup(sizes, seed=3) == 0
        excite(memory, sizes)
        for stage, functions in stages([*step, *sample]).items():
            before = arrays(memory, style, sizes)
            wanted = expected(stage, memory, before)

            for function in functions:
                memory.call(function)

            assert_agrees(arrays(memory, style, sizes), wanted)


def test_sizes_that_do_not_fit_are_refused():
    memory = ArmMemory("loops-O2")
    assert memory.setup(SIZES[1] | {"n_own": 121}) == 1
    assert memory.setup(SIZES[1]) == 0
