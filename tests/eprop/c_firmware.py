"""The C firmware beside the kernels: what each of its functions must leave in memory.

A ``Memory`` holds the arrays of the firmware by symbol and calls its functions: a library of this
computer, or the emulated Cortex-M4F. ``expected`` says what the kernels make of the same arrays.
"""

import ctypes
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import firmware_models.eprop
from firmware_models.eprop import kernels
from firmware_models.eprop.parameters import EpropParameters
from firmware_models.eprop.program_constants import program_constants

FOLDER = Path(firmware_models.eprop.__file__).with_name("c")
STYLES = ("matrix", "loops", "fused")
LEVELS = ("O0", "O1", "O2", "O3", "Os")
FIRMWARES = [f"{style}-{level}" for style in STYLES for level in LEVELS]
SIZES = [
    {"n_own": 5, "n_in": 7, "n_rec": 24, "n_out": 3},
    {"n_own": 10, "n_in": 80, "n_rec": 120, "n_out": 12},
    {"n_own": 17, "n_in": 1, "n_rec": 17, "n_out": 1},
]
CONSTANTS = program_constants(EpropParameters(), n_timesteps=100)
N_OTHERS, N_FRAMES = 11, 10
TOLERANCE = 1e-5
CANNOT_BUILD = shutil.which("gcc") is None or shutil.which("make") is None


class HostMemory:
    """The firmware as a library of this computer."""

    def __init__(self, library):
        self._library = ctypes.CDLL(str(library))

    def setup(self, sizes, seed=1):
        arguments = (*sizes.values(), seed)
        return self._library.firmware_setup(*(ctypes.c_uint32(number) for number in arguments))

    def call(self, name):
        getattr(self._library, name)()

    def _array(self, symbol, dtype, count):
        kind = np.ctypeslib.as_ctypes_type(dtype) * count
        return np.ctypeslib.as_array(kind.in_dll(self._library, symbol))

    def read(self, symbol, dtype, count):
        return self._array(symbol, dtype, count).copy()

    def write(self, symbol, values):
        self._array(symbol, values.dtype, values.size)[:] = values.ravel()

    def text(self, symbol):
        return ctypes.string_at(ctypes.addressof(ctypes.c_char.in_dll(self._library, symbol)))


def build_host(folder):
    """All firmwares for this computer, into *folder*; skips the test if there is no compiler."""
    if CANNOT_BUILD:
        pytest.skip("gcc or make is not installed on this computer")
    made = subprocess.run(  # noqa: S603 - our own Makefile
        [shutil.which("make"), "--silent", "-C", FOLDER, "host", f"BUILD={folder}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return {name: HostMemory(folder / f"{name}.so") for name in FIRMWARES}


def labels(memory):
    """Functions of a time step, and of a sample."""
    step, sample = memory.text("firmware_labels").decode().split("|")
    return step.split(","), sample.split(",")


def shapes(style, sizes):
    """Shape of each array of float32, by symbol."""
    own, n_in, rec, out = sizes.values()
    rows_in = own if style == "matrix" else 1
    rows_rec = 1 if style == "fused" else own
    return {
        "x": (n_in,),
        "frames": (N_FRAMES, n_in),
        **dict.fromkeys(("current", "v", "a", "psi", "zbar", "zbar_sum"), (own,)),
        "learning_signal_own": (own,),
        **dict.fromkeys(("z", "z_before"), (rec,)),
        **{f"{kind}_in": (own, n_in) for kind in ("w", "dw", "m", "v", "eps_a", "e_bar")},
        **{f"{kind}_rec": (own, rec) for kind in ("w", "dw", "m", "v", "eps_a", "e_bar")},
        **{f"{kind}_out": (out, own) for kind in ("w", "dw", "m", "v")},
        "eps_v_in": (rows_in, n_in),
        "eps_v_rec": (rows_rec, rec),
        **dict.fromkeys(("y_sum", "error"), (out,)),
        "partial_outputs": (N_OTHERS, out),
    }


def arrays(memory, style, sizes):
    """Copies of all arrays, by symbol."""
    return {
        symbol: memory.read(symbol, np.float32, int(np.prod(shape))).reshape(shape)
        for symbol, shape in shapes(style, sizes).items()
    }


def number(memory, symbol):
    return int(memory.read(symbol, np.uint32, 1)[0])


def rate(memory):
    return memory.read("rate", np.float32, 1)[0]


def stage(function):
    """Functions that only together do what a kernel does are one stage."""
    for prefix in ("e_prop__eps_v", "e_prop", "weight_update"):
        if function.startswith(prefix):
            return prefix
    return function


def excite(memory, sizes):
    """Membrane potentials of which half are above the threshold."""
    v = np.linspace(0, 4, sizes["n_own"], dtype=np.float32)
    memory.write("v", v)


def stages(functions):
    """The functions of each stage, in order."""
    found = {}
    for function in functions:
        found.setdefault(stage(function), []).append(function)
    return found


def expected(name, memory, before):
    """Arrays that the stage *name* must leave, by the kernels, from the arrays *before*."""
    after = {symbol: array.copy() for symbol, array in before.items()}
    first = number(memory, "first")
    EXPECTED[name](after, first, memory)
    return after


def _neurons(s, first, _):
    spiked, z = s["z_before"] > 0, s["z"] > 0
    kernels.alif_update(s["current"], spiked, s["v"], s["a"], z, s["psi"], first, CONSTANTS)
    s["z"][:] = z


def _eligibility(s, first, _):
    eps_v_rec = np.broadcast_to(s["eps_v_rec"], s["w_rec"].shape).copy()
    for j in range(len(eps_v_rec)):
        eps_v_rec[j, first + j] = 0
    for kind, eps_v in (("in", s["eps_v_in"]), ("rec", eps_v_rec)):
        traces = (s[f"eps_a_{kind}"], s[f"e_bar_{kind}"], s[f"dw_{kind}"])
        kernels.eligibility(s["psi"], eps_v, *traces, CONSTANTS)


def _eps_v(s, first, _):
    kernels.presynaptic_trace(s["x"], s["eps_v_in"], CONSTANTS)
    kernels.presynaptic_trace(s["z_before"], s["eps_v_rec"], CONSTANTS)
    if len(s["eps_v_rec"]) > 1 or len(s["w_rec"]) == 1:
        for j in range(len(s["eps_v_rec"])):
            s["eps_v_rec"][j, first + j] = 0


def _readout(s, summed):
    partial = np.zeros(len(s["w_out"]), np.int64)
    assert kernels.partial_output(s["w_out"], summed, partial, CONSTANTS)
    return partial * float(CONSTANTS["fixed_step"][0]) / float(CONSTANTS["per_timestep"][0])


def _read_input(s, _first, memory):
    s["x"][:] = s["frames"][number(memory, "frame")]


def _receive(s, _first, memory):
    keys = memory.read("comms_keys", np.uint32, number(memory, "comms_n_keys"))
    s["z"][keys] = 1


def _advance(s, *_):
    s["z_before"][:] = s["z"]
    s["z"][:] = 0


def _error(s, _first, memory):
    output = s["y_sum"] * float(CONSTANTS["per_timestep"][0])
    kernels.softmax(np.rint(output * 2.0**40).astype(np.int64), s["error"], CONSTANTS)
    s["error"][number(memory, "target")] -= 1


def _update(s, _first, memory):
    for kind in ("in", "rec"):
        signal = s["learning_signal_own"]
        kernels.gradient(s[f"dw_{kind}"], s[f"w_{kind}"], signal, CONSTANTS)
    kernels.output_gradient(s["dw_out"], s["w_out"], s["error"], s["zbar_sum"], CONSTANTS)
    for kind in ("in", "rec", "out"):
        weights = (s[f"{array}_{kind}"] for array in ("w", "dw", "m", "v"))
        kernels.adam(*weights, rate(memory), CONSTANTS)


def _unchanged(*_):
    pass


EXPECTED = {
    "read_input": _read_input,
    "input_current": lambda s, *_: kernels.input_current(s["x"], s["w_in"], s["current"]),
    "recurrent_current": lambda s, *_: kernels.recurrent_current(
        s["z_before"] > 0, s["w_rec"], s["current"]
    ),
    "alif_update": _neurons,
    "pseudo_derivative": lambda s, *_: kernels.pseudo_derivative(s["psi"], CONSTANTS),
    "send_spikes": _unchanged,
    "receive_spikes": _receive,
    "sync": _unchanged,
    "e_prop__eps_v": _eps_v,
    "e_prop": _eligibility,
    "output__trace": lambda s, first, _: kernels.output_trace(
        s["z"] > 0, s["zbar"], s["zbar_sum"], first, CONSTANTS
    ),
    "output__readout": lambda s, *_: s["y_sum"].__iadd__(_readout(s, s["zbar"]).astype(np.float32)),
    "output__advance": _advance,
    "learning_signal__readout": lambda s, *_: s["y_sum"].__setitem__(
        slice(None), _readout(s, s["zbar_sum"])
    ),
    "reduce_output": lambda s, *_: s["y_sum"].__iadd__(s["partial_outputs"].sum(axis=0)),
    "softmax_loss": _error,
    "learning_signal": lambda s, *_: kernels.learning_signal(
        s["w_out"], s["error"], s["learning_signal_own"], CONSTANTS
    ),
    "weight_update": _update,
}


def assert_agrees(found, wanted):
    """To TOLERANCE of the largest entry of each array, and of each entry that is not tiny."""
    for symbol, array in wanted.items():
        scale = float(np.abs(array).max(initial=0))
        np.testing.assert_allclose(
            found[symbol], array, rtol=TOLERANCE, atol=TOLERANCE * scale, err_msg=symbol
        )
