"""IT blocks in code assembled by hand, with the encodings of ARMv7-M's manual (DDI 0403)."""

import struct

import pytest

from spinn2sim.arm.conditionals import it_blocks
from spinn2sim.arm.elf_header import Segment

#: IT EQ, ITT EQ, ITTT EQ, ITTTT EQ, and ITE EQ: 0xBF, the condition, a mask that ends in a 1.
IT, ITT, ITTT, ITTTT, ITE = 0xBF08, 0xBF04, 0xBF02, 0xBF01, 0xBF0C
NOP, WFI = 0xBF00, 0xBF30  # hints: the encoding of IT with a mask of 0
MOV = 0x2001  # MOVS r0, #1
ADD_W = (0xF100, 0x0001)  # ADD.W r0, r0, #1; 32 bits
LDR_W, VADD = (0xF8D0, 0x0000), (0xEE30, 0x0A00)
MOV_LIKE = 0xE000  # B, 16 bits, the highest that are not wide


def segment(*halfwords, address=0x100, is_executable=True):
    code = struct.pack(f"<{len(halfwords)}H", *halfwords)
    return Segment(address, len(code), code, is_writable=False, is_executable=is_executable)


@pytest.mark.parametrize(
    ("it", "block"),
    [
        (IT, (0x102,)),
        (ITT, (0x102, 0x104)),
        (ITE, (0x102, 0x104)),
        (ITTT, (0x102, 0x104, 0x106)),
        (ITTTT, (0x102, 0x104, 0x106, 0x108)),
    ],
)
def test_the_mask_says_how_many_instructions_are_conditional(it, block):
    assert it_blocks([segment(it, MOV, MOV, MOV, MOV, MOV)], [0x100]) == (block,)


@pytest.mark.parametrize("hint", [NOP, WFI])
def test_a_hint_is_no_it(hint):
    assert it_blocks([segment(hint, *[MOV] * 6)], [0x100]) == ()


@pytest.mark.parametrize("wide", [ADD_W, LDR_W, VADD])
def test_a_wide_instruction_takes_two_halfwords(wide):
    assert it_blocks([segment(ITT, *wide, MOV)], [0x100]) == ((0x102, 0x106),)


def test_the_second_half_of_a_wide_instruction_is_no_it():
    assert it_blocks([segment(ADD_W[0], IT, MOV)], [0x100]) == ()


def test_the_highest_narrow_instruction_takes_one_halfword():
    assert it_blocks([segment(MOV_LIKE, IT, MOV)], [0x100]) == ((0x104,),)


def test_blocks_behind_one_another_are_apart():
    assert it_blocks([segment(IT, MOV, ITT, MOV, MOV)], [0x100]) == ((0x102,), (0x106, 0x108))


def test_each_function_is_scanned_from_its_own_address():
    # The constant before the second function looks like the first half of a wide instruction.
    code = segment(MOV, ADD_W[0], IT, MOV)
    assert it_blocks([code], [0x100]) == ()
    assert it_blocks([code], [0x104, 0x100, 0x100]) == ((0x106,),)


def test_a_function_ends_where_the_next_begins():
    assert it_blocks([segment(MOV, IT, MOV)], [0x100, 0x102]) == ((0x104,),)


def test_functions_elsewhere_and_what_is_not_executable_are_left_out():
    code, constants = segment(IT, MOV), segment(IT, MOV, address=0x200, is_executable=False)
    assert it_blocks([code, constants], [0x100, 0x200, 0x104, 0x0FE]) == ((0x102,),)
