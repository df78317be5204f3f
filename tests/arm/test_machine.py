"""A machine: calls, memory, registers, remote words, and functions that do not come to an end."""

import numpy as np
import pytest

from spinn2sim.arm import Machine, Range, RegisterStub
from spinn2sim.errors import EmulationError, SpecError, SymbolError
from tests.arm.firmware import SIZES, elf

for module in ("unicorn", "capstone", "elftools"):
    pytest.importorskip(module, reason="needs spinn2sim[elf]")

REGISTERS = RegisterStub(0x4000_0000, 0x100, {0x4000_0010: (0, 0, 0, 1)})


@pytest.fixture
def machine():
    machine = Machine(elf("kernels-O2"))
    assert machine.call("firmware_setup", *SIZES.values(), 1).int_result == 0
    return machine


def test_a_float_function_gives_what_numpy_gives(machine):
    n = int(machine.read("n", np.uint32, 1)[0])
    a, b = (machine.read(name, np.float32, n) for name in ("a", "b"))
    assert machine.call("dot").float_result == pytest.approx(float(a @ b), rel=1e-6)
    machine.call("axpy")
    np.testing.assert_allclose(machine.read("c", np.float32, n), 0.5 * a + b, rtol=1e-6)


def test_what_is_written_is_what_the_firmware_reads(machine):
    machine.write("n", np.array([4], np.uint32))
    machine.write("a", np.array([1, 2, 3, 4], np.float32))
    machine.write("b", np.array([1, 10, 100, 1000], np.float32))
    assert machine.call("dot").float_result == 4321


def test_arguments_go_where_c_expects_them(machine):
    assert machine.call("sum_of_six", 1, 2, 3, 4, 5, 6).int_result == 654321
    a = machine.read("a", np.float32, 3)
    assert machine.call("scale", 3, 0.5).float_result == 0.5 * a[2]
    assert machine.call("scale", np.uint32(3), np.float32(0.25)).float_result == 0.25 * a[2]


def test_a_negative_argument_is_its_two_s_complement(machine):
    assert machine.call("sum_of_six", -1, 0, 0, 0, 0, 0).int_result == 2**32 - 1


def test_a_call_starts_with_clean_registers(machine):
    first = machine.call("dot")
    machine.call("scale", 3, 0.5)
    again = machine.call("dot")
    assert again == first


def test_reset_gives_the_memory_of_the_start(machine):
    machine.reset()
    assert machine.read("n", np.uint32, 1)[0] == 0
    assert machine.read("a", np.float32, 256).sum() == 0


@pytest.mark.parametrize(
    ("symbol", "count", "message"),
    [
        ("a", 257, "'a' has 1,024 bytes, not 1,028; read or write less of it"),
        ("dot", 1, "'dot' is no variable; it has: a, b, c, control, firmware_build, "),
        ("spike", 1, "'spike' is no variable; did you mean 'spikes'?"),
    ],
)
def test_a_variable_that_is_not_there_or_too_small_is_refused(machine, symbol, count, message):
    with pytest.raises(SymbolError) as refused:
        machine.read(symbol, np.float32, count)
    assert message in str(refused.value)
    with pytest.raises(SymbolError):
        machine.write(symbol, np.zeros(count, np.float32))


@pytest.mark.parametrize("mode", ["edges", "instructions"])
def test_a_stub_answers_in_order_and_keeps_what_is_written(mode):
    machine = Machine(elf("kernels-O2"), mode=mode, stubs=[REGISTERS])
    found = machine.call("wait_for_ready")
    assert found.int_result == 4
    assert machine.register_writes == ((0x4000_0014, 4),)
    assert machine.call("wait_for_ready").int_result == 1  # the last answer for ever
    machine.reset()
    assert machine.call("wait_for_ready") == found


@pytest.mark.parametrize(
    ("stub", "message"),
    [
        (RegisterStub(0x2000_0000, 4), "their page holds the firmware's memory or other registers"),
        (RegisterStub(0x4000_0200, 4), "their page holds the firmware's memory or other registers"),
        (RegisterStub(0x5000_0000, 0), "expected one or more bytes below 4 GB"),
        (RegisterStub(0xFFFF_F000, 0x2000), "expected one or more bytes below 4 GB"),
        (RegisterStub(0x5000_0000, 4, {0x5000_0004: (1,)}), "0x50000004 with an answer is not"),
    ],
)
def test_a_stub_that_cannot_be_is_refused(stub, message):
    with pytest.raises(SpecError) as refused:
        Machine(elf("kernels-O2"), stubs=[REGISTERS, stub])
    assert f"registers 0x{stub.start:08x}:0x{stub.size:x}: {message}" in str(refused.value)


def test_a_remote_word_stalls_for_what_the_knobs_say(machine):
    a, c = (machine.elf.variable(name) for name in ("a", "c"))
    near = machine.call("copy")
    remote = [Range(a.address, a.size), Range(c.address + 32, 32)]  # the latter half of c is far
    far = Machine(machine.elf, remote=remote).call("copy")
    assert (far.n_remote_reads, far.n_remote_writes) == (16, 8)
    stalls = (16 * 2 + 8 * 1, 16 * 4 + 8 * 1, 16 * 8 + 8 * 4)
    assert far.stalls["remote"] == stalls
    assert far.cycles == tuple(x + y for x, y in zip(near.cycles, stalls, strict=True))
    assert far.n_instructions == near.n_instructions


def test_memory_that_is_not_remote_does_not_stall(machine):
    b = machine.elf.variable("b")
    found = Machine(machine.elf, remote=[Range(b.address, b.size)]).call("copy")
    assert found.n_remote_reads == 0
    assert "remote" not in found.stalls


def test_remote_words_do_not_change_what_is_skipped(machine):
    firmware, setup = machine.elf, (*SIZES.values(), 1)
    far = Machine(firmware, remote=[Range(0x2000_0000, 0x1000)])
    far.call("firmware_setup", *setup)
    for name in (*firmware.labels.step, *firmware.labels.sample):
        near_by, far_away = machine.call(name), far.call(name)
        assert far_away.mix == near_by.mix
        stall = far_away.stalls["remote"]
        assert far_away.cycles.mid - stall.mid == near_by.cycles.mid


def test_remote_memory_is_refused_in_instruction_mode():
    with pytest.raises(SpecError, match="remote memory is counted in edge mode only"):
        Machine(elf("kernels-O2"), mode="instructions", remote=[Range(0x2000_0000, 4)])


def test_hot_blocks_are_shown_with_their_source(machine):
    (block, *_) = machine.call("dot").hot_blocks
    assert block.function == "dot"
    assert block.executions > 1
    assert any(line.text.startswith("vmul.f32") for line in block.lines)
    assert {line.source.partition(":")[0] for line in block.lines} == {"kernels.c"}
    cycles = [each.cycles.mid for each in machine.call("normalise").hot_blocks]
    assert cycles == sorted(cycles, reverse=True)


def test_blocks_hold_all_cycles(machine):
    machine = Machine(machine.elf, n_hot_blocks=1000)
    machine.call("firmware_setup", *SIZES.values(), 1)
    for name in machine.elf.labels.step:
        found = machine.call(name)
        for i, cycles in enumerate(found.cycles):
            assert sum(block.cycles[i] for block in found.hot_blocks) == cycles


def test_sleep_ends_at_once():
    found = Machine(elf("faults")).call("sleeps")
    assert (found.int_result, found.n_instructions) == (7, 4)


FAULTS = [
    (
        "reads_nowhere",
        (
            "reads 4 bytes at 0x50000004, which is not mapped, at 0x00000006 in reads_nowhere "
            "(faults.s:19): ldr r2, [r0, #4]; set the pointer first, or declare registers at "
            "0x50000000:0x1000"
        ),
    ),
    (
        "writes_nowhere",
        (
            "writes 2 bytes at 0x50000002, which is not mapped, at 0x0000000e in writes_nowhere "
            "(faults.s:25): strh r0, [r0, #2]; set the pointer first, or declare registers at "
            "0x50000000:0x1000"
        ),
    ),
    ("writes_code", "writes 4 bytes at 0x00000010, which is read-only, at 0x00000014 in"),
    (
        "jumps_nowhere",
        (
            "jumps to 0x50000000, where there is no code, after 0x0000001a in jumps_nowhere "
            "(faults.s:36): bx r0; set the pointer to the function first, or measure what it calls"
        ),
    ),
    ("jumps_to_arm", "jumps to 0x00000024, which is even, that is to ARM code, after 0x00000022"),
    (
        "loops_forever",
        (
            "has not returned after 5,000 instructions, at 0x00000028 in loops_forever "
            "(faults.s:46): b.w #0x28; allow more, or let the registers that it waits for answer"
        ),
    ),
    ("recurses", "needs more than 64 KB of stack, at 0x0000002c in recurses (faults.s:49): push"),
    ("calls_system", "calls the operating system (SVC), at 0x00000034 in calls_system"),
    ("breaks", "meets a breakpoint (BKPT), at 0x00000038 in breaks (faults.s:58): bkpt #0"),
    (
        "undefined",
        (
            "meets what is no instruction of a Cortex-M4F, at 0x0000003e in undefined "
            "(faults.s:63): udf #0; compile it for a Cortex-M4F"
        ),
    ),
    ("fp_v5", "meets what is no instruction of a Cortex-M4F, at 0x00000044 in fp_v5 (faults.s:68)"),
    ("returns_from_interrupt", "jumps to 0xfffffff0, where there is no code, after"),
    ("takes_five", "takes more arguments than it is given, at 0x00000058 in takes_five"),
]


@pytest.mark.parametrize("mode", ["edges", "instructions"])
@pytest.mark.parametrize(("name", "message"), FAULTS, ids=[name for name, _ in FAULTS])
def test_a_function_that_does_not_come_to_its_end_is_told_where_and_why(mode, name, message):
    machine = Machine(elf("faults"), mode=mode, max_instructions=5_000)
    with pytest.raises(EmulationError) as refused:
        machine.call(name)
    assert str(refused.value).startswith(f"function '{name}' {message}")


def test_a_machine_is_sound_after_a_fault():
    machine = Machine(elf("faults"), max_instructions=5_000)
    expected = machine.call("sleeps")
    for name, _ in FAULTS:
        with pytest.raises(EmulationError):
            machine.call(name)
        assert machine.call("sleeps") == expected


def test_seventeen_floats_are_too_many(machine):
    with pytest.raises(EmulationError, match="is given 17 floats; give it at most 16"):
        machine.call("dot", *[1.0] * 17)


def test_a_measurement_is_plain_data(machine):
    content = machine.call("relu").as_dict()
    assert content["function"] == "relu"
    assert set(content["cycles"]) == {"low", "mid", "high"}
    assert content["hot_blocks"][0]["lines"][0]["text"]
    assert content["mode"] == "edges"
