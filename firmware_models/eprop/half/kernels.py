"""Rounding float32 numbers to 16 bits and back, in place: what a store and the next load do.

Round to nearest, ties to even. A bfloat16 has float32's exponent and 7 bits of fraction, so it is
the upper half of a float32; a float16 has 10 bits of fraction, is whole multiples of 2**-24 below
2**-14, and infinite beyond 65,504.
"""

# ruff: noqa: PLR0917 - kernels take arrays, and by position is how numba takes them fast

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware_models.eprop.kernels import alif_eligibility, compiled, inlined, lif_eligibility
from spinn2sim.compiled import forget_stale

forget_stale(__file__, root=Path(__file__).parents[1])

Array = NDArray[Any]

#: Ways to store a number; KEEP leaves it as it is.
KEEP, BFLOAT16, FLOAT16 = range(3)

#: Parts of a float32: its size without the sign, the sign, and the size of infinity.
SIZE, SIGN, INFINITE = np.uint32(0x7FFFFFFF), np.uint32(0x80000000), np.uint32(0x7F800000)
ONE = np.uint32(1)

#: Of each type: fraction bits that float32 has more, half a unit in the last place less one, and
#: the bits that stay.
BFLOAT16_CUT, BFLOAT16_HALF, BFLOAT16_KEPT = np.uint32(16), np.uint32(0x7FFF), np.uint32(0xFFFF0000)
FLOAT16_CUT, FLOAT16_HALF, FLOAT16_KEPT = np.uint32(13), np.uint32(0xFFF), np.uint32(0xFFFFE000)

#: Size of the first number that is infinite in float16, and of the first that is not in steps of
#: 2**-24, which is FLOAT16_NORMAL: 2**16 and 2**-14.
FLOAT16_BEYOND, FLOAT16_FIRST = np.uint32(0x47800000), np.uint32(0x38800000)
FLOAT16_NORMAL, FLOAT16_STEP = np.float32(2.0**-14), np.float32(2.0**-24)
FLOAT16_STEPS = np.float32(2.0**24)


@inlined
def round_row(values: Array, kind: int) -> None:
    """Rounds *values*, one row of float32, to what *kind* of storage holds. Nan stays nan."""
    if kind == BFLOAT16:
        _round_bfloat16(values.view(np.uint32))
    elif kind == FLOAT16:
        _round_float16(values.view(np.uint32))
        for i in range(len(values)):
            steps = np.rint(values[i] * FLOAT16_STEPS) * FLOAT16_STEP
            values[i] = steps if abs(values[i]) < FLOAT16_NORMAL else values[i]


@inlined
def _round_bfloat16(bits: Array) -> None:
    for i in range(len(bits)):
        up = np.uint32(bits[i] + BFLOAT16_HALF + ((bits[i] >> BFLOAT16_CUT) & ONE)) & BFLOAT16_KEPT
        bits[i] = up if (bits[i] & SIZE) <= INFINITE else bits[i]


@inlined
def _round_float16(bits: Array) -> None:
    """Those from FLOAT16_NORMAL on."""
    for i in range(len(bits)):
        size = bits[i] & SIZE
        up = np.uint32(size + FLOAT16_HALF + ((size >> FLOAT16_CUT) & ONE)) & FLOAT16_KEPT
        up = up if up < FLOAT16_BEYOND else INFINITE
        changes = (size >= FLOAT16_FIRST) & (size <= INFINITE)
        bits[i] = (bits[i] & SIGN) | (up if changes else size)


@compiled
def round_matrix(matrix: Array, kind: int) -> None:
    """Rounds *matrix*, float32."""
    for j in range(len(matrix)):
        round_row(matrix[j], kind)


@compiled
def eligibility_sums(
    psi: Array,
    eps_v: Array,
    n_lif: int,
    dw: Array,
    kinds: tuple[int, int, int],
    constants: Array,
) -> None:
    """``training.kernels`` sums of e_bar over time, with eps_a, e_bar and dw of *kinds*."""
    eps_a, e_bar = np.empty_like(eps_v[0]), np.empty_like(eps_v[0])
    for j in range(len(dw)):
        total = dw[j]
        eps_a[:] = 0
        e_bar[:] = 0
        total[:] = 0
        for t in range(len(psi)):
            if j < n_lif:
                lif_eligibility(psi[t, j], eps_v[t], e_bar, total, constants)
            else:
                alif_eligibility(psi[t, j], eps_v[t], eps_a, e_bar, total, constants)
            round_row(eps_a, kinds[0])
            round_row(e_bar, kinds[1])
            round_row(total, kinds[2])


@compiled
def presynaptic_traces(pre: Array, delay: int, kind: int, constants: Array) -> Array:
    """eps_v of *kind*, of every time step; pre comes *delay* time steps late."""
    c = constants[0]
    eps_v = np.zeros_like(pre)
    now = np.zeros_like(pre[0])
    for t in range(delay, len(pre)):
        here = pre[t - delay]
        for i in range(len(now)):
            now[i] = c.alpha * now[i] + c.g_in * here[i]
        eps_v[t] = now
        round_row(now, kind)
    return eps_v
