"""The prebuilt ELF files: fresh, small, and what a measuring machine expects to find."""

import hashlib
import re
import shutil
import subprocess

import numpy as np
import pytest

from tests.eprop.c_firmware import CONSTANTS, FIRMWARES, FOLDER

elffile = pytest.importorskip("elftools.elf.elffile", reason="needs spinn2sim[elf]")

#: Kilobytes of code of one style, and of a file with its line table.
MOST_CODE, MOST_FILE = 8 * 1024, 32 * 1024


@pytest.fixture(params=FIRMWARES)
def elf(request):
    with (FOLDER / "elf" / f"{request.param}.elf").open("rb") as file:
        yield elffile.ELFFile(file)


def symbol(elf, name):
    (found,) = elf.get_section_by_name(".symtab").get_symbol_by_name(name)
    return found


def text_at(elf, name):
    """The text of the array *name*, in the section that holds it."""
    found = symbol(elf, name)
    section = elf.get_section(found["st_shndx"])
    start = found["st_value"] - section["sh_addr"]
    return section.data()[start : start + found["st_size"]].rstrip(b"\0").decode()


def sources():
    """The files that a firmware is built of, in the order of their names."""
    paths = [*FOLDER.glob("*.c"), *FOLDER.glob("*.h"), FOLDER / "firmware.ld", FOLDER / "Makefile"]
    return sorted(paths, key=lambda path: path.name)


def test_an_elf_is_built_of_the_sources_beside_it(elf):
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources())).hexdigest()
    assert f"sources sha256 {digest[:16]}" in text_at(elf, "firmware_build")


def test_an_elf_is_a_small_image_for_cortex_m4f(elf):
    assert elf["e_machine"] == "EM_ARM"
    assert elf["e_flags"] & 0x400  # arguments in float registers
    code, data = (segment.header for segment in elf.iter_segments("PT_LOAD"))
    assert (code["p_vaddr"], data["p_vaddr"]) == (0, 0x20000000)
    assert code["p_filesz"] < MOST_CODE
    assert data["p_filesz"] == 0
    assert elf.stream.seek(0, 2) < MOST_FILE


def test_every_listed_function_is_there_to_be_called(elf):
    for name in re.split("[,|]", text_at(elf, "firmware_labels")):
        found = symbol(elf, name)
        assert found["st_info"]["type"] == "STT_FUNC"
        assert found["st_size"] > 0


def test_an_elf_says_its_style_and_level(elf):
    name = elf.stream.name.rpartition("/")[2].removesuffix(".elf")
    style, level = name.split("-")
    build = text_at(elf, "firmware_build")
    assert build.startswith(f"style {style}; gcc ")
    assert f"flags -{level} " in build


def test_line_numbers_are_there_and_no_path_of_the_computer_that_built_it(elf):
    files = [unit.get_top_DIE().get_full_path() for unit in elf.get_dwarf_info().iter_CUs()]
    assert len(files) >= 4
    assert {path.rpartition("/")[0] for path in files} == {"."}


def test_constants_are_those_of_the_default_network_to_the_bit():
    header = (FOLDER / "layout.h").read_text()
    defined = dict(re.findall(r"#define (\w+) (-?[\d.e-]+)f", header))
    constants = {name.upper(): CONSTANTS[name][0] for name in CONSTANTS.dtype.names}
    assert len(defined) == 24
    for name, value in defined.items():
        assert np.float32(value) == constants[name], name
    taylor = re.findall(r"exp_r = (?:exp_r \* r \+ )?([\d.e-]+)f;", header)
    assert np.array_equal(np.float32(taylor)[::-1], CONSTANTS["exp_taylor"][0])


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - ours
    return done.stdout.strip()


COMPILER, MAKE = shutil.which("arm-none-eabi-gcc"), shutil.which("make")


@pytest.mark.skipif(not (COMPILER and MAKE), reason="arm-none-eabi-gcc or make is not installed")
@pytest.mark.parametrize("name", ["matrix-O2", "loops-O0", "fused-Os"])
def test_the_same_compiler_builds_the_same_bytes(name, tmp_path):
    with (FOLDER / "elf" / f"{name}.elf").open("rb") as file:
        kept = text_at(elffile.ELFFile(file), "firmware_build")
    version = run(COMPILER, "-dumpfullversion")
    if f"gcc {version} " not in kept:
        pytest.skip(f"another compiler than that of the files: {version}")
    folder = tmp_path / "c"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("elf"))

    run(MAKE, "--silent", "-C", folder, f"elf/{name}.elf")

    built, kept_file = folder / "elf" / f"{name}.elf", FOLDER / "elf" / f"{name}.elf"
    assert built.read_bytes() == kept_file.read_bytes()
