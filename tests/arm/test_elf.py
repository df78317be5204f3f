"""A firmware file: what is read from it, and what is said of one that cannot be used."""

import hashlib
import random
import struct
from contextlib import suppress

import pytest

from spinn2sim.arm import Machine, load_elf
from spinn2sim.arm.attributes import Attributes, read_attributes
from spinn2sim.arm.conditionals import it_blocks
from spinn2sim.arm.elf_header import MAX_MEMORY
from spinn2sim.errors import ElfError, EmulationError, MissingFileError, Spinn2SimError, SymbolError
from tests.arm.firmware import FOLDER, elf

for module in ("unicorn", "capstone", "elftools"):
    pytest.importorskip(module, reason="needs spinn2sim[elf]")

GOOD = (FOLDER / "kernels-O2.elf").read_bytes()
COMPILE = "compile with -mcpu=cortex-m4 -mthumb -mfpu=fpv4-sp-d16 -mfloat-abi=hard"
#: Offsets in the file header (Tool Interface Standard ELF 1.2).
CLASS, ORDER, TYPE, MACHINE, SEGMENTS, SECTIONS, FLAGS = 4, 5, 16, 18, 28, 32, 36
N_SEGMENTS, N_SECTIONS = 44, 48
FILE_SIZE, MEMORY_SIZE, ADDRESS = 16, 20, 8  # in a program header
#: The build attributes of GOOD, as tag and value.
CPU_ARCH, PROFILE, THUMB, FP_ARCH, VFP_ARGS = b"\6\15", b"\7M", b"\11\2", b"\12\6", b"\34\1"


def changed(at, form, *values, content=GOOD):
    found = bytearray(content)
    struct.pack_into(f"<{form}", found, at, *values)
    return bytes(found)


def with_attribute(old, new):
    start = GOOD.index(b"aeabi\0")
    assert GOOD.count(old, start) >= 1
    return GOOD[:start] + GOOD[start:].replace(old, new, 1)


def segment(number, field):
    (start,) = struct.unpack_from("<I", GOOD, SEGMENTS)
    return start + 32 * number + field


def refusal(tmp_path, content):
    path = tmp_path / "x.elf"
    path.write_bytes(content)
    with pytest.raises(ElfError) as refused:
        load_elf(path)
    message = str(refused.value)
    assert message.startswith(f"ELF {path}: ")
    return message.removeprefix(f"ELF {path}: ")


def test_a_firmware_says_what_it_is():
    firmware = elf("kernels-O2")
    assert firmware.sha256 == hashlib.sha256(GOOD).hexdigest()
    assert firmware.build == "test kernels; flags -O2"
    assert firmware.labels.step == ("dot", "axpy", "relu", "normalise", "threshold")
    assert firmware.labels.sample == ("roots", "horner")
    code, data = firmware.segments
    assert (code.address, code.is_executable, code.is_writable) == (0, True, False)
    assert (data.address, data.is_executable, data.is_writable) == (0x2000_0000, False, True)
    assert data.size > len(data.content)


def test_a_firmware_without_labels_has_none():
    assert elf("micro").labels is None
    assert elf("micro").build is None


def test_a_place_has_its_function_and_source_line():
    dot = elf("kernels-O2").function("dot")
    assert elf("kernels-O2").place(dot.address) == f"0x{dot.address:08x} in dot (kernels.c:31)"
    assert elf("kernels-O2").place(0x1234_5678) == "0x12345678"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("dto", "'dto' is no function; did you mean 'dot'?"),
        ("spikes", "'spikes' is a variable, not a function; name a function"),
        ("zzz", "'zzz' is no function; it has: axpy, copy, dot, firmware_setup, horner, "),
    ],
)
def test_a_function_that_is_not_there_is_told_with_the_nearest(name, message):
    with pytest.raises(SymbolError) as refused:
        elf("kernels-O2").function(name)
    assert str(refused.value).startswith(f"ELF {FOLDER / 'kernels-O2.elf'}: {message}")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "twice",
            (
                "'twice' has no code of its own, it was inlined into step; declare it "
                "__attribute__((noinline)), or measure the other"
            ),
        ),
        (
            "power",
            (
                "'power' was rewritten by the compiler; declare it __attribute__((noinline, "
                "noclone)), or measure 'power.constprop.0'"
            ),
        ),
    ],
)
def test_a_function_that_the_compiler_did_away_with_is_told_so(name, message):
    with pytest.raises(SymbolError) as refused:
        elf("debug").function(name)
    assert message in str(refused.value)


def test_a_function_of_arm_code_is_told_so(tmp_path):
    # Without bit 0 of its address in the symbol table.
    firmware = elf("kernels-O2")
    at = GOOD.index(struct.pack("<I", firmware.function("dot").address | 1))
    path = tmp_path / "x.elf"
    path.write_bytes(changed(at, "I", firmware.function("dot").address))
    with pytest.raises(SymbolError, match="'dot' is ARM code, which a Cortex-M cannot run"):
        load_elf(path).function("dot")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(MissingFileError, match=r"ELF not found: .*none\.elf"):
        load_elf(tmp_path / "none.elf")
    with pytest.raises(MissingFileError, match="ELF not found"):
        load_elf(tmp_path)


FOREIGN = [
    (b"", "not an ELF file, it starts with nothing; give the linker's output, not the .bin or"),
    (b":10000000", "not an ELF file, it starts with 3a313030; give the linker's output"),
    (GOOD[:40], "damaged: the header is cut off after 40 bytes; build or copy it again"),
    (changed(MACHINE, "H", 62, content=changed(CLASS, "B", 2)), "not ARM, it is for x86-64; "),
    (changed(MACHINE, "H", 3), f"not ARM, it is for x86; {COMPILE}"),
    (changed(MACHINE, "H", 243), f"not ARM, it is for RISC-V; {COMPILE}"),
    (changed(MACHINE, "H", 9999), f"not ARM, it is for machine 9999; {COMPILE}"),
    (changed(CLASS, "B", 2), f"a 64-bit ELF; {COMPILE}"),
    (
        changed(ORDER, "B", 2, content=changed(MACHINE, "BB", 0, 40)),
        f"big-endian; leave out -mbig-endian; {COMPILE}",
    ),
    (changed(FLAGS, "I", 0x5800400), f"big-endian data (BE8); {COMPILE}"),
    (changed(TYPE, "H", 1), "an object file, its addresses are not final; link it"),
    (changed(TYPE, "H", 3), "not an executable (type 3); link it with -static -no-pie"),
    (changed(FLAGS, "I", 0x4000400), f"version 4 of the ARM EABI, expected 5; {COMPILE}"),
    (
        changed(FLAGS, "I", 0x5000200),
        (
            "no FPU ABI: floats are passed in core registers (-mfloat-abi=soft or softfp); "
            f"{COMPILE}"
        ),
    ),
    (with_attribute(FP_ARCH, b"\12\0"), f"compiled for a core without FPU; {COMPILE}"),
    (with_attribute(FP_ARCH, b"\12\10"), f"compiled for the FPv5 unit of a Cortex-M7; {COMPILE}"),
    (
        with_attribute(THUMB, b"\11\1"),
        f"Thumb-1 only (ARMv7E-M), as for a Cortex-M0; {COMPILE}",
    ),
    (
        with_attribute(CPU_ARCH, b"\6\13"),
        f"Thumb-1 only (ARMv6-M), as for a Cortex-M0; {COMPILE}",
    ),
    (
        with_attribute(CPU_ARCH, b"\6\21"),
        f"for a newer core (ARMv8-M mainline) than the Cortex-M4; {COMPILE}",
    ),
    (
        with_attribute(CPU_ARCH + PROFILE, b"\6\12\7A"),
        f"not for a Cortex-M (ARMv7, profile A); {COMPILE}",
    ),
    (with_attribute(CPU_ARCH, b"\6\4"), f"not for a Cortex-M (ARMv5TE, profile M); {COMPILE}"),
    (
        changed(N_SECTIONS, "H", 0),
        "it has no .ARM.attributes section, so nothing says for which core it is; link it without",
    ),
    (
        changed(SECTIONS, "I", len(GOOD)),
        "damaged: the table of section headers is cut off or has entries of a wrong size; build",
    ),
    (changed(N_SEGMENTS, "H", 0), "it has no code to load; link it with a linker script"),
    (
        changed(N_SEGMENTS, "H", 60000),
        "damaged: the table of program headers is cut off or has entries of a wrong size; build",
    ),
    (
        changed(segment(0, FILE_SIZE), "I", 10**6),
        "damaged: the segment at 0x00000000 reaches beyond the file; build or copy it again",
    ),
    (
        changed(segment(1, ADDRESS), "I", 0xFFFF_FFF0),
        "damaged: the segment at 0xfffffff0 reaches beyond 4 GB; build or copy it again",
    ),
    (changed(segment(1, ADDRESS), "I", 4), "damaged: segments overlap at 0x00000004; build or"),
    (
        changed(segment(1, MEMORY_SIZE), "I", MAX_MEMORY),
        "its segments ask for 67,109,703 bytes of memory, more than 67,108,864; make its arrays",
    ),
    (
        changed(GOOD.index(b"aeabi\0\1") + 7, "I", 0),
        "damaged: build attributes: a part states a length of 0 bytes; build or copy it again",
    ),
]


@pytest.mark.parametrize(("content", "message"), FOREIGN, ids=[each for _, each in FOREIGN])
def test_a_foreign_or_damaged_file_is_told_what_is_wrong_with_it(tmp_path, content, message):
    assert refusal(tmp_path, content).startswith(message)


def test_a_stripped_file_is_told_to_have_no_symbols(tmp_path):
    assert load_elf(FOLDER / "kernels-O2.elf").symbols
    # The symbol table called something else.
    names = GOOD.rindex(b".symtab\0")
    content = changed(names, "8s", b".symbol\0")
    expected = "it has no symbols; link without -s and do not strip it"
    assert refusal(tmp_path, content) == expected


def test_symbols_that_cannot_be_read_are_damage(tmp_path):
    (start,) = struct.unpack_from("<I", GOOD, SECTIONS)
    (n_sections,) = struct.unpack_from("<H", GOOD, N_SECTIONS)
    kinds = [struct.unpack_from("<I", GOOD, start + 40 * i + 4)[0] for i in range(n_sections)]
    link = start + 40 * kinds.index(2) + 24
    assert refusal(tmp_path, changed(link, "I", 9999)).startswith("damaged: its symbols cannot be")


@pytest.mark.parametrize("level", ["O1", "O2", "O3"])
@pytest.mark.parametrize("seed", range(40))
def test_random_damage_ends_in_a_clear_error_or_in_a_measurement(tmp_path, level, seed):
    chance = random.Random(seed)  # noqa: S311 - repeatable damage
    content = damaged((FOLDER / f"kernels-{level}.elf").read_bytes(), chance)
    path = tmp_path / "x.elf"
    path.write_bytes(content)
    messages = []
    try:
        machine = Machine(load_elf(path), max_instructions=5_000)
        for name in ("firmware_setup", "dot", "relu", "normalise", "nothing"):
            with suppress(EmulationError):
                assert machine.call(name, 2, 3, 4, 5, 6).n_instructions > 0
    except Spinn2SimError as error:
        messages.append(str(error))
    assert all(message.startswith("ELF ") for message in messages)


def damaged(content, chance):
    """*content* cut off, or with some bytes of its header, its code or anywhere changed."""
    kind = chance.randrange(4)
    if kind == 0:
        return content[: chance.randrange(len(content))]
    start, end = [(0, 52), (116, 600), (0, len(content))][kind - 1]
    found = bytearray(content)
    for _ in range(chance.randrange(1, 12)):
        found[chance.randrange(start, end)] = chance.randrange(256)
    return bytes(found)


@pytest.mark.parametrize(
    "section",
    [
        b"",
        b"B",
        b"A\0\0\0\0aeabi\0",
        b"A\20\0\0\0aeabi\0",
        b"A\20\0\0\0aeabi\0\1\0\0\0\0\0",
        b"A\22\0\0\0aeabi\0\1\10\0\0\0\6\200\200",
        b"A\21\0\0\0aeabi\0\1\7\0\0\0\5x",
        b"A\1",
    ],
)
def test_damaged_build_attributes_are_an_error_and_no_endless_loop(section):
    with pytest.raises(ValueError, match=r"cut off|states a length|unknown format"):
        read_attributes(section)


def test_build_attributes_of_other_vendors_and_scopes_are_passed_over():
    other = b"\x0a\0\0\0acme\0\x77"
    symbol_scope = b"\3\x07\0\0\0\6\x01"
    file_scope = b"\1\x0c\0\0\0\5M4\0\6\x0d\x20\x01x\0"
    file_scope = b"\1" + struct.pack("<I", len(file_scope)) + file_scope[5:]
    aeabi = b"aeabi\0" + symbol_scope + file_scope
    section = b"A" + other + struct.pack("<I", len(aeabi) + 4) + aeabi
    assert read_attributes(section) == Attributes(cpu_arch=13)


def test_it_blocks_are_found_between_narrow_and_wide_instructions():
    (code, _) = elf("micro").segments
    name_of = {each.address: each.name for each in elf("micro").symbols.values()}
    functions = [each.address for each in elf("micro").symbols.values() if each.is_function]
    found = {
        name_of[max(address for address in functions if address <= block[0])]: len(block)
        for block in it_blocks([code], functions)
    }
    assert found == {"it_folded": 1, "it_skips": 1, "it_after_wide": 1, "it_else": 3}
