"""An independent counter of instructions: qemu-arm, one at a time, each logged."""

import re
import struct
import subprocess
from itertools import pairwise

PAGE = 0x1000
CALLER = 0x4000_0000
#: What qemu-arm logs of each instruction: [flags/pc/...]
PC = re.compile(r"\[[0-9a-f]+/([0-9a-f]+)/")


def count(elf, calls, folder):
    """Instructions of each of *calls*, (name, ints), one after the other."""
    program, log = folder / "program.elf", folder / "log"
    program.write_bytes(_program(elf, calls))
    program.chmod(0o755)
    # Of an A profile core, because qemu-arm 7.2 stops at once with cortex-m4; it has all of its
    # instructions.
    flags = ["-cpu", "cortex-a15", "-singlestep", "-d", "nochain,exec", "-D", str(log)]
    subprocess.run(["qemu-arm", *flags, str(program)], check=True, timeout=120)  # noqa: S603, S607 - our own program
    counts = [0]
    for before, pc in pairwise([CALLER, *_pcs(log)]):
        if pc >= CALLER > before:
            counts.append(0)
        counts[-1] += pc < CALLER
    return counts[:-1]


def _pcs(log):
    with log.open() as lines:
        yield from (int(found[1], 16) for found in map(PC.search, lines) if found)


def _program(elf, calls):
    """A Linux program of the segments of *elf*, and of code that makes *calls* and exits."""
    blocks = b"".join(_call(elf.function(name).address, ints) for name, ints in calls)
    leave = struct.pack("<3H", 0x2000, 0x2701, 0xDF00)  # movs r0, #0; movs r7, #1; svc #0
    parts = [(each.address, each.size, each.content) for each in elf.segments]
    code = blocks + leave
    parts.append((CALLER, len(code), code))
    content, headers, at = b"", b"", PAGE
    for address, size, loaded in parts:
        # The loader wants an offset that is equal to the address within a page.
        data = loaded.ljust(size, b"\0")
        at += (address - at) % PAGE
        headers += struct.pack("<8I", 1, at, address, address, len(data), len(data), 7, PAGE)
        content = content.ljust(at - PAGE, b"\0") + data
        at += len(data)
    identity = b"\x7fELF\x01\x01\x01".ljust(16, b"\0")
    header = (2, 40, 1, CALLER | 1, 52, 0, 0x5000400, 52, 32, len(parts), 40, 0, 0)
    start = identity + struct.pack("<HHIIIIIHHHHHH", *header) + headers
    return start.ljust(PAGE, b"\0") + content


def _call(address, ints):
    """Thumb code: load R0 to R3 and a word on the stack, call, go on. A multiple of 4 bytes."""
    words = [*ints, *[0] * (5 - len(ints)), address | 1]
    # sub sp, #8; ldr r4, word 4; str r4, [sp]; ldr r0..r3; ldr r4, address; blx r4; add sp, #8; b
    halfwords = [0xB082, _ldr(4, 1, 4), 0x9400]
    halfwords += [_ldr(i, 3 + i, i) for i in range(4)]
    halfwords += [_ldr(4, 7, 5), 0x47A0, 0xB002, 0xE000 | 12, 0xBF00]
    return struct.pack("<12H6I", *halfwords, *words)


def _ldr(register, at, word):
    """ldr of a word behind the 12 halfwords, as the halfword *at*."""
    base = (2 * at + 4) // 4 * 4
    return 0x4800 | register << 8 | (24 + 4 * word - base) // 4
