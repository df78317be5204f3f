"""Every instruction of ARM's Cortex-M4 timing tables: its class, and what it costs on its own."""

import pytest

from spinn2sim.arm import load_timing
from spinn2sim.arm.decoding import UnknownInstructionError, decode
from spinn2sim.arm.instruction import Kind
from spinn2sim.arm.mnemonics import KINDS
from spinn2sim.arm.pipeline import Pipeline
from tests.arm.firmware import elf, rows

for module in ("capstone", "elftools"):
    pytest.importorskip(module, reason="needs spinn2sim[elf]")

ROWS = list(rows())
BAND = load_timing()


def decoded():
    every = elf("every").symbols["every"]
    (segment,) = [each for each in elf("every").segments if each.is_executable]
    start = every.address - segment.address
    return list(decode(segment.content[start : start + every.size], every.address))


DECODED = decoded()


def test_the_source_and_the_machine_code_have_the_same_instructions():
    assert len(ROWS) == len(DECODED) > 200


@pytest.mark.parametrize(
    ("row", "instruction"),
    list(zip(ROWS, DECODED, strict=True)),
    ids=[f"{each.address:03x} {each.text}" for each in DECODED],
)
def test_an_instruction_is_in_its_class_and_costs_what_the_table_says(row, instruction):
    _, kind, cycles = row
    assert instruction.kind == kind
    if cycles is not None:
        assert tuple(alone(instruction, timing) for timing in BAND) == cycles


def alone(instruction, timing):
    pipeline = Pipeline(timing)
    pipeline.issue(instruction)
    return pipeline.take().cycles


def test_every_class_is_met():
    assert {each.kind for each in DECODED} == set(Kind)


def test_every_known_mnemonic_is_met():
    # The rest are other names by which capstone may call the same instructions.
    other_names = {"movs", "adr", "addw", "subw", "pldw", "ldmdb", "stmdb"}
    met = {each.text.partition(" ")[0].partition(".")[0] for each in DECODED}
    met |= {name.removesuffix("s") for name in met} | {"fconsts", "fmstat", "cps", "it"}
    assert set(KINDS) - met <= other_names


@pytest.mark.parametrize(
    ("text", "results", "fp_operands", "address", "n_words"),
    [
        ("ldr r0, [r1, r2]", {"r0"}, set(), {"r1", "r2"}, 1),
        ("ldr r0, [r1], #4", {"r0"}, set(), {"r1"}, 1),
        ("ldrd r0, r1, [r2], #8", {"r0", "r1"}, set(), {"r2"}, 2),
        ("ldm r0!, {r1, r2, r3}", {"r1", "r2", "r3"}, set(), {"r0"}, 3),
        ("pop {r4, r5, pc}", {"r4", "r5"}, set(), {"sp"}, 3),
        ("push {r4, lr}", set(), set(), {"sp"}, 2),
        ("strex r0, r1, [r2]", {"r0"}, set(), {"r2"}, 1),
        ("smull r0, r1, r2, r3", {"r0", "r1"}, set(), set(), 1),
        ("vldmia r0!, {s0, s1, s2}", {"s0", "s1", "s2"}, set(), {"r0"}, 3),
        ("vldr d0, [r0, #8]", {"s0", "s1"}, set(), {"r0"}, 2),
        ("vldr s0, [pc, #4]", {"s0"}, set(), set(), 1),
        ("vpop {d8}", {"s16", "s17"}, set(), {"sp"}, 2),
        ("vpush {s16}", set(), {"s16"}, {"sp"}, 1),
        ("vstmdb r0!, {d0}", set(), {"s0", "s1"}, {"r0"}, 2),
        ("vstr s0, [r0]", set(), {"s0"}, {"r0"}, 1),
        ("vfma.f32 s0, s1, s2", {"s0"}, {"s0", "s1", "s2"}, set(), 1),
        ("vcmp.f32 s0, s1", {"fpscr"}, {"s0", "s1"}, set(), 1),
        ("vmrs APSR_nzcv, fpscr", set(), {"fpscr"}, set(), 1),
        ("vmov r0, s0", {"r0"}, {"s0"}, set(), 1),
        ("vmov s0, s1, r0, r1", {"s0", "s1"}, set(), set(), 2),
    ],
)
def test_what_an_instruction_waits_for_and_makes(text, results, fp_operands, address, n_words):
    (found,) = [each for row, each in zip(ROWS, DECODED, strict=True) if row[0] == text]
    assert found.results == results
    assert found.fp_operands == fp_operands
    assert found.address_registers == address
    assert found.n_words == n_words


@pytest.mark.parametrize(
    ("code", "what", "address"),
    [
        ("00bf 00fe810a", "vseleq.f32 s0, s1, s2", 0x102),
        ("00bf ffff", "the bytes ffff", 0x102),
        ("", "the bytes ", 0x100),
    ],
)
def test_what_is_no_instruction_of_this_core_is_refused(code, what, address):
    with pytest.raises(UnknownInstructionError) as refused:
        list(decode(bytes.fromhex(code), 0x100))
    assert (refused.value.what, refused.value.address) == (what, address)
