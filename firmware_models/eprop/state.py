"""The data SRAM of one PE: every array that its program uses, allocated by name.

Reading A of the paper's memory figures: W, dW, m, v, eps_a and e_bar for each synapse; eps_v one
row for the inputs, the same for all postsynaptic neurons, but a matrix for the recurrent synapses,
where the zeroed diagonal makes rows differ; e is used as it is made and not kept. What a LIF neuron
or another optimiser does without, and what a mini-batch adds, shows here.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from firmware_models.eprop.parameters import EpropParameters, Optimiser
from spinn2sim.firmware import PEContext, SramLayout

Array = NDArray[Any]

#: Which stream of random numbers a matrix is drawn from.
STREAMS = {"w_in": 0, "w_rec": 1, "w_out": 2, "b_out": 3}

#: What an optimiser keeps for each weight, in the order in which its kernel takes it: the running
#: mean m of the gradient, and v of its square.
KEPT: dict[Optimiser, tuple[str, ...]] = {
    "adam": ("m", "v"),
    "rmsprop": ("v",),
    "momentum": ("m",),
    "sgd": (),
}

#: Distance of two neurons in the period of the generator, far more than a neuron draws.
DRAWS_PER_NEURON = 2**64


class Trained(NamedTuple):
    """A weight matrix with what its update needs; all arrays have its shape."""

    w: Array
    dw: Array
    kept: tuple[Array, ...]
    """What the optimiser keeps, in its order."""
    batch: Array | None
    """Mean gradient of the mini-batch so far; None if each gradient is followed at once."""


class State:
    """Arrays of the postsynaptic neurons *own*; dw_in and dw_rec gather sum_t e_bar in a sample."""

    def __init__(self, parameters: EpropParameters, pe: PEContext, own: range) -> None:
        self.layout = layout = SramLayout()
        self.own, self._parameters = own, parameters
        n_alif = len(own[max(parameters.n_lif - own.start, 0) :])
        n_post, n_in, n_rec, n_out = len(own), parameters.n_in, parameters.n_rec, parameters.n_out
        real = np.dtype(parameters.precision)

        self.x = layout.array("x", (2 * pe.steps_per_buffer, n_in), real)
        self.n_frames = 0

        self.w_in = layout.array("w_in", (n_post, n_in), real, is_weight=True)
        self.dw_in = layout.array("dw_in", (n_post, n_in), real)
        trained_in = self._trained("in", self.w_in, self.dw_in)
        self.eps_v_in = layout.array("eps_v_in", (1, n_in), real)
        self.eps_a_in = layout.array("eps_a_in", (n_alif, n_in), real)
        self.e_bar_in = layout.array("e_bar_in", (n_post, n_in), real)

        self.w_rec = layout.array("w_rec", (n_post, n_rec), real, is_weight=True)
        self.dw_rec = layout.array("dw_rec", (n_post, n_rec), real)
        trained_rec = self._trained("rec", self.w_rec, self.dw_rec)
        self.eps_v_rec = layout.array("eps_v_rec", (n_post, n_rec), real)
        self.eps_a_rec = layout.array("eps_a_rec", (n_alif, n_rec), real)
        self.e_bar_rec = layout.array("e_bar_rec", (n_post, n_rec), real)

        self.w_out = layout.array("w_out", (n_out, n_post), real, is_weight=True)
        self.dw_out = layout.array("dw_out", (n_out, n_post), real)
        trained_out = self._trained("out", self.w_out, self.dw_out)
        self.trained = (trained_in, trained_rec, trained_out)

        self.b_out = self.w_out
        if parameters.feedback != "symmetric":
            self.b_out = layout.array("b_out", (n_out, n_post), real)
        self.trained_feedback: Trained | None = None
        if parameters.feedback == "adaptive":
            self.trained_feedback = self._trained("b", self.b_out, self.dw_out)

        self.current = layout.array("current", (n_post,), real)
        self.v = layout.array("v", (n_post,), real)
        self.a = layout.array("a", (n_alif,), real)
        self.psi = layout.array("psi", (n_post,), real)
        self.zbar = layout.array("zbar", (n_post,), real)
        self.zbar_sum = layout.array("zbar_sum", (n_post,), real)
        self.z = layout.array("z", (n_rec,), np.bool_)
        self.z_before = layout.array("z_before", (n_rec,), np.bool_)

        self.spike_count: Array | None = None
        if parameters.rate_weight:
            self.spike_count = layout.array("spike_count", (n_post,), np.int32)

        self.output = layout.array("output", (n_out,), np.int64)
        self.output_sum: Array | None = None
        if parameters.updates_each_timestep and pe.pe == 0:
            self.output_sum = layout.array("output_sum", (n_out,), np.int64)
        if pe.pe == 0 and pe.n_pe > 1:
            self.partial_outputs = layout.array("partial_outputs", (pe.n_pe - 1, n_out), np.int64)
        self.error = layout.array("error", (n_out,), real)
        self.signal = layout.array("learning_signal", (n_post,), real)

        self._receive_gradients(pe.n_groups, n_post, n_out)
        self._draw_weights(pe.seed)

    @property
    def matrices(self) -> dict[str, Trained]:
        """What is trained, by name: in, rec, out, and b where the feedback learns."""
        trained = dict(zip(("in", "rec", "out"), self.trained, strict=True))
        return trained | ({"b": self.trained_feedback} if self.trained_feedback else {})

    def _receive_gradients(self, n_groups: int, n_post: int, n_out: int) -> None:
        """Room for the gradients of two other groups, where no idle array has the shape."""
        if n_groups == 1:
            return
        real = np.dtype(self._parameters.precision)
        self.received_out = self.layout.array("received_out", (n_out, n_post), real)
        if self.trained_feedback is not None:
            self.received_b_first = self.layout.array("received_b_first", (n_out, n_post), real)
            self.received_b = self.layout.array("received_b", (n_out, n_post), real)

    def _trained(self, matrix: str, w: Array, dw: Array) -> Trained:
        def array(letter: str) -> Array:
            new = self.layout.array(f"{letter}_{matrix}", w.shape, w.dtype)
            setattr(self, f"{letter}_{matrix}", new)  # beside all other arrays, for who saves them
            return new

        kept = tuple(array(letter) for letter in KEPT[self._parameters.optimiser])
        return Trained(w, dw, kept, array("batch") if self._parameters.batch_size > 1 else None)

    def next_frame(self) -> int:
        """The next place of the ping-pong buffer ``x``."""
        place = self.n_frames % len(self.x)
        self.n_frames += 1
        return place

    def weights(self) -> dict[str, Array]:
        """Copies of the weight matrices, by name; b_out where it is not w_out."""
        weights = {"w_in": self.w_in, "w_rec": self.w_rec, "w_out": self.w_out}
        if self.b_out is not self.w_out:
            weights["b_out"] = self.b_out
        return {name: array.copy() for name, array in weights.items()}

    def reset(self) -> None:
        """Begin a sample: neurons at rest, traces and sums at zero."""
        for array in (
            *(self.v, self.a, self.z, self.z_before, self.zbar),
            *(self.eps_v_in, self.eps_a_in, self.e_bar_in),
            *(self.eps_v_rec, self.eps_a_rec, self.e_bar_rec),
            *(each for each in (self.spike_count, self.output_sum) if each is not None),
        ):
            array.fill(0)
        self.clear_sums()

    def clear_sums(self) -> None:
        """Begin the time steps of a gradient: sums over time at zero."""
        for array in (self.dw_in, self.dw_rec, self.zbar_sum):
            array.fill(0)

    def _draw_weights(self, seed: int) -> None:
        """N(0, 1) / sqrt(fan-in), a stream for each neuron: the same on any number of PEs."""

        def draw(matrix: Literal["w_in", "w_rec", "w_out", "b_out"], rows: Array, fan: int) -> None:
            bits = np.random.PCG64([seed, STREAMS[matrix]])
            rng, beginning = np.random.Generator(bits), bits.state
            for j, row in zip(self.own, rows, strict=True):
                bits.state = beginning
                bits.advance(j * DRAWS_PER_NEURON)
                row[:] = rng.standard_normal(len(row)) / np.sqrt(fan)

        n_rec = len(self.z)
        draw("w_in", self.w_in, self.w_in.shape[1])
        draw("w_rec", self.w_rec, n_rec)
        draw("w_out", self.w_out.T, n_rec)
        if self.b_out is not self.w_out:
            draw("b_out", self.b_out.T, n_rec)
