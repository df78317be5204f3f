"""ARM build attributes: for which core, with which floating-point unit, and by which call rules.

The section ``.ARM.attributes`` (Arm IHI 0045, "Addenda to the ABI") is the only place in an ELF
that tells Thumb-1 from Thumb-2 and a core with an FPU from one without. It is read here and not
by pyelftools, which does not come back from a subsection that states a length of 0.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

_FORMAT_VERSION = 0x41
_FILE_SCOPE = 1
#: Tags from 32 on hold text if odd, a number if even; below, these hold text.
_TEXT_TAGS = frozenset({4, 5})
_COMPATIBILITY = 32  # a number and a text

_CPU_ARCH, _CPU_ARCH_PROFILE, _THUMB_ISA, _FP_ARCH, _VFP_ARGS = 6, 7, 9, 10, 28


@dataclass(frozen=True, slots=True)
class Attributes:
    """The build attributes that decide whether code runs on a Cortex-M4F, 0 where not stated."""

    cpu_arch: int = 0
    """Tag_CPU_arch: 10 v7, 11 v6-M, 12 v6S-M, 13 v7E-M, ..."""
    cpu_arch_profile: int = 0
    """Tag_CPU_arch_profile: the letter A, R, M or S."""
    thumb_isa: int = 0
    """Tag_THUMB_ISA_use: 1 Thumb-1, 2 Thumb-2."""
    fp_arch: int = 0
    """Tag_FP_arch: 0 none, 5 VFPv4, 6 VFPv4-D16, ..."""
    vfp_args: int = 0
    """Tag_ABI_VFP_args: 1 if floats are passed in floating-point registers."""


#: Names of Tag_CPU_arch, for messages.
ARCHITECTURES = dict(
    enumerate(
        (
            *("ARMv3", "ARMv4", "ARMv4T", "ARMv5T", "ARMv5TE", "ARMv5TEJ", "ARMv6", "ARMv6KZ"),
            *("ARMv6T2", "ARMv6K", "ARMv7", "ARMv6-M", "ARMv6S-M", "ARMv7E-M", "ARMv8-A"),
            *("ARMv8-R", "ARMv8-M baseline", "ARMv8-M mainline"),
        )
    )
) | {21: "ARMv8.1-M mainline", 22: "ARMv9-A"}


def read_attributes(section: bytes) -> Attributes:
    """What the section ``.ARM.attributes`` states for the whole file.

    :raises ValueError: it is damaged.
    """
    if section[:1] != bytes([_FORMAT_VERSION]):
        raise ValueError("unknown format version")
    values: dict[int, int] = {}
    at = 1
    while at < len(section):
        subsection, at = _block(section, at)
        vendor, _, rest = subsection.partition(b"\0")
        if vendor == b"aeabi":
            values |= _file_attributes(rest)
    return Attributes(
        cpu_arch=values.get(_CPU_ARCH, 0),
        cpu_arch_profile=values.get(_CPU_ARCH_PROFILE, 0),
        thumb_isa=values.get(_THUMB_ISA, 0),
        fp_arch=values.get(_FP_ARCH, 0),
        vfp_args=values.get(_VFP_ARGS, 0),
    )


def _block(content: bytes, at: int, n_before: int = 0) -> tuple[bytes, int]:
    """What a 32-bit length at *at* counts, and where it ends.

    The length counts itself and the *n_before* bytes that stand before it.
    """
    if at + 4 > len(content):
        raise ValueError("cut off")
    (length,) = struct.unpack_from("<I", content, at)
    end = at + length - n_before
    if length < 4 + n_before or end > len(content):
        raise ValueError(f"a part states a length of {length} bytes")
    return content[at + 4 : end], end


def _file_attributes(content: bytes) -> dict[int, int]:
    values: dict[int, int] = {}
    at = 0
    while at < len(content):
        scope = content[at]
        block, at = _block(content, at + 1, n_before=1)
        if scope == _FILE_SCOPE:
            values |= _tags(block)
    return values


def _tags(content: bytes) -> dict[int, int]:
    """Numbers by tag; texts are passed over."""
    values: dict[int, int] = {}
    at = 0
    while at < len(content):
        tag, at = _number(content, at)
        is_text = tag in _TEXT_TAGS or (tag > _COMPATIBILITY and tag % 2 == 1)
        if not is_text:
            values[tag], at = _number(content, at)
        if is_text or tag == _COMPATIBILITY:
            at = _behind_text(content, at)
    return values


def _number(content: bytes, at: int) -> tuple[int, int]:
    """A number in ULEB128, and where it ends."""
    number = shift = 0
    while True:
        if at >= len(content):
            raise ValueError("cut off")
        byte = content[at]
        at += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return number, at


def _behind_text(content: bytes, at: int) -> int:
    end = content.find(b"\0", at)
    if end < 0:
        raise ValueError("cut off")
    return end + 1
